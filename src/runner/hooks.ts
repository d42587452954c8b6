import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { unreachable } from "../base/unreachable.ts";
import type { Gate, StepReport, WorkHook } from "../contract/step.ts";
import type { Failure, Issue, UnitResult, WorkDirspace } from "../contract/work.ts";
import { hookEnvironment } from "./environment.ts";
import type { Host, LogGroup } from "./host/host.ts";
import type { JobSetup } from "./job-setup.ts";
import { UnitOutput } from "./output.ts";
import type { Env } from "./process.ts";
import { Reports } from "./reports.ts";
import { resultsFile } from "./results-file.ts";
import type { Scope, StepEnd } from "./scope.ts";
import { driftIssues } from "./steps/drift-issues.ts";
import { runSteps } from "./steps/loop.ts";
import type { Cloud } from "./steps/oidc.ts";
import { optionsOf } from "./steps/options.ts";
import { sharedStep } from "./steps/shared.ts";
import { failureOf } from "./text.ts";
import type { Job } from "./unit-state.ts";

/** What the units came to, for the hooks after them. */
export interface Reported {
  readonly unit: WorkDirspace;
  readonly result: UnitResult;
}

export interface HooksStart {
  readonly host: Host;
  readonly env: Env;
  readonly scratch: string;
  readonly setup: JobSetup;
}

export interface HooksEnd {
  /** For everything after them. */
  readonly env: Env;
  /** From the first hook that failed. */
  readonly failure: Failure | undefined;
  readonly reports: readonly StepReport[];
  readonly gates: readonly Gate[];
  /** Each that may ask for approvals did, or had nothing to ask; one that crashed or never ran has not said that nobody needs to look. */
  readonly haveAsked: boolean;
  /** For everything after them, renewed before they end. */
  readonly clouds: readonly Cloud[];
  readonly issues: readonly Issue[];
}

/** Its log is written at once: what this waits for is its own pause for more of it. */
const LOG_WAIT_MS = 5_000;

interface HookScope extends Scope {
  readonly group: LogGroup;
  readonly results: readonly Reported[];
  readonly issues: Issue[];
}

/** Runs the hooks before the units; what they set in the environment holds for all units. */
export async function runPreHooks(job: Job, start: HooksStart): Promise<HooksEnd> {
  const hooks = job.work.hooks?.pre ?? [];
  if (hooks.length === 0) return nothing(start.env);
  const scope = await open(job, start, "pre");
  const end = await run(scope, hooks, start);
  if (end.failure === undefined) return end;
  const message = `A hook that runs before the dirspaces failed, so none of them was started. ${end.failure.message}`;
  return { ...end, failure: failureOf(end.failure.step, message, end.failure) };
}

export interface PostHooksStart extends HooksStart {
  readonly results: readonly Reported[];
  /** Of the hooks before: part of the results that hooks can read. */
  readonly before: HooksEnd;
  /** The first thing that went wrong, which decides with `run_on`. */
  readonly failure: Failure | undefined;
}

/** Runs the hooks after the units, with the results of all of them in a file. */
export async function runPostHooks(job: Job, start: PostHooksStart): Promise<HooksEnd> {
  const hooks = job.work.hooks?.post ?? [];
  if (hooks.length === 0) return nothing(start.env);
  const scope = await open(job, start, "post", start.results, start.before.clouds);
  scope.failure = start.failure;
  const file = join(scope.tmp, "results.json");
  const { before, results } = start;
  const succeeded = start.failure === undefined;
  const document = resultsFile({ units: job.work.units, results, pre: before.reports, succeeded });
  await writeFile(file, job.masker.mask(JSON.stringify(document, undefined, 2)), { mode: 0o600 });
  const result = succeeded ? "succeeded" : "failed";
  for (const prefix of ["TERRANE", "TERRATEAM"]) {
    scope.env[`${prefix}_RESULTS_FILE`] = file;
    scope.env[`${prefix}_RESULT`] = result;
  }
  return await run(scope, hooks, start);
}

async function open(
  job: Job,
  start: HooksStart,
  phase: "pre" | "post",
  results: readonly Reported[] = [],
  clouds: readonly Cloud[] = [],
): Promise<HookScope> {
  const tmp = join(start.scratch, `hooks-${phase}`);
  await mkdir(tmp, { recursive: true, mode: 0o700 });
  const group = start.host.openGroup(`Hooks ${phase === "pre" ? "before" : "after"}`);
  return {
    job,
    group,
    output: new UnitOutput({ dir: ".", workspace: "default" }, intoLog(group), job.masker),
    path: job.root,
    tmp,
    env: hookEnvironment(start.env, job.work, { root: job.root, tmp }),
    failure: undefined,
    reports: new Reports(job.masker),
    gates: [],
    clouds: [...clouds],
    approved: job.work.kind === "apply" ? approvedByAll(job) : undefined,
    results,
    issues: [],
  };
}

/** Hooks run one after the other and alone, so the log of the job can show what they say while they say it. */
function intoLog(group: LogGroup): ConstructorParameters<typeof UnitOutput>[1] {
  return {
    output: ({ seq, text }) => {
      group.write(text.endsWith("\n") ? text : `${text}\n`);
      return Promise.resolve({ kind: "ok", value: { nextSeq: seq + 1 } });
    },
  };
}

/** A hook speaks for all dirspaces of its run, so all of them must have been approved. */
function approvedByAll({ work }: Job): Gate[] {
  const [first, ...others] = work.units.map(({ approved = [] }) => approved);
  const texts = others.map((gates) => new Set(gates.map((gate) => JSON.stringify(gate))));
  return (first ?? []).filter((gate) => texts.every((all) => all.has(JSON.stringify(gate))));
}

async function run(
  scope: HookScope,
  hooks: readonly WorkHook[],
  start: HooksStart,
): Promise<HooksEnd> {
  const silent = new Set(hooks.filter(mayAsk));
  const once = async (hook: WorkHook) => {
    const end = await runHook(scope, hook);
    // A hook may have brought a key or a token that the next one needs in its place.
    scope.env = { ...(await start.setup.apply(scope.env)) };
    return end;
  };
  try {
    await runSteps(scope, hooks, once, (hook, outcome) => {
      if (outcome !== "failed") silent.delete(hook);
    });
    await scope.output.close(LOG_WAIT_MS);
  } finally {
    scope.group.end();
  }
  // Where nothing failed, what is there for failures has nothing to ask.
  const missed = [...silent].filter(
    (hook) => scope.failure !== undefined || optionsOf(hook).runOn !== "failure",
  );
  const reports = scope.reports.all();
  const failed = reports.some(({ outcome }) => outcome === "failed");
  return {
    env: scope.env,
    failure: failed ? scope.failure : undefined,
    reports,
    gates: scope.gates,
    haveAsked: missed.length === 0,
    clouds: scope.clouds,
    issues: scope.issues,
  };
}

async function runHook(scope: HookScope, hook: WorkHook): Promise<StepEnd> {
  switch (hook.type) {
    case "drift_create_issue":
      return await driftIssues(scope, hook);
    case "run":
    case "env":
    case "oidc":
    case "gates":
    case "slack":
    case "webhook":
    case "unknown":
      return await sharedStep(scope, hook);
    default:
      return unreachable(hook);
  }
}

function mayAsk(hook: WorkHook): boolean {
  return hook.type === "gates" || optionsOf(hook).gates.length > 0;
}

function nothing(env: Env): HooksEnd {
  const none = { reports: [], gates: [], clouds: [], issues: [] };
  return { env, failure: undefined, haveAsked: true, ...none };
}
