import type { Decision, Effect, Evaluation, Write } from "./decision.ts";
import type { PullRequestEvent } from "./event.ts";
import { project } from "./project.ts";
import type { Reason } from "./reason.ts";
import type { Snapshot } from "./snapshot.ts";

/** A stage that cannot go on yet says what it needs; undefined means that it is through. */
export type Need = Exclude<Evaluation, Decision>;

/**
 * A decision being made: every write is seen at once by the stages that follow. Lives for one call of `evaluate`.
 */
export interface Draft {
  readonly event: PullRequestEvent;
  /** The stored state with the writes so far. */
  now(): Snapshot;
  write(write: Write): void;
  effect(effect: Effect): void;
  because(...reasons: readonly Reason[]): void;
  decision(): Decision;
}

export function draftFrom(snapshot: Snapshot, event: PullRequestEvent): Draft {
  let current = snapshot;
  const writes: Write[] = [];
  const effects = new Map<string, Effect>();
  const reasons: Reason[] = [];
  return {
    event,
    now: () => current,
    write(write) {
      writes.push(write);
      current = project(current, write, event.at);
    },
    effect(effect) {
      effects.set(effect.key, effect);
    },
    because(...more) {
      reasons.push(...more);
    },
    decision() {
      // P4: a decision without a reason does not exist.
      const why: readonly Reason[] = reasons.length === 0 ? [{ code: "observed" }] : reasons;
      return { kind: "decide", writes, effects: [...effects.values()], reasons: why };
    },
  };
}

/** Has comment and checks show what is stored; many wishes are one edit. */
export function publish(draft: Draft): void {
  draft.effect({ kind: "publish", key: `publish:${draft.now().pullRequest.id}` });
}

export function tellNeighbours(
  draft: Draft,
  because: "applied" | "locked" | "released",
  dirspaces: readonly Snapshot["dirspaces"][number]["key"][],
): void {
  if (dirspaces.length === 0) return;
  const key = `neighbours:${draft.event.id}:${because}`;
  draft.effect({ kind: "tell_neighbours", key, because, dirspaces });
}
