import { nearestTypo } from "../../../base/nearest.ts";
import { type DirspaceKey, dirspaceKey } from "../../change/dirspace.ts";
import { type Draft, tellNeighbours } from "../../draft.ts";
import type { Facts } from "../../fact.ts";
import { judgeForceUnlock } from "../../policy/unlock-access.ts";
import type { Reason } from "../../reason.ts";
import { isActive } from "../../run/run.ts";
import { keysOf } from "../../run/start-run.ts";
import { hasEnded } from "../../run/work.ts";
import { requestCancel } from "../../settle/supersede.ts";
import type { DirspaceState, Snapshot } from "../../snapshot.ts";
import type { Command } from "../command.ts";
import { type Answered, type Given, refuse } from "./answer.ts";
import { asOnDefaultBranch } from "./on-default-branch.ts";
import { forward, noteMerge, ownedBy, stopApplies, unlockNow } from "./unlock.ts";

type ForceUnlock = Extract<Command, { kind: "force-unlock" }>;

/**
 * `force-unlock`: break-glass for an apply whose job nobody can ask any more (S3). Only what is `unknown` is given up:
 * what still answers is asked to stop, like `unlock` does. Whoever does it names what it is about once more and says
 * why; both stay in the decision for ever. That nothing works there any more is that person's word.
 */
export function doForceUnlock(
  draft: Draft,
  facts: Facts,
  command: ForceUnlock,
  given: Given,
): Answered {
  const { number } = draft.now().pullRequest;
  const { target, why } = command;
  if (target.kind === "number" && target.number !== number) {
    forward(draft, target.number, given, `terrane force-unlock ${target.number} ${why}`);
    const reasons = [{ code: "unlock_forwarded", to: [target.number] } as const];
    return { kind: "answered", outcome: "accepted", reasons };
  }
  const asking = asOnDefaultBranch(draft, facts, given);
  if (asking.kind === "ask") return asking;
  if (asking.kind === "denied") return refuse(...asking.refusals);
  if (asking.kind === "unseen") return refuse({ code: "nothing_to_unlock" });
  const access = judgeForceUnlock(asking.asking);
  if (access.kind === "ask") return access;
  if (access.kind === "denied") return refuse(...access.refusals);

  const named = namedBy(draft, target);
  if (named.length === 0 && target.kind === "dirspace") {
    const dirspaces = keysOf(draft.now().dirspaces);
    return refuse({ code: "force_unlock_unconfirmed", what: target.text, number, dirspaces });
  }
  const lost = named.filter(({ apply }) => apply?.state === "unknown");
  const waits = draft.now().pullRequest.wait !== undefined;
  if (lost.length === 0 && ownedBy(draft).length === 0 && !waits) {
    return refuse({ code: "nothing_to_unlock" });
  }
  giveUp(draft, keysOf(lost), `given up by ${given.actor.login}: ${why}`);
  const { login } = given.actor;
  const forced: Reason = { code: "force_unlocked", login, why, dirspaces: keysOf(lost) };
  noteMerge(draft, facts);
  const stopping = stopApplies(draft);
  if (stopping.length > 0) {
    const reasons = [forced, { code: "unlock_waits", dirspaces: stopping } as const];
    return { kind: "answered", outcome: "accepted", reasons };
  }
  const owned = keysOf(ownedBy(draft));
  const need = unlockNow(draft);
  if (need !== undefined) return need;
  const reasons = [forced, { code: "unlocked", dirspaces: owned } as const];
  return { kind: "answered", outcome: "accepted", reasons };
}

/** Says of a `force-unlock` that lacks its reason what may have been meant, so that the example fits. */
export function usageWith(
  reason: Extract<Reason, { code: "force_unlock_usage" }>,
  { pullRequest, dirspaces }: Snapshot,
): Reason {
  const { what = "" } = reason;
  const known = dirspaces.flatMap(({ key, dirspace }) => [dirspace.dir as string, key as string]);
  const isKnown = /^[#!]?\d+$/.test(what) || known.includes(what);
  const nearest = isKnown ? what : (nearestTypo(what, known) ?? String(pullRequest.number));
  return { ...reason, nearest };
}

/** The typed confirmation: the pull request by its number, or one dirspace of it by its name. */
function namedBy(draft: Draft, target: ForceUnlock["target"]): readonly DirspaceState[] {
  const { dirspaces } = draft.now();
  if (target.kind === "number") return dirspaces;
  return dirspaces.filter(
    ({ key, dirspace }) =>
      key === target.text ||
      key === dirspaceKey({ ...dirspace, dir: target.text as typeof dirspace.dir }),
  );
}

/** Ends what was lost without proof; its run ends with it, and its job is told to stop in case it still lives. */
function giveUp(draft: Draft, lost: readonly DirspaceKey[], because: string): void {
  const keys = new Set(lost);
  for (const run of draft.now().runs) {
    const own = run.works.filter((work) => work.state === "unknown" && keys.has(work.dirspace));
    if (!isActive(run) || own.length === 0) continue;
    for (const { dirspace } of own) {
      draft.write({ kind: "move_work", runId: run.id, dirspace, to: "abandoned", because });
    }
    requestCancel(draft, run);
    const left = run.works.filter(({ dirspace }) => !keys.has(dirspace));
    const lives = left.some(({ state }) => state === "unknown" || state === "granted");
    if (lives) continue;
    for (const { dirspace, state } of left) {
      if (hasEnded(state)) continue;
      draft.write({ kind: "move_work", runId: run.id, dirspace, to: "not_started", because });
    }
    draft.write({ kind: "end_run", runId: run.id, outcome: "lost" });
  }
  tellNeighbours(draft, "applied", lost);
}
