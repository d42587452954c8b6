import { canonicalJson } from "../base/canonical-json.ts";
import type { Decision, Effect, Evaluation, Write } from "./decision.ts";
import type { NeighbourDid, PullRequestEvent } from "./event.ts";
import type { PullRequestId } from "./ids.ts";
import { project } from "./project.ts";
import type { Reason } from "./reason.ts";
import type { RuleBook } from "./rule/rule-book.ts";
import { withPlaces } from "./rule/rules-of-reason.ts";
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
  /** From here on reasons say where the configuration says so. */
  consult(book: RuleBook): void;
  because(...reasons: readonly Reason[]): void;
  decision(): Decision;
}

export function draftFrom(snapshot: Snapshot, event: PullRequestEvent): Draft {
  let current = snapshot;
  const writes: Write[] = [];
  const effects = new Map<string, Effect>();
  const reasons: Reason[] = [];
  let consulted: RuleBook | undefined;
  const ruled = (reason: Reason): Reason =>
    consulted === undefined ? reason : withPlaces(reason, consulted, current);
  const wish = (effect: Effect): void => {
    effects.set(effect.key, withEarlier(effects.get(effect.key), effect));
  };
  return {
    event,
    now: () => current,
    consult(book) {
      consulted = book;
    },
    write(given) {
      const write = withNotice(given, ruled);
      writes.push(write);
      if (endsToldRun(write, current)) wish(publishResults(current));
      current = project(current, write, event.at);
    },
    effect: wish,
    because(...more) {
      for (const reason of more.map(ruled)) {
        // A stage and the answer to the command may say the same.
        const text = canonicalJson(reason);
        if (!reasons.some((one) => canonicalJson(one) === text)) reasons.push(reason);
      }
    },
    decision() {
      // P4: a decision without a reason does not exist.
      const why: readonly Reason[] = reasons.length === 0 ? [{ code: "observed" }] : reasons;
      return { kind: "decide", writes, effects: [...effects.values()], reasons: why };
    },
  };
}

/** What people are shown says where the rules are, as the decision itself does. */
function withNotice(write: Write, ruled: (reason: Reason) => Reason): Write {
  if (write.kind !== "set_notice" || write.notice === undefined) return write;
  const { notice } = write;
  const { aside } = notice;
  const beside =
    aside === undefined ? {} : { aside: { ...aside, reasons: aside.reasons.map(ruled) } };
  return { ...write, notice: { ...notice, reasons: notice.reasons.map(ruled), ...beside } };
}

/** Neighbours are told once of all that one decision releases. */
function withEarlier(earlier: Effect | undefined, effect: Effect): Effect {
  if (effect.kind !== "tell_neighbours" || earlier?.kind !== "tell_neighbours") return effect;
  return { ...effect, dirspaces: [...new Set([...earlier.dirspaces, ...effect.dirspaces])] };
}

/** Has comment and checks show what is stored; many wishes are one edit. */
export function publish(draft: Draft): void {
  draft.effect({ kind: "publish", key: publishKey(draft.now().pullRequest.id) });
}

/** However a run ends, whoever asked for a comment about it gets one. */
function endsToldRun(write: Write, { runs }: Snapshot): boolean {
  if (write.kind !== "end_run") return false;
  return runs.some(({ id, told }) => id === write.runId && told === true);
}

/** One for each pull request: two at a time could hide what the other one is about to carry on. */
function publishResults({ pullRequest }: Snapshot): Effect {
  return { kind: "publish_results", key: `results:${pullRequest.id}` };
}

/**
 * What comments about runs say is another thing than when they were written, or could not be said meanwhile. Which runs
 * have one nobody knows here: all but the last few are history, and where none has, there is nothing to publish.
 */
export function publishAgain(draft: Draft): void {
  const now = draft.now();
  if (now.lastRunNumber > 0) draft.effect(publishResults(now));
}

/** One for each pull request, so that it can be asked whether all is shown. */
export function publishKey(pullRequest: PullRequestId): string {
  return `publish:${pullRequest}`;
}

export function tellNeighbours(
  draft: Draft,
  because: NeighbourDid,
  dirspaces: readonly Snapshot["dirspaces"][number]["key"][],
): void {
  if (dirspaces.length === 0) return;
  const key = `neighbours:${draft.event.id}:${because}`;
  draft.effect({ kind: "tell_neighbours", key, because, dirspaces });
}
