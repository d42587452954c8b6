import { type Draft, type Need, publishAgain, tellNeighbours } from "../../draft.ts";
import type { Facts } from "../../fact.ts";
import { viewOf } from "../../inputs.ts";
import { inTheWay, owns } from "../../lock/in-the-way.ts";
import { leaveQueue } from "../../lock/queue.ts";
import { judgeUnlock } from "../../policy/unlock-access.ts";
import type { Reason } from "../../reason.ts";
import { isActive } from "../../run/run.ts";
import { keysOf } from "../../run/start-run.ts";
import { abandonPlan, requestCancel } from "../../settle/supersede.ts";
import type { DirspaceState } from "../../snapshot.ts";
import type { Command } from "../command.ts";
import { type Answered, type Given, refuse } from "./answer.ts";
import { asOnDefaultBranch } from "./on-default-branch.ts";

/**
 * `unlock`: lets go of the dirspaces this pull request owns or waits for, and forgets what it planned and applied. It
 * is not a kill (S4): an apply in flight is asked to stop, and the unlock happens when it has ended. Others are
 * unlocked by themselves: the command is given to each of them, in the name of the same person.
 */
export function doUnlock(
  draft: Draft,
  facts: Facts,
  command: Extract<Command, { kind: "unlock" }>,
  given: Given,
): Answered {
  const { number } = draft.now().pullRequest;
  const drift: readonly Reason[] = command.drift ? [{ code: "no_drift_locks" }] : [];
  const others = othersOf(draft, command);
  for (const other of others) forward(draft, other, given, "terrane unlock");
  const forwarded: readonly Reason[] =
    others.length === 0 ? [] : [{ code: "unlock_forwarded", to: others }];
  const names = command.targets.length > 0 || command.blocking || command.drift;
  if (names && !command.targets.includes(number)) {
    if (forwarded.length + drift.length === 0) return refuse({ code: "nothing_blocks" });
    const outcome = forwarded.length > 0 ? "accepted" : "information";
    return { kind: "answered", outcome, reasons: [...forwarded, ...drift] };
  }
  const own = unlockOwn(draft, facts, given);
  if (own.kind !== "answered") return own;
  return { ...own, reasons: [...own.reasons, ...forwarded, ...drift] };
}

function othersOf(
  draft: Draft,
  { targets, blocking }: Extract<Command, { kind: "unlock" }>,
): readonly number[] {
  const snapshot = draft.now();
  const { number, view } = snapshot.pullRequest;
  const inFront = blocking && view !== undefined ? inTheWay(snapshot, view) : [];
  const all = new Set([...targets, ...inFront.map(({ by }) => by)]);
  return [...all].filter((target) => target !== number).sort((a, b) => a - b);
}

/** Gives the command to another pull request, whose own rules say whether this person may. */
export function forward(draft: Draft, number: number, { actor }: Given, text: string): void {
  const key = `forward:${draft.event.id}:${number}`;
  draft.effect({ kind: "forward_command", key, number, actor, text });
}

function unlockOwn(draft: Draft, facts: Facts, given: Given): Answered {
  const asking = asOnDefaultBranch(draft, facts, given);
  if (asking.kind === "ask") return asking;
  if (asking.kind === "denied") return refuse(...asking.refusals);
  const access = asking.kind === "unseen" ? asking : judgeUnlock(asking.asking);
  if (access.kind === "ask") return access;
  if (access.kind === "denied") return refuse(...access.refusals);

  const owned = keysOf(ownedBy(draft));
  const waits = draft.now().pullRequest.wait !== undefined;
  const applies = draft.now().dirspaces.some(appliesNow);
  if (owned.length === 0 && !waits && !applies) return refuse({ code: "nothing_to_unlock" });
  noteMerge(draft, facts);
  const stopping = stopApplies(draft);
  if (stopping.length > 0) {
    const reasons = [{ code: "unlock_waits", dirspaces: stopping } as const];
    return { kind: "answered", outcome: "accepted", reasons };
  }
  const need = unlockNow(draft);
  if (need !== undefined) return need;
  const reasons: readonly Reason[] = [
    ...(owned.length > 0 ? [{ code: "unlocked", dirspaces: owned } as const] : []),
    ...(waits ? [{ code: "wait_ended", why: "unlock" } as const] : []),
  ];
  return { kind: "answered", outcome: "accepted", reasons };
}

/**
 * A merge that nobody told of yet would take the locks again once it is seen. Nothing else is taken note of: what is
 * observed and not settled is news to nobody any more, and what follows from it would never come (S23).
 */
export function noteMerge(draft: Draft, facts: Facts): void {
  const view = viewOf(facts);
  if (view === "unasked" || view?.state !== "merged") return;
  draft.write({ kind: "observe", view });
}

/** S4: asks what applies to stop, and remembers to unlock once it has; empty where nothing does. */
export function stopApplies(draft: Draft): readonly DirspaceState["key"][] {
  const inFlight = draft.now().dirspaces.filter(appliesNow);
  if (inFlight.length === 0) return [];
  for (const run of draft.now().runs) {
    if (isActive(run) && run.kind === "apply") requestCancel(draft, run);
  }
  draft.write({ kind: "set_unlock_requested", requested: true });
  return keysOf(inFlight);
}

/** Releases every lock of the pull request and forgets its results; nothing of it may be applying. */
export function unlockNow(draft: Draft): Need | undefined {
  const owned = ownedBy(draft);
  const { dirspaces, held, pullRequest } = draft.now();
  const rows = [...keysOf(owned), ...(pullRequest.wait?.dirspaces ?? [])];
  if (!rows.every((key) => held.has(key))) {
    return { kind: "hold", dirspaces: [...new Set([...keysOf(dirspaces), ...rows])] };
  }
  for (const run of draft.now().runs) {
    if (!isActive(run) || run.kind !== "plan") continue;
    abandonPlan(draft, run, "cancelled", "unlocked");
  }
  leaveQueue(draft, "unlock");
  const released = keysOf(owned);
  if (released.length > 0) draft.write({ kind: "release_locks", dirspaces: released });
  draft.write({ kind: "forget_results" });
  publishAgain(draft);
  if (released.length > 0 || pullRequest.wait === undefined) {
    draft.because({ code: "locks_released", dirspaces: released, why: "unlock" });
  }
  tellNeighbours(draft, "released", released);
  return undefined;
}

export function ownedBy(draft: Draft): readonly DirspaceState[] {
  const { dirspaces, pullRequest } = draft.now();
  return dirspaces.filter((state) => owns(state, pullRequest.number));
}

function appliesNow(state: DirspaceState): boolean {
  const now = state.apply?.state;
  return now === "queued" || now === "running" || now === "granted" || now === "unknown";
}
