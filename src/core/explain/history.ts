import type { Instant } from "../../base/brand.ts";
import type { DirspaceKey } from "../change/dirspace.ts";
import type { Happening } from "../event.ts";
import type { RunId } from "../ids.ts";
import type { Reason, ReasonCode } from "../reason.ts";
import { keysIn } from "../rule/rules-of-reason.ts";

/** One decision as it is kept for ever: which event it was about, and why it went as it did. */
export interface Moment {
  readonly id: string;
  readonly at: Instant;
  readonly event: Happening;
  readonly reasons: readonly Reason[];
}

/**
 * The decisions that concern one dirspace, each with the reasons that do: those that name it, those about a run that
 * was to work on it, and those about the pull request as a whole. Both lists are newest first. Runs are known by the
 * reasons that started them, so that nothing is lost with runs that are no longer kept.
 */
export function momentsOf(
  moments: readonly Moment[],
  key: DirspaceKey,
  runs: ReadonlySet<RunId> = new Set(),
): readonly Moment[] {
  const known = new Set([...runs, ...moments.flatMap(({ reasons }) => startedFor(reasons, key))]);
  return moments.flatMap((moment) => {
    const reasons = moment.reasons.filter((reason) => concerns(reason, key, known));
    return reasons.length === 0 ? [] : [{ ...moment, reasons }];
  });
}

function startedFor(reasons: readonly Reason[], key: DirspaceKey): readonly RunId[] {
  return reasons.flatMap((reason) =>
    "dirspaces" in reason && "runId" in reason && reason.dirspaces.includes(key)
      ? [reason.runId]
      : [],
  );
}

function concerns(reason: Reason, key: DirspaceKey, runs: ReadonlySet<RunId>): boolean {
  if ("runId" in reason) return runs.has(reason.runId);
  const keys = keysIn(reason);
  return keys.length > 0 ? keys.includes(key) : !isIdle(reason.code);
}

/** Says only that a look changed nothing. */
const IDLE: ReadonlySet<ReasonCode> = new Set([
  "observed",
  "plans_current",
  "event_outdated",
  "not_a_command",
  "help_shown",
  "config_shown",
  "why_shown",
]);

function isIdle(code: ReasonCode): boolean {
  return IDLE.has(code);
}

/** Events that move a run on and look at nothing else. */
const PASSING: ReadonlySet<ReasonCode> = new Set([
  ...IDLE,
  "comment_unconfirmed",
  "run_silent",
  "result_refused",
  "unknown_command",
  "bad_query",
  "unlock_unknown",
  "comes_later",
  "not_permitted",
]);

/** What the newest decision said that looked at the pull request as a whole; empty before the first. */
export function lastSaid(moments: readonly Moment[]): readonly Reason[] {
  const found = moments.find(
    ({ reasons }) =>
      reasons.some(({ code }) => code === "plans_current") ||
      reasons.some(({ code }) => !PASSING.has(code)),
  );
  return found?.reasons ?? [];
}
