import type { Instant } from "../../base/brand.ts";
import type { DirspaceKey } from "../change/dirspace.ts";
import { parseComment } from "../command/parse-comment.ts";
import type { Happening } from "../event.ts";
import type { RunId } from "../ids.ts";
import { matches, type Subject } from "../query/match.ts";
import type { Reason, ReasonCode } from "../reason.ts";
import { keysIn } from "../rule/rules-of-reason.ts";
import { waitKindOf } from "./wait.ts";

/** One decision as it is kept for ever: which event it was about, and why it went as it did. */
export interface Moment {
  readonly id: string;
  readonly at: Instant;
  readonly event: Happening;
  readonly reasons: readonly Reason[];
}

/** Whose story is told, and its tags, as far as they are known: commands name dirspaces by them. */
export interface Told {
  readonly key: DirspaceKey;
  readonly subject: Subject;
}

/**
 * The decisions that concern one dirspace, each with the reasons that do: those that name it, those about a run that
 * was to work on it, those about the pull request as a whole, and what kept a command that meant it from being done,
 * whatever that was about. Both lists are newest first. Runs are known by the reasons that started them, so that
 * nothing is lost with runs that are no longer kept.
 */
export function momentsOf(moments: readonly Moment[], told: Told): readonly Moment[] {
  const { key } = told;
  const known = new Set(moments.flatMap(({ reasons }) => startedFor(reasons, key)));
  return moments.flatMap((moment) => {
    const own = moment.reasons.filter((reason) => concerns(reason, key, known));
    const reasons = isHeldUp(moment, own, told) ? heldUpBy(moment, own) : own;
    return reasons.length === 0 ? [] : [{ ...moment, reasons }];
  });
}

/** A command was to do something with the dirspace, and did nothing with it. */
function isHeldUp({ event }: Moment, own: readonly Reason[], { subject }: Told): boolean {
  if (own.some((reason) => "runId" in reason)) return false;
  const text = commandText(event);
  const parsed =
    text === undefined
      ? undefined
      : parseComment(text, event.kind === "commented" ? event.word : undefined);
  if (parsed?.kind !== "command") return false;
  const { command } = parsed;
  switch (command.kind) {
    case "plan":
    case "apply":
    case "apply-force":
    case "apply-autoapprove":
      return command.query === undefined || matches(command.query, subject);
    default:
      return false;
  }
}

function commandText(event: Happening): string | undefined {
  if (event.kind === "commented") return event.body;
  const given = event.kind === "command_given" || event.kind === "button_pressed";
  return given ? event.text : undefined;
}

/** In the order of the decision. */
function heldUpBy({ reasons }: Moment, own: readonly Reason[]): readonly Reason[] {
  return reasons.filter((reason) => own.includes(reason) || waitKindOf(reason.code) !== undefined);
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
  "index_shown",
  "indexer_off",
  "feedback_heard",
  "feedback_usage",
  "foreign_command",
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
