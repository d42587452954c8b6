import { mkdir, realpath, rm, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve } from "node:path";
import { unreachable } from "../base/unreachable.ts";
import type { Gate, WorkStep } from "../contract/step.ts";
import type { PlanFacts, UnitResult, WorkUnit } from "../contract/work.ts";
import { estimateCost } from "./cost.ts";
import { openEngine } from "./engine/open-engine.ts";
import { unitEnvironment } from "./environment.ts";
import type { Masker } from "./mask.ts";
import type { UnitOutput } from "./output.ts";
import type { Env } from "./process.ts";
import { Reports } from "./reports.ts";
import { OK, type StepEnd } from "./scope.ts";
import { applyStep } from "./steps/apply.ts";
import { takeGrant } from "./steps/grant.ts";
import { initStep } from "./steps/init.ts";
import { runSteps } from "./steps/loop.ts";
import type { Cloud } from "./steps/oidc.ts";
import { planStep, storeForeignPlan, unchangedPlan } from "./steps/plan.ts";
import { policyStep } from "./steps/policy.ts";
import { sharedStep } from "./steps/shared.ts";
import { elide, failureOf } from "./text.ts";
import type { Job, UnitState } from "./unit-state.ts";

export interface UnitStart {
  readonly job: Job;
  readonly unit: WorkUnit;
  readonly output: UnitOutput;
  readonly env: Env;
  /** Approvals that the hooks before all units asked for. */
  readonly gates: readonly Gate[];
  /** Credentials that hooks before it brought. */
  readonly clouds: readonly Cloud[];
  /** A folder of this unit alone, removed when it ends. */
  readonly scratch: string;
  /** Told what is worked on before the first step. */
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
    tmp,
    planFile,
    planJson: undefined,
    usedPlan: undefined,
    env: { ...env, ...engine.environment },
    failure: undefined,
    reports: new Reports(job.masker),
    gates: [...start.gates],
    clouds: [...start.clouds],
    approved: job.work.kind === "apply" ? (unit.approved ?? []) : undefined,
    facts: undefined,
    costed: undefined,
    planned: undefined,
    fence: undefined,
    planOpened: false,
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
  const end = await runSteps(state, unit.steps, (step) => runOne(state, step));
  if (end.kind === "not_started") return { outcome: "not_started", because: end.because };
  const stopped = job.stop.reason;
  // A check that did not run has let nothing pass; what was applied is applied, whatever was to follow.
  const incomplete =
    job.work.kind === "plan"
      ? end.kind === "cut" || state.planned === undefined
      : state.applied === undefined;
  if (stopped !== undefined && incomplete) state.failure ??= failureOf("cancel", stopped);
  const costed = await state.costed;
  if (costed !== undefined) state.reports.add(costed.report);
  const result = job.work.kind === "plan" ? await planResult(state) : await applyResult(state);
  if (result.outcome === "not_started") return result;
  const steps = state.reports.all();
  const told = steps.length === 0 ? {} : { steps };
  return result.outcome === "planned" && costed?.cost !== undefined
    ? { ...result, ...told, cost: costed.cost }
    : { ...result, ...told };
}

async function runOne(state: UnitState, step: WorkStep): Promise<StepEnd> {
  switch (step.type) {
    case "init":
      return await initStep(state, step);
    case "plan": {
      const end = await planStep(state, step);
      if (state.planned?.changed === true) state.costed ??= estimateCost(state);
      return end;
    }
    case "apply": {
      if (state.job.work.kind !== "apply") return noApplyInPlan();
      const granted = await takeGrant(state);
      return granted.kind === "ok" ? await applyStep(state, step) : granted;
    }
    case "run":
    case "gates": {
      const granted = await grantFor(state);
      return granted.kind === "ok" ? await sharedStep(state, step) : granted;
    }
    case "policy": {
      const granted = await grantFor(state);
      return granted.kind === "ok" ? await policyStep(state, step) : granted;
    }
    case "env":
    case "oidc":
    case "slack":
    case "webhook":
    case "unknown":
      return await sharedStep(state, step);
    default:
      return unreachable(step);
  }
}

/** Before a command of the customer's in an apply; a handler of failures runs also when none was asked for. */
async function grantFor(state: UnitState): Promise<StepEnd> {
  const needed = state.job.work.kind === "apply" && state.failure === undefined;
  return needed ? await takeGrant(state) : OK;
}

function noApplyInPlan(): StepEnd {
  const message =
    'The workflow has an "apply" step among its plan steps. Move it to the apply steps of the workflow.';
  return { kind: "failed", failure: failureOf("apply", message) };
}

type Finished = Exclude<UnitResult, { outcome: "waiting" }>;

async function planResult(state: UnitState): Promise<Finished> {
  if (state.failure === undefined && state.planned === undefined) {
    const stored = await storeForeignPlan(state);
    if (stored.kind === "failed") state.failure = stored.failure;
  }
  if (state.failure !== undefined) {
    return { outcome: "failed", failure: state.failure, fence: null };
  }
  const { facts, gates } = state;
  return {
    ...(state.planned ?? unchangedPlan()),
    ...(facts === undefined ? {} : { facts }),
    ...(gates.length === 0 ? {} : { gates: [...gates] }),
  };
}

async function applyResult(state: UnitState): Promise<Finished> {
  if (state.failure === undefined && !state.planOpened) {
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
      const facts = result.facts && maskedFacts(result.facts, hide);
      return {
        ...result,
        changes,
        text: elide(hide(result.text)),
        ...(facts === undefined ? {} : { facts }),
      };
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

function maskedFacts(facts: PlanFacts, hide: (text: string) => string): PlanFacts {
  const modules = facts.modules.map((module) => ({
    ...module,
    path: hide(module.path),
    source: hide(module.source),
  }));
  return { ...facts, modules };
}
