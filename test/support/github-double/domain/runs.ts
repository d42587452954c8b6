import { randomUUID } from "node:crypto";
import { parse } from "yaml";
import { git, resolveCommit } from "../git.ts";
import { readBlob, readCommit, readTree } from "../git-read.ts";
import { jobShape, runShape, workflowShape } from "../shapes/action.ts";
import { field, isJson } from "../spec/description.ts";
import { notFound, WireError } from "../wire-error.ts";
import type { Account, Repository, RunState, Workflow, WorkflowRun, World } from "../world.ts";
import { emit } from "./emit.ts";

const INPUTS_MAX = 25;
const INPUT_CHARS_MAX = 65_535;
const WORKFLOWS = ".github/workflows";

/** A workflow exists once its file is on the default branch. */
export async function listWorkflows(world: World, repo: Repository): Promise<readonly Workflow[]> {
  const entries =
    (await readTree(repo.gitDir, `refs/heads/${repo.defaultBranch}:${WORKFLOWS}`, false)) ?? [];
  return entries
    .filter((entry) => /\.ya?ml$/.test(entry.path))
    .map((entry) => {
      const path = `${WORKFLOWS}/${entry.path}`;
      let workflow = repo.workflows.get(path);
      if (workflow === undefined)
        repo.workflows.set(path, (workflow = { id: world.nextId(), path }));
      return workflow;
    });
}

export async function findWorkflow(
  world: World,
  repo: Repository,
  idOrFile: string,
): Promise<Workflow> {
  const workflow = (await listWorkflows(world, repo)).find(
    (w) =>
      String(w.id) === idOrFile || w.path === `${WORKFLOWS}/${idOrFile}` || w.path === idOrFile,
  );
  if (workflow === undefined) throw notFound();
  return workflow;
}

/** The workflow file as YAML, at a branch; undefined where that branch has none. */
export async function readWorkflow(
  repo: Repository,
  workflow: Workflow,
  ref: string,
): Promise<unknown> {
  const ran = await resolveCommit(repo.gitDir, ref);
  if (ran === undefined) return undefined;
  const sha = await git(repo.gitDir, ["rev-parse", `${ran}:${workflow.path}`]).catch(
    () => undefined,
  );
  const blob = sha === undefined ? undefined : await readBlob(repo.gitDir, sha.trim());
  return blob === undefined ? undefined : (parse(blob.toString("utf8")) as unknown);
}

export function workflowName(definition: unknown, workflow: Workflow): string {
  const name = field(definition, "name");
  return typeof name === "string" ? name : workflow.path;
}

export async function dispatch(
  world: World,
  repo: Repository,
  workflow: Workflow,
  actor: Account,
  wish: { readonly ref: string; readonly inputs: Readonly<Record<string, unknown>> },
): Promise<WorkflowRun> {
  const ref = wish.ref.replace(/^refs\/heads\//, "");
  // The file and the commit of the run are of one look: a push beside this moves the branch before the world hears of it.
  const sha = await resolveCommit(repo.gitDir, ref);
  if (sha === undefined) throw new WireError(422, `No ref found for: ${wish.ref}`);
  const definition = await readWorkflow(repo, workflow, sha);
  const inputs = checkInputs(definition, wish.inputs);
  const now = world.now();
  const name = workflowName(definition, workflow);
  const run: WorkflowRun = {
    id: world.nextId(),
    jobId: world.nextId(),
    number: repo.runs.size + 1,
    attempt: 1,
    repository: repo,
    workflow,
    workflowName: name,
    title: titleOf(definition, name, inputs),
    ref,
    sha,
    event: "workflow_dispatch",
    inputs,
    actor,
    requestToken: randomUUID(),
    state: "queued",
    conclusion: null,
    cancel: new AbortController(),
    createdAt: now,
    updatedAt: now,
  };
  repo.runs.set(run.id, run);
  await emitRun(world, run, "requested");
  emitJob(world, run, "queued");
  world.onRun?.(run);
  return run;
}

function checkInputs(
  definition: unknown,
  given: Readonly<Record<string, unknown>>,
): Record<string, string> {
  // YAML 1.1 readers take `on` for true; GitHub does not, and neither does the reader here.
  const on = field(definition, "on");
  const declaresIt =
    on === "workflow_dispatch" || (Array.isArray(on) && on.includes("workflow_dispatch"));
  if (!declaresIt && !(isJson(on) && "workflow_dispatch" in on)) {
    throw new WireError(422, "Workflow does not have 'workflow_dispatch' trigger");
  }
  const declared = field(field(on, "workflow_dispatch"), "inputs");
  const known = isJson(declared) ? declared : {};
  const unexpected = Object.keys(given).filter((name) => !(name in known));
  if (unexpected.length > 0) {
    throw new WireError(422, `Unexpected inputs provided: ${JSON.stringify(unexpected)}`);
  }
  const inputs: Record<string, string> = {};
  for (const [name, definitionOf] of Object.entries(known)) {
    const value = given[name] ?? field(definitionOf, "default");
    if (value === undefined && field(definitionOf, "required") === true) {
      throw new WireError(422, `Required input '${name}' not provided`);
    }
    inputs[name] =
      typeof value === "string" ? value : JSON.stringify(value ?? "").replace(/^""$/, "");
  }
  if (Object.keys(given).length > INPUTS_MAX)
    throw new WireError(422, "you may only define up to 25 inputs");
  if (JSON.stringify(inputs).length > INPUT_CHARS_MAX)
    throw new WireError(422, "inputs are too large.");
  return inputs;
}

function titleOf(
  definition: unknown,
  name: string,
  inputs: Readonly<Record<string, string>>,
): string {
  const template = field(definition, "run-name");
  if (typeof template !== "string") return name;
  return template.replace(
    /\$\{\{\s*(?:github\.event\.)?inputs(?:\.([\w-]+)|\['([^']+)'\])\s*\}\}/g,
    (_, dotted: string | undefined, quoted: string | undefined) =>
      inputs[dotted ?? quoted ?? ""] ?? "",
  );
}

/** Moves a run on; a completed run stays as it is. */
export async function moveRun(
  world: World,
  run: WorkflowRun,
  state: Exclude<RunState, "queued">,
  conclusion: string | null = null,
): Promise<void> {
  if (run.state === "completed") return;
  run.state = state;
  run.conclusion = conclusion;
  run.updatedAt = world.now();
  // What is told is the run as it is now, also when it moves on while we still talk.
  const now = { ...run };
  // Without a start there was no job.
  if (conclusion !== "startup_failure" && conclusion !== "stale") emitJob(world, now, state);
  await emitRun(world, now, state);
}

async function emitRun(world: World, run: WorkflowRun, action: string): Promise<void> {
  const commit = await readCommit(run.repository.gitDir, run.sha);
  emit(world, run.repository, "workflow_run", run.actor, {
    action,
    workflow: workflowShape(world, run.repository, run.workflow, run.workflowName),
    workflow_run: runShape(world, run, commit),
  });
}

function emitJob(world: World, run: WorkflowRun, action: string): void {
  emit(world, run.repository, "workflow_job", run.actor, {
    action,
    workflow_job: jobShape(world, run),
  });
}
