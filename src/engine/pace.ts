import type { Instant } from "../base/brand.ts";
import { isBeforePlan } from "../comment/checks.ts";
import type { PlacedCheck } from "../comment/placed-check.ts";
import type { CommentView } from "../comment/view.ts";
import type { StoredPublication } from "../ports/engine-store.ts";
import type { Vcs } from "../ports/vcs.ts";
import type { EnginePorts } from "./ports.ts";
import { writtenText } from "./published.ts";

/** An answer that was decided about a little later than it was asked for is still news. */
const ANSWER_SLACK_MS = 5_000;

/**
 * What to do with what is not shown yet. Limits of a VCS are for writing most of all, so what only shows that work goes on
 * waits for more of it; what a person waits for, or a rule of the branch, never does.
 */
export type Pace =
  | { readonly kind: "now" }
  /** Not before then, unless something comes that may not wait. */
  | { readonly kind: "later"; readonly at: number }
  /** What comes next says it all. */
  | { readonly kind: "never" };

/** How long what only shows progress waits for more of it. */
export function progressMsOf({ writesFreely }: Vcs, { limits }: EnginePorts): number {
  return writesFreely === true ? 0 : limits.progressMs;
}

const NOW: Pace = { kind: "now" };

/** `shown`: what the check said last; absent where there is none on this commit. */
export function paceOfCheck(
  { text: check, phase }: Pick<PlacedCheck, "text" | "phase">,
  shown: Pick<StoredPublication, "at" | "content"> | undefined,
  view: CommentView,
  progressMs: number,
): Pace {
  if (shown === undefined) {
    // A check that a branch wants and that is not there holds the merge back as well.
    return phase === "apply" && isBeforePlan(view) ? { kind: "never" } : NOW;
  }
  const said = writtenText(shown);
  const isOver = check.status === "completed";
  if (said === undefined || isOver !== (said.status === "completed")) return NOW;
  if (!isOver) return later(shown.at, progressMs);
  // Nobody looks for buttons and counts in what is merged.
  return view.state !== "open" && said.conclusion === check.conclusion ? { kind: "never" } : NOW;
}

/** `begunAt`: when the commit was first shown to be worked on. */
export function paceOfComment(
  view: CommentView,
  shown: Pick<StoredPublication, "at"> | undefined,
  begunAt: Instant,
  progressMs: number,
): Pace {
  if (view.runs.length === 0) return NOW;
  const { notice } = view;
  const answered = notice !== undefined && notice.outcome !== "accepted" ? notice.at : undefined;
  if (answered !== undefined && answered > (shown?.at ?? 0) - ANSWER_SLACK_MS) return NOW;
  return later(shown?.at ?? begunAt, progressMs);
}

function later(since: number, progressMs: number): Pace {
  return { kind: "later", at: since + progressMs };
}

/** One showing of a pull request. */
export interface Pacer {
  /** As the store says: what was written before may have been forgotten. */
  readonly rememberedSince: Instant;
  /** When the first of it was shown of this commit. */
  begunAt: Instant;
  restsUntil: number;
}

/** Whether it is written now; what is not comes up again when the first of it is due. */
export function isDue(pace: Pace, now: Instant, pacer: Pacer): boolean {
  if (pace.kind === "now") return true;
  if (pace.kind === "never") return false;
  if (pace.at <= now) return true;
  pacer.restsUntil = Math.min(pacer.restsUntil, pace.at);
  return false;
}
