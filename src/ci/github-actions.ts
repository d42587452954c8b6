import { z } from "zod";
import type { Instant } from "../base/brand.ts";
import type { AttemptId } from "../core/ids.ts";
import type { Ci, CiConclusion, CiJob, CiStart, CiStatus, ExistingRunner } from "../ports/ci.ts";
import type { RepositoryRef, VcsFailure, VcsResult } from "../ports/vcs.ts";
import { type ActionsApi, repositoryPath } from "./github-actions-api.ts";
import { findExistingRunner, isExistingRunner } from "./github-actions-existing.ts";
import { createIdentifier } from "./github-actions-identity.ts";
import { advised } from "./github-actions-refusal.ts";
import { namesAttempt } from "./names-attempt.ts";
import { startOnce } from "./start-once.ts";
import { statusOfFailure } from "./status-of-failure.ts";

export interface GithubActionsOptions {
  readonly api: ActionsApi;
  /** Who signs the identity tokens of the jobs. */
  readonly issuer: string;
  readonly now: () => Instant;
  /** File names below `.github/workflows`, tried in this order. */
  readonly workflows: readonly string[];
  /** Reusable workflows that the job may be in, as `owner/repo/path@ref`; those of the repository's own file need no mention. */
  readonly jobWorkflows?: readonly string[];
}

export const DEFAULT_WORKFLOWS = ["terrane.yml", "terrane.yaml", "terrateam.yml", "terrateam.yaml"];

/** Inputs that a workflow may do without: they are for people and for convenience only. */
const OPTIONAL_INPUTS: ReadonlySet<string> = new Set(["server_url", "title"]);
const TITLE_CHARS_MAX = 200;
/** As many of the newest runs are looked through for an attempt. */
const RUNS_LOOKED_AT = 100;

const dispatchedSchema = z.object({
  workflow_run_id: z.union([z.number(), z.bigint()]).transform(String),
  html_url: z.string(),
});

const runSchema = z.object({
  id: z.union([z.number(), z.bigint()]).transform(String),
  status: z.string().nullable(),
  conclusion: z.string().nullable(),
  html_url: z.string(),
  display_title: z.string(),
});

type Run = z.infer<typeof runSchema>;

const runListSchema = z.object({ workflow_runs: z.array(runSchema) });

/** Runs jobs as GitHub Actions workflow runs, always with the workflow code of the default branch. */
export function createGithubActions(options: GithubActionsOptions): Ci {
  const { api, workflows } = options;
  const identify = createIdentifier(options);
  return {
    kind: "github-actions",
    files: workflows.map((name) => `.github/workflows/${name}`),
    start: startOnce((job) => start(api, workflows, job)),
    status: (repo, attempt, ciRun) => status(api, repo, attempt, ciRun),
    cancel: (repo, attempt, ciRun) => cancel(api, repo, attempt, ciRun),
    identify,
  };
}

async function start(api: ActionsApi, workflows: readonly string[], job: CiJob): Promise<CiStart> {
  if (job.existing !== undefined) return await startExisting(api, job, job.existing);
  // The answer to an earlier dispatch may have been lost: then the run is there.
  const earlier =
    job.first === true ? undefined : await findRun(api, job.repository, job.attempt, "permits");
  if (earlier !== undefined) {
    if (earlier.kind !== "ok") return earlier;
    if (earlier.value !== undefined) return started(earlier.value);
  }
  const ref = job.defaultBranch;
  let refusal: VcsFailure | undefined;
  for (const workflow of workflows) {
    const answer = await dispatch(api, job, { workflow, ref }, inputsOf(job), true);
    if (answer.kind === "rejected" && isExistingRunner(answer.message)) refusal = answer;
    else if (answer.kind !== "not_found") return advised(answer, { workflow, ref });
  }
  const existing = await findExistingRunner(api, job.repository);
  if (existing !== undefined) return existing;
  if (refusal !== undefined) return refusal;
  const message = `The default branch ${job.defaultBranch} has none of the workflows ${workflows.join(", ")} in .github/workflows, or the app may not start them. Add the workflow file and push it to ${job.defaultBranch}. If this pull request adds it, merge it first: jobs run what is on the default branch, so that no change can rewrite them.`;
  return { kind: "rejected", message };
}

function started(run: Run): CiStart {
  return { kind: "started", ciRun: run.id, url: run.html_url };
}

/** The attempt says which job it is and opens nothing by itself (P6). */
function inputsOf(job: CiJob): Readonly<Record<string, string>> {
  return {
    attempt: job.attempt,
    server_url: job.serverUrl,
    title: job.title.slice(0, TITLE_CHARS_MAX),
    ...(job.environment === undefined ? {} : { environment: job.environment }),
    ...(job.runsOn === undefined ? {} : { runs_on: job.runsOn }),
  };
}

/** Its name says nothing of the attempt, so an earlier run of it cannot be found; only one of them gets the work. */
async function startExisting(
  api: ActionsApi,
  job: CiJob,
  { workflow, branch, workToken, apiBaseUrl }: ExistingRunner,
): Promise<CiStart> {
  const inputs = {
    "work-token": workToken,
    "api-base-url": apiBaseUrl,
    ...(job.environment === undefined ? {} : { environment: job.environment }),
    ...(job.runsOn === undefined ? {} : { runs_on: job.runsOn }),
  };
  const answer = await dispatch(api, job, { workflow, ref: branch }, inputs, true);
  if (answer.kind !== "not_found") return advised(answer, { workflow, ref: branch });
  const message = `The branch ${branch} has no workflow file of its own. Merge or rebase it onto ${job.defaultBranch}, which has one.`;
  return { kind: "rejected", message };
}

/** Which workflow, and whose code of it. */
interface Workflow {
  readonly workflow: string;
  readonly ref: string;
}

async function dispatch(
  api: ActionsApi,
  job: CiJob,
  at: Workflow,
  inputs: Readonly<Record<string, string>>,
  withDetails: boolean,
): Promise<CiStart> {
  const route = `POST ${repositoryPath("/actions/workflows/{workflow_id}/dispatches")}`;
  const answer = await api.send(job.repository, route, {
    repository_id: job.repository.id,
    workflow_id: at.workflow,
    ref: at.ref,
    inputs,
    ...(withDetails ? { return_run_details: true } : {}),
  });
  if (answer.kind === "rejected") {
    return await dispatchWithLess(api, job, at, inputs, withDetails, answer);
  }
  if (answer.kind !== "ok") return answer;
  const details = dispatchedSchema.safeParse(answer.value.data);
  if (details.success) {
    return { kind: "started", ciRun: details.data.workflow_run_id, url: details.data.html_url };
  }
  if (job.existing !== undefined) return { kind: "started", ciRun: undefined, url: undefined };
  // An older server says nothing; the run shows up a moment later, and whoever asks finds it by its name.
  const found = await findRun(api, job.repository, job.attempt, "permits");
  if (found.kind === "ok" && found.value !== undefined) return started(found.value);
  return { kind: "started", ciRun: undefined, url: undefined };
}

/** What was refused is left out, as long as the job means the same without it. */
async function dispatchWithLess(
  api: ActionsApi,
  job: CiJob,
  at: Workflow,
  inputs: Readonly<Record<string, string>>,
  withDetails: boolean,
  refusal: VcsFailure,
): Promise<CiStart> {
  if (withDetails && refusal.message.includes("return_run_details")) {
    return await dispatch(api, job, at, inputs, false);
  }
  const unexpected = unexpectedInputs(refusal.message);
  const droppable = unexpected.length > 0 && unexpected.every((name) => OPTIONAL_INPUTS.has(name));
  if (!droppable || unexpected.every((name) => !(name in inputs))) return refusal;
  const fewer = Object.fromEntries(
    Object.entries(inputs).filter(([name]) => !unexpected.includes(name)),
  );
  return await dispatch(api, job, at, fewer, withDetails);
}

/** `Unexpected inputs provided: ["title"]`. */
function unexpectedInputs(message: string): readonly string[] {
  const list = /Unexpected inputs provided: \[([^\]]*)\]/.exec(message)?.[1];
  return list === undefined ? [] : [...list.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? "");
}

/** The run of an attempt by its name, which the workflow sets from its input (`run-name`). */
async function findRun(
  api: ActionsApi,
  repository: RepositoryRef,
  attempt: AttemptId,
  weight?: "permits",
): Promise<VcsResult<Run | undefined>> {
  const wanted = {
    repository_id: repository.id,
    event: "workflow_dispatch",
    per_page: RUNS_LOOKED_AT,
  };
  const answer = await api.send(
    repository,
    `GET ${repositoryPath("/actions/runs")}`,
    wanted,
    weight,
  );
  if (answer.kind !== "ok") return answer;
  const list = runListSchema.safeParse(answer.value.data);
  if (!list.success) return unreadable();
  // Newest first. Whoever can start workflows can copy a name, but only after ours was there to be read.
  const found = list.data.workflow_runs.findLast((run) => namesAttempt(run.display_title, attempt));
  return { kind: "ok", value: found };
}

async function readRun(
  api: ActionsApi,
  repository: RepositoryRef,
  attempt: AttemptId,
  ciRun: string | undefined,
  weight?: "permits",
): Promise<VcsResult<Run | undefined>> {
  if (ciRun === undefined) return await findRun(api, repository, attempt, weight);
  const route = `GET ${repositoryPath("/actions/runs/{run_id}")}`;
  const answer = await api.send(
    repository,
    route,
    { repository_id: repository.id, run_id: ciRun },
    weight,
  );
  if (answer.kind !== "ok") return answer;
  const run = runSchema.safeParse(answer.value.data);
  return run.success ? { kind: "ok", value: run.data } : unreadable();
}

function unreadable(): VcsFailure {
  const message = "GitHub's answer about workflow runs cannot be read.";
  return { kind: "unavailable", message, retryAfterMs: undefined };
}

async function status(
  api: ActionsApi,
  repository: RepositoryRef,
  attempt: AttemptId,
  ciRun: string | undefined,
): Promise<CiStatus> {
  const run = await readRun(api, repository, attempt, ciRun);
  if (run.kind !== "ok") return statusOfFailure(run);
  if (run.value === undefined) {
    return { kind: "unknown", message: "No workflow run carries the id of this attempt." };
  }
  switch (run.value.status) {
    case "completed":
      return { kind: "ended", conclusion: conclusionOf(run.value.conclusion) };
    case "in_progress":
      return { kind: "running" };
    default:
      // queued, pending, requested, waiting: nothing of it runs yet.
      return { kind: "pending" };
  }
}

const CONCLUSIONS: Readonly<Record<string, CiConclusion>> = {
  success: "success",
  failure: "failure",
  cancelled: "cancelled",
  timed_out: "timed_out",
  neutral: "neutral",
  skipped: "skipped",
  stale: "stale",
  action_required: "action_required",
  startup_failure: "startup_failure",
};

function conclusionOf(text: string | null): CiConclusion {
  return text !== null && Object.hasOwn(CONCLUSIONS, text)
    ? (CONCLUSIONS[text] ?? "other")
    : "other";
}

/** A run that is over already is as good as cancelled. */
async function cancel(
  api: ActionsApi,
  repository: RepositoryRef,
  attempt: AttemptId,
  ciRun: string | undefined,
): Promise<void | VcsFailure> {
  // Stopping a job is among the last things to be given up (L37).
  const run = await readRun(api, repository, attempt, ciRun, "permits");
  if (run.kind !== "ok") return run;
  if (run.value === undefined) {
    return { kind: "not_found", message: "No workflow run carries the id of this attempt." };
  }
  if (run.value.status === "completed") return undefined;
  const route = `POST ${repositoryPath("/actions/runs/{run_id}/cancel")}`;
  const wanted = { repository_id: repository.id, run_id: run.value.id };
  const answer = await api.send(repository, route, wanted);
  if (answer.kind === "ok") return undefined;
  return answer.kind === "rejected" && /completed/i.test(answer.message) ? undefined : answer;
}
