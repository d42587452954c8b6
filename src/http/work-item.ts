import { unreachable } from "../base/unreachable.ts";
import type { WorkDirspace, WorkEngine, WorkItem, WorkStep, WorkUnit } from "../contract/work.ts";
import { type DirspaceKey, dirspaceKey } from "../core/change/dirspace.ts";
import type { Engine } from "../core/config/engine.ts";
import type { Step } from "../core/config/step.ts";
import type { NewUnit } from "../core/decision.ts";
import type { ClaimedRun } from "../ports/runner-store.ts";

const PARALLEL_MAX = 64;

export interface WorkItemFacts {
  readonly run: ClaimedRun;
  readonly sealKey: Uint8Array;
  readonly cloneUrl: string | undefined;
  readonly heartbeatSeconds: number;
  readonly dashboardUrl: string;
}

/** The run as its runner gets it. */
export function workItem(facts: WorkItemFacts): WorkItem {
  const { run } = facts;
  // After the merge the base holds the change: it alone is checked out.
  const merged = run.checkout === "base";
  return {
    runId: run.runId,
    kind: run.kind,
    repository: {
      fullName: run.pullRequest.repository.ref.fullName,
      cloneUrl: facts.cloneUrl ?? null,
    },
    pullRequest: {
      number: run.pullRequest.number,
      headRef: run.headRef,
      baseRef: run.baseRef,
    },
    headSha: merged ? run.baseSha : run.headSha,
    baseSha: run.baseSha,
    reviewedSha: run.headSha,
    prepares: [...run.prepares],
    parallel: Math.min(Math.max(Math.trunc(run.parallel), 1), PARALLEL_MAX),
    units: run.units.map((unit) => workUnit(run, unit)),
    sealKey: Buffer.from(facts.sealKey).toString("base64"),
    heartbeatSeconds: facts.heartbeatSeconds,
    dashboardUrl: facts.dashboardUrl,
  };
}

function workUnit(run: ClaimedRun, unit: NewUnit): WorkUnit {
  const { affected, plan } = unit;
  const { workflow } = affected;
  const engine = workEngine(workflow.engine);
  const steps = workSteps(run.kind === "plan" ? workflow.plan : workflow.apply);
  const unsupported = engine.unsupported ?? steps.unsupported;
  const { dir, workspace } = affected.dirspace;
  return {
    dir,
    workspace,
    steps: unsupported === undefined ? steps.steps : [],
    engine: engine.engine,
    createAndSelectWorkspace: affected.createAndSelectWorkspace,
    stack: { name: affected.stack.name, variables: exported(affected.stack.variables) },
    after: unit.after.map(splitKey),
    planDigest: plan?.digest ?? null,
    ...(unit.expectedMs === undefined ? {} : { expectedMs: unit.expectedMs }),
    ...(unsupported === undefined ? {} : { unsupported }),
  };
}

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What can be a variable of an environment; others serve the configuration alone. */
function exported(variables: Readonly<Record<string, string>>): Record<string, string> {
  const usable = ([name, value]: [string, string]) => VARIABLE.test(name) && !value.includes("\0");
  return Object.fromEntries(Object.entries(variables).filter(usable));
}

/** Keys are unambiguous because a workspace holds no colon. */
export function splitKey(key: DirspaceKey): WorkDirspace {
  const colon = key.lastIndexOf(":");
  return { dir: key.slice(0, colon), workspace: key.slice(colon + 1) };
}

export function keyOf(dirspace: WorkDirspace): DirspaceKey {
  return dirspaceKey(dirspace as Parameters<typeof dirspaceKey>[0]);
}

interface MappedEngine {
  readonly engine: WorkEngine;
  readonly unsupported: string | undefined;
}

/** Shown to nobody: a unit with it is refused before anything looks at it. */
const NO_ENGINE: WorkEngine = { name: "terraform", version: null, command: null };

function workEngine(engine: Engine): MappedEngine {
  switch (engine.name) {
    case "terraform":
    case "tofu":
      return {
        engine: {
          name: engine.name,
          version: engine.version ?? null,
          command: engine.overrideTfCmd ?? null,
        },
        unsupported: undefined,
      };
    case "terragrunt":
    case "cdktf":
    case "stategraph":
    case "pulumi":
    case "fly":
    case "custom":
      return {
        engine: NO_ENGINE,
        unsupported: `The engine ${engine.name} is configured, and this version's runner works with terraform and tofu only. Configure one of these for this directory, or leave it out.`,
      };
    default:
      return unreachable(engine);
  }
}

interface MappedSteps {
  readonly steps: WorkStep[];
  readonly unsupported: string | undefined;
}

/** All of them or none: to skip a step that checks something would let through what it was written to stop. */
function workSteps(steps: readonly Step[]): MappedSteps {
  const mapped: WorkStep[] = [];
  for (const step of steps) {
    const one = workStep(step);
    if (typeof one === "string") {
      const unsupported = `The workflow has a step that this version's runner does not know: ${one}. Nothing was started, because the steps after it may rely on it. Take it out of the workflow, or do the same in a run step.`;
      return { steps: [], unsupported };
    }
    mapped.push(one);
  }
  return { steps: mapped, unsupported: undefined };
}

/** The step, or the name of what cannot be done. */
function workStep(step: Step): WorkStep | string {
  switch (step.type) {
    case "init":
      return { type: "init", extraArgs: [...step.extraArgs], env: { ...step.env } };
    case "plan":
      return {
        type: "plan",
        extraArgs: [...step.extraArgs],
        env: { ...step.env },
        mode: step.mode,
      };
    case "apply": {
      const { enabled, tries, initialSleepSeconds, backoff } = step.retry;
      const retry = enabled ? { tries, initialSleepSeconds, backoff } : null;
      return { type: "apply", extraArgs: [...step.extraArgs], env: { ...step.env }, retry };
    }
    case "run":
      if (step.onError.length > 0) return "on_error of a run step";
      return {
        type: "run",
        cmd: [...step.cmd],
        env: { ...step.env },
        captureOutput: step.captureOutput,
        ignoreErrors: step.ignoreErrors,
        runOn: step.runOn,
      };
    case "env": {
      const { method, cmd, sensitive } = step;
      const name = step.method === "exec" ? step.name : null;
      const trimTrailingNewlines = step.method === "exec" && step.trimTrailingNewlines;
      return { type: "env", method, name, cmd: [...cmd], sensitive, trimTrailingNewlines };
    }
    case "oidc":
    case "gates":
    case "slack":
      return step.type;
    case "policy":
      return step.tool;
    default:
      return unreachable(step);
  }
}
