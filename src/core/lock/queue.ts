import { canonicalJson } from "../../base/canonical-json.ts";
import type { DirspaceKey } from "../change/dirspace.ts";
import { type Draft, type Need, tellNeighbours } from "../draft.ts";
import { isDone, phasesOf } from "../phase.ts";
import type { PullRequestView } from "../pull-request.ts";
import type { Reason } from "../reason.ts";
import { isActive } from "../run/run.ts";
import { keysOf } from "../run/start-run.ts";
import type { Snapshot, Wait } from "../snapshot.ts";
import { claimOf, inTheWay, meets, owns, refusalsFor } from "./in-the-way.ts";

type Queued = Extract<Reason, { code: "queued" }>;

/** Where a pull request that waits stands among those who wait for any of the same dirspaces. */
export function positionOf(snapshot: Snapshot, view: PullRequestView): Queued | undefined {
  const { wait } = snapshot.pullRequest;
  if (wait === undefined) return undefined;
  const places = new Map([[snapshot.pullRequest.number, wait.place]]);
  for (const other of othersWaiting(snapshot, view)) places.set(other.pullRequest, other.place);
  const line = [...places.values()].sort((a, b) => a - b);
  const behind = [...new Set(inTheWay(snapshot, view).map(({ by }) => by))];
  return { code: "queued", position: line.indexOf(wait.place) + 1, of: line.length, behind };
}

/**
 * Gives an apply that others keep from running its place behind them. It holds nothing meanwhile (no partial holds);
 * whoever comes later finds it in the way. The rows are held, so places order as they are taken (S8).
 */
export function joinQueue(
  draft: Draft,
  view: PullRequestView,
  asked: { readonly actor: string | undefined; readonly command: string },
): Need | Queued {
  const dirspaces = keysOf(claimOf(draft.now()));
  if (!isHeld(draft, dirspaces)) return { kind: "hold", dirspaces };
  const { wait } = draft.now().pullRequest;
  if (wait?.command !== asked.command || wait.actor !== asked.actor) {
    const { baseRef } = view;
    const place = wait === undefined ? "last" : "kept";
    const since = draft.event.at;
    draft.write({ kind: "wait", place, dirspaces, baseRef, since, ...asked });
    // Whoever comes later is behind from now on, and says so (L40).
    if (wait === undefined) tellNeighbours(draft, "awaits", dirspaces);
  }
  const queued = positionOf(draft.now(), view);
  return queued ?? { code: "queued", position: 1, of: 1, behind: [] };
}

export function leaveQueue(
  draft: Draft,
  why: Extract<Reason, { code: "wait_ended" }>["why"],
): void {
  const { wait } = draft.now().pullRequest;
  if (wait === undefined) return;
  draft.write({ kind: "leave_queue" });
  draft.because({ code: "wait_ended", why });
  tellNeighbours(draft, "released", wait.dirspaces);
}

/**
 * Brings the place in the queue in line with the pull request: what it waits for, whether it still does, and whether
 * it is its turn. A pull request that grows goes to the end, as others may wait for what is new already (S8).
 */
export function settleQueue(draft: Draft, view: PullRequestView | undefined): Need | undefined {
  const { wait } = draft.now().pullRequest;
  if (wait === undefined) return undefined;
  const ended = endOf(draft.now(), view);
  if (view === undefined || ended !== undefined) {
    if (!isHeld(draft, wait.dirspaces)) return { kind: "hold", dirspaces: wait.dirspaces };
    leaveQueue(draft, ended ?? "closed");
    return undefined;
  }
  const need = follow(draft, view, wait);
  if (need !== undefined) return need;
  settleTurn(draft, view);
  tellPosition(draft, view);
  return undefined;
}

/** What was said of those in front follows the queue, as long as it is what people are shown. */
function tellPosition(draft: Draft, view: PullRequestView): void {
  const { notice } = draft.now().pullRequest;
  if (notice?.reasons.some(({ code }) => code === "queued") !== true) return;
  const position = positionOf(draft.now(), view);
  if (position === undefined) return;
  const rest = notice.reasons.filter(({ code }) => !OBSTACLES.has(code));
  const reasons = [...rest, ...refusalsFor(inTheWay(draft.now(), view)), position];
  if (canonicalJson(reasons) === canonicalJson(notice.reasons)) return;
  draft.write({ kind: "set_notice", notice: { ...notice, reasons } });
}

const OBSTACLES: ReadonlySet<Reason["code"]> = new Set([
  "locked",
  "others_first",
  "apply_in_flight",
  "queued",
]);

function endOf(
  snapshot: Snapshot,
  view: PullRequestView | undefined,
): "closed" | "nothing_left" | "applied" | undefined {
  if (view === undefined || view.state === "closed") return "closed";
  if (snapshot.runs.some((run) => isActive(run) && run.kind === "apply")) return "applied";
  const phases = phasesOf(snapshot.dirspaces, view);
  const open = snapshot.dirspaces.some(
    (state) => state.affected !== undefined && !isDone(phases.get(state.key) ?? "unplanned"),
  );
  return open ? undefined : "nothing_left";
}

/** A push may have changed what it is about. */
function follow(draft: Draft, view: PullRequestView, wait: Wait): Need | undefined {
  const dirspaces = keysOf(claimOf(draft.now()));
  const before = new Set(wait.dirspaces);
  const left = wait.dirspaces.filter((key) => !dirspaces.includes(key));
  const grown = dirspaces.some((key) => !before.has(key)) || wait.baseRef !== view.baseRef;
  if (!grown && left.length === 0) return undefined;
  const rows = [...new Set([...dirspaces, ...left])];
  if (!isHeld(draft, rows)) return { kind: "hold", dirspaces: rows };
  const { actor, command } = wait;
  const { baseRef } = view;
  const since = draft.event.at;
  const place = grown ? "last" : "kept";
  draft.write({ kind: "wait", place, dirspaces, baseRef, actor, command, since });
  const queued = positionOf(draft.now(), view);
  if (queued !== undefined) draft.because(queued);
  // Whoever was behind may be in front now.
  tellNeighbours(draft, "released", grown ? rows : left);
  return undefined;
}

/** Level-triggered: whatever event comes, a free way is a turn. */
function settleTurn(draft: Draft, view: PullRequestView): void {
  const snapshot = draft.now();
  const { wait } = snapshot.pullRequest;
  if (wait === undefined) return;
  const isFree = inTheWay(snapshot, view).length === 0;
  if (isFree === (wait.turnSince !== undefined)) return;
  if (!isFree) {
    draft.write({ kind: "set_turn", since: undefined });
    return;
  }
  draft.write({ kind: "set_turn", since: draft.event.at });
  const phases = phasesOf(snapshot.dirspaces, view);
  const open = snapshot.dirspaces.filter(
    (state) => state.affected !== undefined && !isDone(phases.get(state.key) ?? "unplanned"),
  );
  const planned = open.filter((state) => phases.get(state.key) === "planned");
  tell(draft, wait, {
    code: "turn_began",
    planned: keysOf(planned),
    others: keysOf(open.filter((state) => !planned.includes(state))),
  });
}

/**
 * A turn that was not used while others wait is over: whoever asks again comes last. The deadline is the event;
 * whether it still holds is decided here. What works is given its time.
 */
export function lapseTurn(draft: Draft, since: Wait["turnSince"]): void {
  const snapshot = draft.now();
  const { wait, view, number } = snapshot.pullRequest;
  const isOver = wait !== undefined && wait.turnSince !== undefined && wait.turnSince === since;
  if (!isOver || view === undefined || snapshot.runs.some(isActive)) return;
  // An owner stays in the way whether it waits or not.
  if (snapshot.dirspaces.some((state) => owns(state, number))) return;
  const behind = new Set(othersWaiting(snapshot, view).map((other) => other.pullRequest));
  for (const state of claimOf(snapshot)) {
    for (const lock of state.locks) if (meets(lock, state, view)) behind.add(lock.pullRequest);
  }
  if (behind.size === 0) {
    // Whoever looks for old turns knows who shares a dirspace, not whom that keeps out: it is not to ask again at once.
    draft.write({ kind: "set_turn", since: draft.event.at });
    return;
  }
  leaveQueue(draft, "lapsed");
  tell(draft, wait, { code: "turn_lapsed", behind: [...behind].sort((a, b) => a - b) });
}

function othersWaiting(snapshot: Snapshot, view: PullRequestView) {
  return claimOf(snapshot).flatMap((state) =>
    state.waits.filter(
      (one) => one.pullRequest !== snapshot.pullRequest.number && meets(one, state, view),
    ),
  );
}

function isHeld(draft: Draft, keys: readonly DirspaceKey[]): boolean {
  return keys.every((key) => draft.now().held.has(key));
}

/** Said in answer to the command that waits. */
function tell(draft: Draft, wait: Wait, reason: Reason): void {
  draft.because(reason);
  const { command, actor } = wait;
  draft.write({
    kind: "set_notice",
    notice: { at: draft.event.at, command, actor, outcome: "information", reasons: [reason] },
  });
}
