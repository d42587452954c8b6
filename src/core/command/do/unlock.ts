import { configFor } from "../../configured.ts";
import { type Draft, type Need, tellNeighbours } from "../../draft.ts";
import type { Facts } from "../../fact.ts";
import { viewOf } from "../../inputs.ts";
import { judgeUnlock, type UnlockAccess } from "../../policy/access.ts";
import { isActive } from "../../run/run.ts";
import { keysOf } from "../../run/start-run.ts";
import { abandonPlan, requestCancel } from "../../settle/supersede.ts";
import type { DirspaceState } from "../../snapshot.ts";
import { type Answered, type Given, refuse } from "./answer.ts";

/**
 * `unlock`: lets go of the dirspaces this pull request owns, and forgets what it planned and applied. It is not
 * a kill (S4): an apply in flight is asked to stop, and the unlock happens when it has ended.
 */
export function doUnlock(
  draft: Draft,
  facts: Facts,
  targets: readonly number[],
  given: Given,
): Answered {
  const { number } = draft.now().pullRequest;
  const others = targets.filter((target) => target !== number);
  for (const target of others) {
    draft.effect({
      kind: "forward_command",
      key: `forward:${draft.event.id}:${target}`,
      number: target,
      actor: given.actor,
      text: "terrane unlock",
    });
  }
  if (targets.length > 0 && others.length === targets.length) {
    return {
      kind: "answered",
      outcome: "accepted",
      reasons: [{ code: "unlock_forwarded", to: others }],
    };
  }
  const view = viewOf(facts);
  const access = unlockAccess(draft, facts, given);
  if (access.kind === "ask") return access;
  if (access.kind === "denied") return refuse(...access.refusals);
  if (view !== "unasked" && view !== undefined) draft.write({ kind: "observe", view });

  const inFlight = draft.now().dirspaces.filter(appliesNow);
  if (inFlight.length > 0) {
    for (const run of draft.now().runs) {
      if (isActive(run) && run.kind === "apply") requestCancel(draft, run);
    }
    draft.write({ kind: "set_unlock_requested", requested: true });
    const waits = { code: "unlock_waits", dirspaces: keysOf(inFlight) } as const;
    return { kind: "answered", outcome: "accepted", reasons: [waits] };
  }
  const owned = ownedBy(draft);
  if (owned.length === 0) return refuse({ code: "nothing_to_unlock" });
  const need = unlockNow(draft);
  if (need !== undefined) return need;
  return {
    kind: "answered",
    outcome: "accepted",
    reasons: [{ code: "unlocked", dirspaces: keysOf(owned) }],
  };
}

/** By the rules of the default branch as they are: a pull request whose own configuration is broken can be unlocked. */
function unlockAccess(draft: Draft, facts: Facts, given: Given): UnlockAccess {
  const now = viewOf(facts);
  const view = now === "unasked" || now === undefined ? draft.now().pullRequest.view : now;
  // Nothing was ever seen of it, so it owns nothing.
  if (view === undefined) return { kind: "permitted" };
  const { defaultBranchSha: commit, defaultBranch } = view;
  const onDefault = { ...view, headRef: defaultBranch, headSha: commit, baseSha: commit };
  const configured = configFor(onDefault, facts);
  if (configured.kind === "ask") return configured;
  if (configured.kind === "stopped") return { kind: "denied", refusals: configured.reasons };
  const { config } = configured.effective;
  draft.consult(configured.effective);
  return judgeUnlock({ config, view: onDefault, who: given.actor, facts });
}

/** Releases every lock of the pull request and forgets its results; nothing of it may be applying. */
export function unlockNow(draft: Draft): Need | undefined {
  const owned = ownedBy(draft);
  const { dirspaces, held } = draft.now();
  if (!owned.every((state) => held.has(state.key))) {
    return { kind: "hold", dirspaces: keysOf(dirspaces) };
  }
  for (const run of draft.now().runs) {
    if (!isActive(run) || run.kind !== "plan") continue;
    abandonPlan(draft, run, "cancelled", "unlocked");
  }
  const released = keysOf(owned);
  if (released.length > 0) draft.write({ kind: "release_locks", dirspaces: released });
  draft.write({ kind: "forget_results" });
  draft.because({ code: "locks_released", dirspaces: released, why: "unlock" });
  tellNeighbours(draft, "released", released);
  return undefined;
}

function ownedBy(draft: Draft): readonly DirspaceState[] {
  const { dirspaces, pullRequest } = draft.now();
  return dirspaces.filter((state) =>
    state.locks.some((lock) => lock.pullRequest === pullRequest.number),
  );
}

function appliesNow(state: DirspaceState): boolean {
  const now = state.apply?.state;
  return now === "queued" || now === "running" || now === "granted" || now === "unknown";
}
