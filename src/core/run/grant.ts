import type { DirspaceKey } from "../change/dirspace.ts";
import type { RunId } from "../ids.ts";
import { ownersBefore } from "../lock/in-the-way.ts";
import { phasesOf, stalenessOf } from "../phase.ts";
import type { PullRequestView } from "../pull-request.ts";
import type { DirspaceState, Snapshot } from "../snapshot.ts";
import type { Run } from "./run.ts";
import { stackOrder } from "./stack-order.ts";

/** A runner is about to apply one dirspace and asks for permission. */
export interface GrantRequest {
  readonly runId: RunId;
  readonly unit: DirspaceKey;
  /** Digest of the plan bytes it holds; undefined where it has none. */
  readonly digest: string | undefined;
  /** The pull request as the VCS says right now (S14), not as it was when the command was accepted. */
  readonly view: PullRequestView;
}

export type GrantDecision =
  /** Without a plan where none binds the run. */
  | { readonly kind: "granted"; readonly planRunId: RunId | undefined }
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

/**
 * Whether the apply may begin now. Asked immediately before each apply, with the dirspace's row held, so
 * whatever changed since the command was accepted still stops it (S5, S10, S12, S14).
 */
export function decideGrant(snapshot: Snapshot, request: GrantRequest): GrantDecision {
  const { unit, view } = request;
  const state = snapshot.dirspaces.find((one) => one.key === unit);
  const run = snapshot.runs.find((one) => one.id === request.runId);
  const work = run?.works.find((one) => one.dirspace === unit);
  if (state === undefined || run === undefined || work === undefined) {
    return refused("UNKNOWN_UNIT", `This run has no unit ${unit}.`);
  }
  if (run.kind !== "apply" || run.state === "ended") {
    return refused("RUN_OVER", "This run may not apply any more.");
  }
  if (run.cancelRequested) return refused("CANCELLED", "The run was cancelled.");
  if (work.state !== "queued" && work.state !== "running") {
    return refused("GRANT_USED", `The permission to apply ${unit} was taken already.`);
  }
  if (view.state === "closed") return refused("CLOSED", "The pull request was closed.");
  const planned =
    run.autoApprove === true ? judgeUnplanned(state, run, request) : judgePlan(state, request);
  return planned.kind === "granted" ? (inTheWay(state, request, snapshot) ?? planned) : planned;
}

/** `apply_after` speaks about other dirspaces of the pull request: one alone is not enough to decide on. */
export function needsWhole({ dirspaces }: Snapshot): boolean {
  return dirspaces.some((state) => (state.affected?.stack.applyAfter.length ?? 0) > 0);
}

/**
 * No plan was reviewed, so the engine will plan and apply in one go: it has to be the commit, the base and the state of
 * the dirspace that were there when somebody asked for it (S10, S11).
 */
function judgeUnplanned(
  { apply, lastFence }: DirspaceState,
  run: Run,
  { unit, digest, view }: GrantRequest,
): GrantDecision {
  if (digest !== undefined) {
    return refused("PLAN_SWAPPED", `No plan binds the apply of ${unit}, and the job brings one.`);
  }
  if (view.headSha !== run.headSha) {
    return refused(
      "HEAD_MOVED",
      `A newer commit was pushed since the apply of ${unit} was asked for.`,
    );
  }
  if (view.baseSha !== run.baseSha) {
    return refused("BASE_MOVED", `The base branch moved since the apply of ${unit} was asked for.`);
  }
  if (apply?.runId !== run.id || apply.fenceSeen < lastFence) {
    return refused("APPLIED_ELSEWHERE", `Something else applied ${unit} since this was asked for.`);
  }
  return { kind: "granted", planRunId: undefined };
}

function judgePlan(state: DirspaceState, request: GrantRequest): GrantDecision {
  const { unit, view } = request;
  const { plan } = state;
  if (plan?.state !== "planned" || plan.changed !== true || plan.planDigest === undefined) {
    return refused("NOT_PLANNED", `${unit} has no plan to apply.`);
  }
  if (plan.planDigest !== request.digest) {
    return refused("PLAN_SWAPPED", `The plan of ${unit} is not the one that was reviewed.`);
  }
  if (view.headSha !== plan.headSha) {
    return refused("HEAD_MOVED", `A newer commit was pushed since ${unit} was planned.`);
  }
  const stale = stalenessOf(plan, state, view);
  if (stale !== undefined) {
    return refused("PLAN_STALE", `The plan of ${unit} no longer holds (${stale.kind}).`);
  }
  return { kind: "granted", planRunId: plan.runId };
}

/** Stacks that come first, locks, and applies in flight. */
function inTheWay(
  state: DirspaceState,
  { unit, view }: GrantRequest,
  snapshot: Snapshot,
): GrantDecision | undefined {
  const order = stackOrder([state], snapshot.dirspaces, phasesOf(snapshot.dirspaces, view));
  const [waiting] = order.waiting;
  if (waiting?.code === "stacks_unapplied") {
    const first = waiting.waitFor.join(", ");
    return refused("STACK_ORDER", `${unit} is applied after ${first}, which is not applied.`);
  }
  const [lock] = ownersBefore(state, snapshot, view);
  if (lock !== undefined) {
    return refused("LOCKED", `${unit} is locked by pull request #${lock.pullRequest}.`);
  }
  if (state.inFlight !== undefined) {
    const by = state.inFlight.number;
    return refused("APPLY_IN_FLIGHT", `Another apply of ${unit} is in flight (#${by}).`);
  }
  return undefined;
}

function refused(code: string, message: string): GrantDecision {
  return { kind: "refused", code, message };
}
