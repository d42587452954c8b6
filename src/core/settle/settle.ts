import { unreachable } from "../../base/unreachable.ts";
import type { Draft, Need } from "../draft.ts";
import { publish } from "../draft.ts";
import { type Facts, factOf } from "../fact.ts";
import { type Inputs, prepare } from "../inputs.ts";
import { owns } from "../lock/in-the-way.ts";
import { settleQueue } from "../lock/queue.ts";
import { automerge } from "../merge/automerge.ts";
import { refuseGroup, settleGroup } from "../merge/settle-group.ts";
import { stopOf, withoutStop } from "../notice.ts";
import { isDone, phasesOf } from "../phase.ts";
import type { PullRequestView } from "../pull-request.ts";
import type { PlanWhy, Reason } from "../reason.ts";
import { isActive } from "../run/run.ts";
import { keysOf } from "../run/start-run.ts";
import { showingOf } from "../showing.ts";
import { answerOrder } from "./answer-order.ts";
import { autoapply } from "./autoapply.ts";
import { autoplan, autoplanAccess } from "./autoplan.ts";
import { refreshBase } from "./base-refresh.ts";
import { endUnfilled, isReading, readCode } from "./read-code.ts";
import { refreshSettings } from "./settings-refresh.ts";
import { settleLocks } from "./settle-locks.ts";
import { standStill } from "./stand-still.ts";
import { abandonPlan, supersedeOldPlans } from "./supersede.ts";

export type Settled =
  | Need
  | { readonly kind: "stopped"; readonly reasons: readonly Reason[] }
  | { readonly kind: "settled"; readonly inputs: Inputs };

/**
 * Brings a pull request to where it should be, whatever happened: records what it changes, ends what is
 * outdated, takes and releases locks. Driven by state, not by the event, so lost, doubled and reordered events
 * lead to the same place (S22, S23). `again`: somebody wants the code read once more, although that went wrong.
 */
export function settle(draft: Draft, facts: Facts, again = false): Settled {
  const settled = attempt(draft, facts, again);
  if (settled.kind === "settled") clearStop(draft);
  // What the code refers to is read: nothing stops it, and nothing is known yet.
  else if (settled.kind === "stopped" && settled.reasons.every(isReading)) clearStop(draft);
  else if (settled.kind === "stopped") noteStop(draft, settled.reasons);
  return settled;
}

function attempt(draft: Draft, facts: Facts, again: boolean): Settled {
  const { unserved } = draft.now().pullRequest;
  if (unserved !== undefined) {
    standStill(draft, unserved);
    return { kind: "stopped", reasons: [{ code: "not_served", ...unserved }] };
  }
  const prepared = prepare(draft.now(), facts, draft.event.at);
  if (prepared.kind === "ask") return prepared;
  if (prepared.kind !== "ready") noteCentral(draft, facts);
  if (prepared.kind === "unread") {
    draft.consult(prepared.book);
    return readCode(draft, prepared.view, prepared.wanted, again);
  }
  if (prepared.kind === "stopped") {
    if (prepared.book !== undefined) draft.consult(prepared.book);
    return stop(draft, prepared.view, prepared.reasons);
  }
  const { inputs } = prepared;
  draft.consult(inputs.book);
  const { view } = inputs;
  draft.write({ kind: "observe", view });
  recordChangeSet(draft, inputs);
  supersedeOldPlans(draft, view);
  refreshSettings(draft, inputs);
  const need =
    refreshBase(draft, facts, inputs) ?? settleLocks(draft, view) ?? settleQueue(draft, view);
  if (need !== undefined) return need;
  return { kind: "settled", inputs };
}

/** Plans what is due and tells what there is to tell. */
export function settleAndPlan(draft: Draft, facts: Facts, why: PlanWhy): Need | undefined {
  const settled = settle(draft, facts);
  if (settled.kind === "ask" || settled.kind === "hold") return settled;
  publish(draft);
  if (settled.kind === "stopped") {
    // What the code refers to is read first; the group is answered after that.
    if (!settled.reasons.every(isReading)) refuseGroup(draft, isOver(draft));
    // Whatever else stops it says itself what to do.
    if (isClosed(draft)) draft.because(...keptLocks(draft));
    return undefined;
  }
  const { inputs } = settled;
  const { view, affected, deletedDirs } = inputs;
  const permitted = autoplanAccess(draft, facts, inputs);
  if (permitted.kind === "ask") return permitted;
  autoplan(draft, inputs, view.state === "merged" ? "merged" : why, permitted.dirspaces);
  endUnfilled(draft, view);
  noteDenials(draft, permitted.leftOut);
  const need = autoapply(draft, facts, inputs);
  if (need !== undefined) return need;
  answerOrder(draft, view);
  const { dirspaces } = draft.now();
  if (affected.length === 0) draft.because({ code: "nothing_affected", deletedDirs });
  else if (isAllDone(draft, view)) draft.because({ code: "all_applied" });
  else if (dirspaces.length > 0) draft.because({ code: "plans_current" });
  draft.because(...keptLocks(draft));
  automerge(draft, inputs);
  return settleGroup(draft, facts, inputs);
}

export function isAllDone(draft: Draft, view: PullRequestView): boolean {
  const { dirspaces } = draft.now();
  const phases = phasesOf(dirspaces, view);
  const wanted = dirspaces.filter((state) => state.affected !== undefined);
  return wanted.length > 0 && wanted.every((state) => isDone(phases.get(state.key) ?? "unplanned"));
}

function recordChangeSet(draft: Draft, inputs: Inputs): void {
  const { view, affected, config, deletedDirs, warnings, central } = inputs;
  // The one that was reviewed stays; one that was merged before we looked has none.
  if (view.state === "merged" && draft.now().pullRequest.changeSet !== undefined) return;
  if (view.state === "merged" && inputs.repository === undefined) return;
  const showing = showingOf(config);
  draft.write({
    kind: "record_change_set",
    headSha: view.headSha,
    baseSha: view.merged?.onto ?? view.baseSha,
    affected,
    parallel: config.parallelRuns,
    deletedDirs,
    warnings,
    ...(central === undefined ? {} : { central }),
    ...(showing === undefined ? {} : { showing }),
  });
}

/**
 * Where no change set can be made the last one stays, and is taken note of to have been looked at with this commit: the
 * reconciler would take it for one that nobody told of the move, at each of its looks.
 */
function noteCentral(draft: Draft, facts: Facts): void {
  const { changeSet } = draft.now().pullRequest;
  const looked = factOf(facts, { kind: "central" });
  if (changeSet === undefined || looked === undefined) return;
  const { central: before, ...record } = changeSet;
  const central = looked.at?.commit;
  if (central === before) return;
  draft.write({
    kind: "record_change_set",
    ...record,
    affected: draft.now().dirspaces.flatMap((state) => state.affected ?? []),
    ...(central === undefined ? {} : { central }),
  });
}

/** Nothing can run: what is planning ends, locks follow the state of the pull request. */
function stop(
  draft: Draft,
  view: PullRequestView | undefined,
  reasons: readonly Reason[],
): Settled {
  if (view !== undefined) draft.write({ kind: "observe", view });
  for (const run of draft.now().runs) {
    if (!isActive(run) || run.kind !== "plan") continue;
    abandonPlan(draft, run, "cancelled", "the pull request cannot be planned any more");
    draft.because({ code: "run_cancelled", runId: run.id });
  }
  draft.because(...reasons);
  const need = (view && settleLocks(draft, view)) ?? settleQueue(draft, view);
  return need ?? { kind: "stopped", reasons };
}

function isOver(draft: Draft): boolean {
  const { view } = draft.now().pullRequest;
  return view === undefined || view.state !== "open";
}

function isClosed(draft: Draft): boolean {
  return draft.now().pullRequest.view?.state === "closed";
}

/** Others are kept out although nothing is going on here: what it takes to let them in again is said with the decision. */
function keptLocks(draft: Draft): readonly Reason[] {
  const { dirspaces, pullRequest } = draft.now();
  const { view, number } = pullRequest;
  const kept = dirspaces.filter((state) => owns(state, number));
  if (view === undefined || kept.length === 0) return [];
  const why = keptWhy(draft, view);
  return why === undefined ? [] : [{ code: "locks_kept", dirspaces: keysOf(kept), why }];
}

function keptWhy(draft: Draft, view: PullRequestView): LocksKeptWhy | undefined {
  switch (view.state) {
    case "closed":
      return "closed_after_apply";
    case "merged":
      return "unapplied_after_merge";
    case "open":
      // Before that the change is being applied, and nobody asks why it is locked.
      return isAllDone(draft, view) ? "applied_not_merged" : undefined;
    default:
      return unreachable(view.state);
  }
}

type LocksKeptWhy = Extract<Reason, { code: "locks_kept" }>["why"];

/** What stopped the automatic step is shown until it no longer holds. */
function noteStop(draft: Draft, reasons: readonly Reason[]): void {
  const shown = reasons.filter((reason) => !QUIET.has(reason.code));
  if (shown.length === 0) return;
  const notice = {
    at: draft.event.at,
    command: undefined,
    actor: undefined,
    outcome: "refused",
    reasons: shown,
  } as const;
  draft.write({ kind: "set_notice", notice });
}

/** The answer to a command stays until the next one. */
function noteDenials(draft: Draft, reasons: readonly Reason[]): void {
  draft.because(...reasons);
  if (draft.now().pullRequest.notice?.command === undefined) noteStop(draft, reasons);
}

function clearStop(draft: Draft): void {
  const { notice } = draft.now().pullRequest;
  if (notice === undefined || stopOf(notice) === undefined) return;
  draft.write({ kind: "set_notice", notice: withoutStop(notice) });
}

/** An automatic step that has nothing to do in these says so in its decision only, not in the pull request. */
const QUIET: ReadonlySet<Reason["code"]> = new Set([
  "disabled",
  "pull_request_closed",
  "pull_request_gone",
  "base_not_configured",
  "source_not_configured",
]);
