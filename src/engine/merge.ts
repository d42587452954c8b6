import type { Effect } from "../core/decision.ts";
import { publishKey } from "../core/draft.ts";
import type { Happening } from "../core/event.ts";
import { isReadyToMerge } from "../core/merge/automerge.ts";
import type { PendingEffect } from "../ports/engine-store.ts";
import type { Vcs, VcsFailure } from "../ports/vcs.ts";
import { idFrom } from "./effect-event.ts";
import type { EnginePorts } from "./ports.ts";

/** The branch's rules often want our own checks, which are shown first. */
const PUBLISHES_MS = 250;
/** A VCS takes a moment to count a check that it has just been told. */
const REFUSED_TRIES_MAX = 3;
const REFUSED_PAUSE_MS = 2_000;
/** Where checks of others have to end first, an hour or more; then people are told. */
const WAITING_TRIES_MAX = 240;

/** Not yet, and nothing went wrong. */
export interface Later {
  readonly kind: "later";
  readonly pauseMs: number;
}

type MergeEffect = Extract<Effect, { kind: "merge" }>;

/**
 * Merges the head that was decided about, if everything of it still is applied. A refusal is news for the pull request and
 * no failure: it is asked about again when something has changed, not before.
 */
export async function merge(
  pending: PendingEffect,
  effect: MergeEffect,
  vcs: Vcs,
  ports: EnginePorts,
): Promise<VcsFailure | Later | undefined> {
  const { id, repository, number } = pending.pullRequest;
  if ((await ports.store.effect(publishKey(id))) !== undefined) {
    return { kind: "later", pauseMs: PUBLISHES_MS };
  }
  const stored = await ports.store.reported(id);
  const view = stored?.snapshot.pullRequest.view;
  if (stored === undefined || view === undefined) return undefined;
  const { head, method, title, deletes } = effect;
  // Where it is merged already, this may be the second try of what is left to do.
  if (view.state === "open" && !isReadyToMerge(stored.snapshot, view, head)) return undefined;
  const request = { head, method, ...(title === undefined ? {} : { title }) };
  const merged = await vcs.merge(repository.ref, number, request);
  const isPatient = pending.attempts + 1 < WAITING_TRIES_MAX;
  if (merged.kind === "unavailable" && isPatient) return merged;
  if (merged.kind === "rejected" && merged.byQueue === true && vcs.enqueue !== undefined) {
    const queued = await vcs.enqueue(repository.ref, number, head);
    if (queued.kind === "ok") return await tell(pending, ports, { kind: "merge_queued", head });
    if (queued.kind === "unavailable" && isPatient) return queued;
    return await refused(pending, head, queued, ports);
  }
  if (merged.kind !== "ok") return await refused(pending, head, merged, ports);
  if (deletes === undefined) return undefined;
  const deleted = await vcs.deleteBranch(repository.ref, { name: deletes, at: head });
  if (deleted.kind === "ok" || deleted.kind === "unavailable") return failureOf(deleted);
  return await tell(pending, ports, {
    kind: "branch_kept",
    branch: deletes,
    message: deleted.message,
  });
}

function failureOf(result: { readonly kind: "ok" } | VcsFailure): VcsFailure | undefined {
  return result.kind === "ok" ? undefined : result;
}

async function refused(
  pending: PendingEffect,
  head: MergeEffect["head"],
  failure: VcsFailure,
  ports: EnginePorts,
): Promise<VcsFailure | undefined> {
  const { kind, message } = failure;
  if (kind === "rejected" && pending.attempts + 1 < REFUSED_TRIES_MAX) {
    return { kind: "unavailable", message, retryAfterMs: REFUSED_PAUSE_MS };
  }
  const why = kind === "forbidden" ? "forbidden" : "rejected";
  return await tell(pending, ports, { kind: "merge_refused", head, why, message });
}

/** Each time it was wished for anew is told of by itself. */
async function tell(
  { key, wanted, pullRequest }: PendingEffect,
  ports: EnginePorts,
  what: Happening,
): Promise<undefined> {
  await ports.store.append(pullRequest.id, idFrom(`${key}:${wanted}`, ports), what);
  return undefined;
}
