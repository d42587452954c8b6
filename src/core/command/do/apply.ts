import type { Instant } from "../../../base/brand.ts";
import { unreachable } from "../../../base/unreachable.ts";
import type { Draft } from "../../draft.ts";
import type { Facts } from "../../fact.ts";
import type { Account } from "../../ids.ts";
import type { Inputs } from "../../inputs.ts";
import { joinQueue } from "../../lock/queue.ts";
import { lockRefusals, takeLocks } from "../../lock/take-locks.ts";
import { automerge } from "../../merge/automerge.ts";
import { isDone, openPredecessors, type Phase, phasesOf, stalenessOf } from "../../phase.ts";
import { judgeAccess } from "../../policy/access.ts";
import { judgeRequirements } from "../../policy/apply-requirements.ts";
import type { Query } from "../../query/query.ts";
import type { Reason } from "../../reason.ts";
import { stackOrder } from "../../run/stack-order.ts";
import { keysOf, type StartedRun, startRuns } from "../../run/start-run.ts";
import { settle } from "../../settle/settle.ts";
import type { DirspaceState } from "../../snapshot.ts";
import { type Answered, refuse } from "./answer.ts";
import { select } from "./select.ts";
import { unseenPlans } from "./unseen-plans.ts";

/** Who wants it applied, and by which of the commands. */
export interface ApplyAsked {
  readonly who: Account;
  readonly operation: "apply" | "apply-force" | "apply-autoapprove";
  /** The command as typed. */
  readonly text: string;
  /** When it was, by the clock of the VCS. */
  readonly writtenAt?: Instant | undefined;
}

/**
 * `apply`: applies exactly the plans that were reviewed. Everything that speaks against it is collected and
 * said at once. Whether it still holds is asked again before each dirspace, when its grant is taken.
 */
export function doApply(
  draft: Draft,
  facts: Facts,
  query: Query | undefined,
  { who, operation, text, writtenAt }: ApplyAsked,
): Answered {
  const settled = settle(draft, facts);
  if (settled.kind === "ask" || settled.kind === "hold") return settled;
  if (settled.kind === "stopped") return refuse(...settled.reasons);
  const { inputs } = settled;
  const { view } = inputs;
  const selected = select(draft.now(), inputs, query);
  if (selected.kind === "none") return refuse(selected.reason);

  const all = draft.now().dirspaces;
  const phases = phasesOf(all, view);
  const open = selected.states.filter((state) => !isDone(phases.get(state.key) ?? "unplanned"));
  const asking = { config: inputs.config, view, who, facts };
  const access = judgeAccess(asking, operation, open, draft.now());
  if (access.kind === "ask") return access;
  const mine = open.filter((state) => access.kind === "denied" || access.dirspaces.has(state.key));
  const { free: wanted, waiting: stacks } = stackOrder(mine, all, phases);
  const leftOut = access.kind === "denied" ? [] : access.leftOut;
  const may = READY[operation];
  const ready = wanted.filter((state) => may.has(phases.get(state.key) ?? "unplanned"));
  const forced = operation === "apply-force";
  const judged = judgeRequirements(
    { config: inputs.config, view, facts, gateApprovals: draft.now().pullRequest.gateApprovals },
    forced ? [] : ready,
  );
  if (judged.kind === "ask") return judged;

  const denials = access.kind === "denied" ? access.refusals : [];
  const unready = wanted.filter((state) => !ready.includes(state));
  const plans = planRefusals(unready, phases, inputs, draft.now().pullRequest.number);
  const locks = lockRefusals(draft.now(), view);
  const unseen = operation === "apply-autoapprove" ? [] : unseenPlans(ready, writtenAt);
  const refusals: Reason[] = [...denials, ...plans, ...unseen, ...judged.refusals, ...locks];
  // Whoever may apply and has only others in the way gets a place behind them.
  const mayWait =
    denials.length + unseen.length + judged.refusals.length === 0 &&
    plans.every(isMendedByPlanning);
  if (locks.length > 0 && mayWait && wanted.length > 0) {
    const queued = joinQueue(draft, view, { actor: who.login, command: text });
    return "kind" in queued ? queued : refuse(...refusals, queued);
  }
  const waiting = [...waitingReason(wanted, phases), ...stacks];
  if (ready.length === 0 && refusals.length === 0) {
    if (waiting.length > 0) return refuse(...waiting, ...leftOut);
    // What was in the way of the merge may be gone; this is how people say so.
    automerge(draft, inputs);
    return { kind: "answered", outcome: "information", reasons: [{ code: "nothing_to_apply" }] };
  }
  if (refusals.length > 0) return refuse(...refusals);

  // Locks are taken on the rows themselves, all or none, so that two pull requests cannot both get them.
  const keys = keysOf(all);
  if (!keys.every((key) => draft.now().held.has(key))) return { kind: "hold", dirspaces: keys };
  takeLocks(draft, view, ready);
  const autoApprove = operation === "apply-autoapprove";
  const request = { kind: "apply", states: ready, actor: who, forced, autoApprove } as const;
  const { runs, held } = startRuns(draft, inputs, request);
  const started = startedReasons(runs, { who, operation }, judged.approvedBy);
  const reasons = [...started, ...waiting, ...held, ...leftOut];
  return { kind: "answered", outcome: "accepted", reasons };
}

const PLANNED: ReadonlySet<Phase> = new Set(["planned"]);

/** What each of the commands takes up. Without a reviewed plan it does not matter what became of the last one. */
const READY: Readonly<Record<ApplyAsked["operation"], ReadonlySet<Phase>>> = {
  apply: PLANNED,
  "apply-force": PLANNED,
  "apply-autoapprove": new Set(["planned", "unplanned", "stale", "plan_failed", "apply_failed"]),
};

function startedReasons(
  runs: readonly StartedRun[],
  { who: { login }, operation }: Omit<ApplyAsked, "text">,
  approvedBy: readonly string[],
): readonly Reason[] {
  const dirspaces = runs.flatMap((run) => run.dirspaces);
  switch (operation) {
    case "apply-autoapprove":
      return runs.map((run) => ({ code: "autoapprove_started", ...run, login, approvedBy }));
    case "apply":
    case "apply-force": {
      const started = runs.map((run) => ({ code: "apply_started", ...run, approvedBy }) as const);
      const forced = { code: "apply_forced", login, dirspaces } as const;
      return operation === "apply" ? started : [...started, forced];
    }
    default:
      return unreachable(operation);
  }
}

/** The next in line is planned again when its turn comes. */
function isMendedByPlanning({ code }: Reason): boolean {
  return code === "plan_stale" || code === "plan_running" || code === "not_planned";
}

/** One reason for each thing that is wrong with the selected plans, in the order people should look at them. */
function planRefusals(
  states: readonly DirspaceState[],
  phases: ReadonlyMap<DirspaceState["key"], Phase>,
  inputs: Inputs,
  number: number,
): readonly Reason[] {
  const of = (phase: Phase) => keysOf(states.filter((state) => phases.get(state.key) === phase));
  const reasons: Reason[] = [];
  const add = (dirspaces: ReturnType<typeof of>, reason: (keys: typeof dirspaces) => Reason) => {
    if (dirspaces.length > 0) reasons.push(reason(dirspaces));
  };
  add(of("applying"), (dirspaces) => ({ code: "apply_in_flight", dirspaces, by: number }));
  add(of("unknown"), (dirspaces) => ({ code: "apply_unknown", dirspaces }));
  add(of("plan_failed"), (dirspaces) => ({ code: "plan_failed", dirspaces }));
  add(of("apply_failed"), (dirspaces) => ({
    code: "plan_stale",
    dirspaces,
    because: { kind: "apply_failed" },
  }));
  for (const state of states) {
    if (phases.get(state.key) !== "stale" || state.plan === undefined) continue;
    const because = stalenessOf(state.plan, state, inputs.view) ?? { kind: "applied_elsewhere" };
    reasons.push({ code: "plan_stale", dirspaces: [state.key], because });
  }
  add(of("planning"), (dirspaces) => ({ code: "plan_running", dirspaces }));
  add(of("unplanned"), (dirspaces) => ({ code: "not_planned", dirspaces }));
  return reasons;
}

function waitingReason(
  states: readonly DirspaceState[],
  phases: ReadonlyMap<DirspaceState["key"], Phase>,
): readonly Reason[] {
  const waiting = states.filter((state) => phases.get(state.key) === "waiting");
  if (waiting.length === 0) return [];
  const waitFor = [...new Set(waiting.flatMap((state) => openPredecessors(state, phases)))];
  return [{ code: "predecessors_unapplied", dirspaces: keysOf(waiting), waitFor }];
}
