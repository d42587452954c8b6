import type { WorkDirspace, WorkItem, WorkUnit } from "../contract/work.ts";
import { type DirspaceKey, dirspaceKey } from "../core/change/dirspace.ts";
import type { NewUnit } from "../core/decision.ts";
import { askedOf, stageOf } from "../core/run/preparing.ts";
import type { ClaimedRun } from "../ports/runner-store.ts";
import { workEngine } from "./work-engine.ts";
import { workHook, workStep } from "./work-step.ts";
import { planStorage } from "./work-storage.ts";

const PARALLEL_MAX = 64;
const RESOURCELY =
  "The integration resourcely is configured for this directory, and this version's runner does not know it. Set `integrations: {resourcely: {enabled: false}}`, and run the tool in a `run` step.";

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
  const { settings } = run;
  const alone = settings?.checkoutStrategy === "checkout" && !merged;
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
    // A head that is merged with itself stays as it is.
    baseSha: alone ? run.headSha : run.baseSha,
    reviewedSha: run.headSha,
    prepares: run.next === undefined ? [] : [stageOf(run.next.what)],
    ...builderOf(run),
    parallel: Math.min(Math.max(Math.trunc(run.parallel), 1), PARALLEL_MAX),
    ...(run.autoApprove ? { autoApprove: true } : {}),
    units: run.units.map((unit) => workUnit(run.kind, unit)),
    ...(settings === undefined
      ? {}
      : {
          hooks: {
            pre: settings.hooks.pre.map(workHook),
            post: settings.hooks.post.map(workHook),
          },
          storage: planStorage(settings.storage),
        }),
    ...costOf(run),
    trigger: "pr",
    keepsGates: true,
    sealKey: Buffer.from(facts.sealKey).toString("base64"),
    heartbeatSeconds: facts.heartbeatSeconds,
    dashboardUrl: facts.dashboardUrl,
  };
}

function builderOf({ next }: ClaimedRun): Pick<WorkItem, "builder"> {
  if (next?.order === undefined) return {};
  const { script, input } = next.order;
  const digest = askedOf(next.what);
  return {
    builder: {
      script,
      ...(input === undefined ? {} : { stdin: input }),
      ...(digest === undefined ? {} : { digest }),
    },
  };
}

/** A plan has a price; what is being applied was told when it was planned. */
function costOf({ kind, settings }: ClaimedRun): Pick<WorkItem, "cost"> {
  const cost = settings?.costEstimation;
  if (kind !== "plan" || cost?.enabled !== true) return {};
  return { cost: { provider: cost.provider, currency: cost.currency } };
}

export function workUnit(kind: WorkItem["kind"], unit: NewUnit): WorkUnit {
  const { affected, plan } = unit;
  const { workflow } = affected;
  const engine = workEngine(workflow.engine);
  // A check that cannot be made must not be passed in silence.
  const unsupported =
    engine.unsupported ?? (workflow.integrations.resourcely.enabled ? RESOURCELY : undefined);
  const steps = kind === "plan" ? workflow.plan : workflow.apply;
  const { dir, workspace } = affected.dirspace;
  return {
    dir,
    workspace,
    steps: unsupported === undefined ? steps.map(workStep) : [],
    engine: engine.engine,
    createAndSelectWorkspace: affected.createAndSelectWorkspace,
    stack: { name: affected.stack.name, variables: exported(affected.stack.variables) },
    after: unit.after.map(splitKey),
    planDigest: plan?.digest ?? null,
    ...(plan === undefined
      ? {}
      : {
          approved: (plan.gates ?? []).map((gate) => ({
            ...gate,
            allOf: [...gate.allOf],
            anyOf: [...gate.anyOf],
          })),
        }),
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
