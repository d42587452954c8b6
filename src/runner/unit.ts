import { mkdir, realpath, rm, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve } from "node:path";
import { unreachable } from "../base/unreachable.ts";
import type { WorkStep } from "../contract/step.ts";
import type { UnitResult, WorkUnit } from "../contract/work.ts";
import { openEngine } from "./engine/open-engine.ts";
import { unitEnvironment } from "./environment.ts";
import type { Masker } from "./mask.ts";
import type { UnitOutput } from "./output.ts";
import type { Env } from "./process.ts";
import { applyStep } from "./steps/apply.ts";
import { envStep } from "./steps/env.ts";
import { takeGrant } from "./steps/grant.ts";
import { initStep } from "./steps/init.ts";
import { planStep, storeForeignPlan, unchangedPlan } from "./steps/plan.ts";
import { runStep } from "./steps/run.ts";
import { elide, failureOf } from "./text.ts";
import { type Job, OK, type StepEnd, type UnitState } from "./unit-state.ts";

export interface UnitStart {
  readonly job: Job;
  readonly unit: WorkUnit;
  readonly output: UnitOutput;
  readonly env: Env;
  /** A folder of this unit alone, removed when it ends. */
  readonly scratch: string;
  /** Told when the engine begins and ends to change infrastructure. */
  readonly watch: (state: UnitState) => void;
}

/** Works on one dirspace from its first step to its result; whatever goes wrong becomes a result. */
export async function runUnit(start: UnitStart): Promise<UnitResult> {
  const { job, unit } = start;
  const { reason } = job.stop;
  if (reason !== undefined) return { outcome: "not_started", because: reason };
  if (unit.unsupported !== undefined) {
    await start.output.say(unit.unsupported);
    return { outcome: "failed", failure: failureOf("workflow", unit.unsupported), fence: null };
  }
  let state: UnitState | undefined;
  let result: UnitResult;
  try {
    const opened = await open(start);
    if (opened.kind === "failed") {
      return masked({ outcome: "failed", failure: opened.failure, fence: null }, job.masker);
    }
    state = opened.state;
    start.watch(state);
    result = await work(state);
  } catch (error) {
    // A bug of ours: the unit fails with a reason that can be reported, the others go on.
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const message = `The runner itself failed while working on ${unit.dir} (${unit.workspace}).`;
    const failure = failureOf("runner", message, { tail: detail });
    result = { outcome: "failed", failure, fence: state?.fence ?? null };
  } finally {
    await rm(start.scratch, { recursive: true, force: true });
  }
  if (result.outcome === "failed") await start.output.say(result.failure.message);
  return masked(result, job.masker);
}

type Opened =
  | { readonly kind: "ok"; readonly state: UnitState }
  | Extract<StepEnd, { kind: "failed" }>;

async function open(start: UnitStart): Promise<Opened> {
  const { job, unit, scratch, output } = start;
  const path = await directoryOf(job.root, unit.dir);
  if (path === undefined) {
    const message = `The directory "${unit.dir}" does not exist in this commit merged with its base, or leads out of the repository.`;
    return { kind: "failed", failure: failureOf("checkout", message) };
  }
  const tmp = join(scratch, "tmp");
  const data = join(scratch, "data");
  await mkdir(tmp, { recursive: true, mode: 0o700 });
  const planFile = join(scratch, "plan");
  const env = unitEnvironment(start.env, job.work, unit, { root: job.root, planFile, tmp, data });
  const { root, toolchain } = job;
  const opened = await openEngine(unit.engine, { root, path, env, toolchain });
  if (opened.kind === "failed") return opened;
  const { engine } = opened;
  const state: UnitState = {
    job,
    unit,
    engine,
    output,
    path,
    planFile,
    planJson: undefined,
    env: { ...env, ...engine.environment },
    failure: undefined,
    planned: undefined,
    fence: undefined,
    applying: false,
    applied: undefined,
  };
  return { kind: "ok", state };
}

/** The directory itself, never one outside the checkout, also not by a symbolic link. */
async function directoryOf(root: string, dir: string): Promise<string | undefined> {
  if (dir.includes("\0")) return undefined;
  const path = resolve(root, `./${dir}`);
  try {
    const [realRoot, real] = await Promise.all([realpath(root), realpath(path)]);
    const inside = relative(realRoot, real);
    if (inside === ".." || inside.startsWith("../") || isAbsolute(inside)) return undefined;
    return (await stat(real)).isDirectory() ? path : undefined;
  } catch {
    return undefined;
  }
}

async function work(state: UnitState): Promise<UnitResult> {
  const { job, unit } = state;
  for (const step of unit.steps) {
    if (!wanted(state, step)) continue;
    if (job.stop.reason !== undefined) break;
    const end = await runOne(state, step);
    switch (end.kind) {
      case "ok":
        break;
      case "not_started":
        return { outcome: "not_started", because: end.because };
      case "failed":
        if (step.type === "run" && step.ignoreErrors) {
          await state.output.say(`${end.failure.message} This step's errors are ignored.`);
        } else state.failure ??= end.failure;
        break;
      default:
        unreachable(end);
    }
  }
  const stopped = job.stop.reason;
  const incomplete =
    job.work.kind === "plan" ? state.planned === undefined : state.applied === undefined;
  if (stopped !== undefined && incomplete) state.failure ??= failureOf("cancel", stopped);
  return job.work.kind === "plan" ? await planResult(state) : await applyResult(state);
}

function wanted(state: UnitState, step: WorkStep): boolean {
  const failed = state.failure !== undefined;
  if (!("runOn" in step)) return !failed;
  switch (step.runOn) {
    case "always":
      return true;
    case "success":
      return !failed;
    case "failure":
      return failed;
    default:
      return unreachable(step.runOn);
  }
}

async function runOne(state: UnitState, step: WorkStep): Promise<StepEnd> {
  switch (step.type) {
    case "init":
      return await initStep(state, step);
    case "plan":
      return await planStep(state, step);
    case "env":
      return await envStep(state, step);
    case "run": {
      // A handler of failures runs also when no grant was asked for.
      const granted = needsGrant(state) ? await takeGrant(state) : OK;
      return granted.kind === "ok" ? await runStep(state, step) : granted;
    }
    case "apply": {
      if (state.job.work.kind !== "apply") return noApplyInPlan();
      const granted = await takeGrant(state);
      return granted.kind === "ok" ? await applyStep(state, step) : granted;
    }
    case "oidc":
    case "policy":
    case "gates":
    case "slack": {
      const message = `The workflow has a step that this runner does not know: ${step.type}. The steps after it were not started.`;
      return { kind: "failed", failure: failureOf(step.type, message) };
    }
    default:
      return unreachable(step);
  }
}

function needsGrant(state: UnitState): boolean {
  return state.job.work.kind === "apply" && state.failure === undefined;
}

function noApplyInPlan(): StepEnd {
  const message =
    'The workflow has an "apply" step among its plan steps. Move it to the apply steps of the workflow.';
  return { kind: "failed", failure: failureOf("apply", message) };
}

async function planResult(state: UnitState): Promise<UnitResult> {
  if (state.failure === undefined && state.planned === undefined) {
    const stored = await storeForeignPlan(state);
    if (stored.kind === "failed") state.failure = stored.failure;
  }
  if (state.failure !== undefined) {
    return { outcome: "failed", failure: state.failure, fence: null };
  }
  return state.planned ?? unchangedPlan();
}

async function applyResult(state: UnitState): Promise<UnitResult> {
  if (state.failure === undefined && state.fence === undefined) {
    const granted = await takeGrant(state);
    if (granted.kind === "not_started") return { outcome: "not_started", because: granted.because };
    if (granted.kind === "failed") state.failure = granted.failure;
  }
  const fence = state.fence ?? null;
  if (state.failure !== undefined || fence === null) {
    const failure = state.failure ?? failureOf("grant", "The apply was not granted.");
    return { outcome: "failed", failure, fence };
  }
  const applied = state.applied ?? { outcome: "applied", outputs: [], text: "" };
  return { ...applied, fence };
}

/** The last door before the wire: every text of a result, whichever step wrote it. */
function masked(result: UnitResult, masker: Masker): UnitResult {
  const hide = (text: string) => masker.mask(text);
  switch (result.outcome) {
    case "planned": {
      const changes = result.changes.map((change) => ({
        ...change,
        address: hide(change.address),
        replacePaths: change.replacePaths.map(hide),
      }));
      return { ...result, changes, text: elide(hide(result.text)) };
    }
    case "applied":
      return { ...result, text: elide(hide(result.text)) };
    case "failed": {
      const { failure } = result;
      const message = hide(failure.message);
      return { ...result, failure: { ...failure, message, tail: elide(hide(failure.tail)) } };
    }
    case "waiting":
    case "not_started":
      return result;
    default:
      return unreachable(result);
  }
}
