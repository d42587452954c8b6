import { readFile, rm, stat } from "node:fs/promises";
import type { WorkStep } from "../../contract/step.ts";
import { PLAN_BYTES_MAX } from "../../contract/work.ts";
import { planFacts, sensitiveValues } from "../plan-json.ts";
import { capture } from "../process.ts";
import { elide, failureOf } from "../text.ts";
import { runTool, type ToolRun, toolFailure } from "../tool.ts";
import { OK, type StepEnd, type UnitState } from "../unit-state.ts";
import { engineArgs } from "./engine-args.ts";
import { storePlan } from "./store-plan.ts";

/** `show -json` of a very large plan; beyond this neither the server nor a reviewer could use it. */
const PLAN_JSON_CHARS_MAX = 256_000_000;
const TARGETS_MAX = 500;
/**
 * Progress that a plan writes before its text. Everything else is held back until the plan's sensitive
 * values are known: terraform prints them in clear where they pass through a computed attribute.
 */
const PROGRESS =
  /: (?:Refreshing state|Reading|Still reading|Read complete|Refreshing)\b|^(?:Acquiring|Releasing) state lock/;

type PlanStep = Extract<WorkStep, { type: "plan" }>;
type StepEnv = Readonly<Record<string, string>>;

export async function planStep(state: UnitState, step: PlanStep): Promise<StepEnd> {
  const prepared = engineArgs(state, "plan", step);
  if (prepared.kind === "failed") return prepared;
  const { env } = prepared;
  const targets = step.mode === "fast-and-loose" ? await changedAddresses(state, prepared) : [];
  await rm(state.planFile, { force: true });
  const fixed = ["-input=false", "-no-color", "-detailed-exitcode", `-out=${state.planFile}`];
  const { program, label } = state.engine;
  const run = await runTool(state, {
    program,
    label,
    args: ["plan", ...prepared.args, ...targets, ...fixed],
    env,
    live: (line, stream) => stream === "stdout" && PROGRESS.test(line) && !line.includes("[id="),
  });
  const code = run.ended.kind === "exited" ? run.ended.code : null;
  if (code === 0 || code === 2) return await planned(state, run, env, code === 2);
  return await planFailed(state, run, env);
}

async function planned(
  state: UnitState,
  run: ToolRun,
  env: StepEnv,
  changedByExitCode: boolean,
): Promise<StepEnd> {
  const shown = await showJson(state, env, [state.planFile]);
  if (shown.kind === "failed") {
    await run.release("stderr");
    return shown;
  }
  const secrets = sensitiveValues(shown.document);
  state.job.masker.addAll(secrets);
  await run.release("all");
  const facts = planFacts(shown.document);
  const text = await humanText(state, env);
  const changed = changedByExitCode || facts.changed;
  let digest: string | null = null;
  if (changed) {
    const stored = await storePlan(state, secrets);
    if (stored.kind === "failed") return stored;
    digest = stored.digest;
  }
  state.planned = {
    outcome: "planned",
    changed,
    planDigest: digest,
    counts: facts.counts,
    changes: facts.changes,
    text: elide(state.job.masker.mask(text)),
  };
  return OK;
}

/** An error can come after half a plan was printed; that half is shown only when its secrets are known. */
async function planFailed(state: UnitState, run: ToolRun, env: StepEnv): Promise<StepEnd> {
  const fromPlan = await stat(state.planFile)
    .then(() => [state.planFile])
    .catch(() => []);
  const shown = await showJson(state, env, fromPlan);
  const known = shown.kind === "ok";
  if (known) state.job.masker.addAll(sensitiveValues(shown.document));
  await run.release(known ? "all" : "stderr");
  const tail = known ? run.text() : run.stderr();
  const failure = toolFailure(state, "plan", `${state.engine.label} plan`, {
    ended: run.ended,
    tail,
  });
  return { kind: "failed", failure };
}

type Shown =
  | { readonly kind: "ok"; readonly document: unknown }
  | Extract<StepEnd, { kind: "failed" }>;

async function showJson(
  state: UnitState,
  env: StepEnv,
  planFile: readonly string[],
): Promise<Shown> {
  const { engine, job, path } = state;
  const run = await capture(
    {
      program: engine.program,
      args: ["show", "-json", ...planFile],
      cwd: path,
      env,
      protect: false,
    },
    { stop: job.stop, graceMs: job.graceMs, charsMax: PLAN_JSON_CHARS_MAX },
  );
  const label = `${engine.label} show -json`;
  if (run.ended.kind !== "exited" || run.ended.code !== 0) {
    const failure = toolFailure(state, "show", label, { ended: run.ended, tail: run.stderr });
    return { kind: "failed", failure };
  }
  try {
    if (!run.overflow) return { kind: "ok", document: JSON.parse(run.stdout) as unknown };
  } catch {
    return unreadable(
      `${label} wrote no JSON. Is "${engine.label}" the engine that is configured?`,
    );
  }
  return unreadable(
    `${label} wrote more than ${PLAN_JSON_CHARS_MAX} characters. Split the module.`,
  );
}

function unreadable(message: string): Shown {
  return { kind: "failed", failure: failureOf("show", message) };
}

async function humanText(state: UnitState, env: StepEnv): Promise<string> {
  const { engine, job, path, planFile } = state;
  const run = await capture(
    {
      program: engine.program,
      args: ["show", "-no-color", planFile],
      cwd: path,
      env,
      protect: false,
    },
    { stop: job.stop, graceMs: job.graceMs, charsMax: PLAN_BYTES_MAX },
  );
  return run.stdout.trim();
}

/**
 * The quick first half of a `fast-and-loose` plan: which resources differ from the recorded state. Only
 * those are then planned for real. Nothing found, or too much, means a whole plan.
 */
async function changedAddresses(
  state: UnitState,
  prepared: { readonly args: readonly string[]; readonly env: StepEnv },
): Promise<string[]> {
  const { engine, job, path } = state;
  const run = await capture(
    {
      program: engine.program,
      args: ["plan", ...prepared.args, "-input=false", "-refresh=false", "-json"],
      cwd: path,
      env: prepared.env,
      protect: false,
    },
    { stop: job.stop, graceMs: job.graceMs, charsMax: PLAN_JSON_CHARS_MAX },
  );
  const found = new Set(run.stdout.split("\n").flatMap(addressIn));
  if (found.size > TARGETS_MAX) return [];
  return [...found].map((address) => `-target=${address}`);
}

function addressIn(line: string): string[] {
  const match = /"type":"(?:planned_change|resource_drift)"/.test(line);
  if (!match) return [];
  try {
    const message = JSON.parse(line) as { change?: { resource?: { addr?: unknown } } };
    const address = message.change?.resource?.addr;
    return typeof address === "string" ? [address] : [];
  } catch {
    return [];
  }
}

/** A plan file that steps of type `run` wrote: stored like one of the plan step, with nothing known of its content. */
export async function storeForeignPlan(state: UnitState): Promise<StepEnd> {
  const size = await readFile(state.planFile)
    .then((bytes) => bytes.length)
    .catch(() => 0);
  if (size === 0) return OK;
  const stored = await storePlan(state, []);
  if (stored.kind === "failed") return stored;
  state.planned = { ...unchangedPlan(), changed: true, planDigest: stored.digest };
  return OK;
}

export function unchangedPlan() {
  const { counts, changes } = planFacts({});
  return {
    outcome: "planned",
    changed: false,
    planDigest: null,
    counts,
    changes,
    text: "",
  } as const;
}
