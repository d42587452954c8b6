import type { Instant } from "../base/brand.ts";
import type { Reason, ReasonCode } from "./reason.ts";

/** The answer to the last command, or to the last automatic step that was refused; shown in the comment until the next one. */
export interface Notice {
  readonly at: Instant;
  /** The command as typed; undefined for automatic steps. */
  readonly command: string | undefined;
  readonly actor: string | undefined;
  readonly outcome: "accepted" | "refused" | "information";
  readonly reasons: readonly Reason[];
  /** Why nothing can be planned, where this took the place of the notice that said so. */
  readonly stop?: readonly Reason[];
  /** The answer to a question that came later and changed nothing, so that what is said above still stands. */
  readonly aside?: {
    readonly at: Instant;
    readonly command: string;
    readonly actor: string;
    readonly reasons: readonly Reason[];
  };
}

/** What an automatic step was refused for: said by this notice, or kept by it. */
export function stopOf(notice: Notice | undefined): readonly Reason[] | undefined {
  if (notice === undefined) return undefined;
  return isStop(notice) ? notice.reasons : notice.stop;
}

function isStop({ command, outcome }: Notice): boolean {
  return command === undefined && outcome === "refused";
}

/**
 * What stopped a pull request holds until it is settled again, whoever says what meanwhile: checks that ask for somebody
 * would turn green by a comment.
 */
export function keepingStop(before: Notice | undefined, notice: Notice): Notice {
  const stop = stopOf(before);
  return isStop(notice) || stop === undefined ? notice : { ...notice, stop };
}

/** The notice once nothing stops the pull request any more. */
export function withoutStop(notice: Notice): Notice | undefined {
  const { stop: _, ...rest } = notice;
  return isStop(notice) ? undefined : rest;
}

/** The notice with the answer to a question: beside what people wait for or have to act on, else in its place. */
export function withAnswer(
  notice: Notice | undefined,
  answer: NonNullable<Notice["aside"]>,
  outcome: Notice["outcome"],
): Notice {
  const stands =
    notice !== undefined &&
    (isStop(notice) || notice.reasons.some(({ code }) => STANDING.has(code)));
  return stands ? { ...notice, aside: answer } : { ...answer, outcome };
}

/** What somebody waits for, and what somebody was told to go on with. */
const STANDING: ReadonlySet<ReasonCode> = new Set([
  "locked",
  "others_first",
  "apply_in_flight",
  "queued",
  "turn_began",
  "turn_lapsed",
  "lock_freed",
  "not_approved",
  "gate_open",
  "now_approved",
  "checks_not_passed",
  "reviews_open",
  "stacks_unapplied",
  "order_reached",
  "unlock_waits",
  "force_unlocked",
  "automerge_refused",
  "automerge_queued",
]);
