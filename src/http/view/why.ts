import { truncateEnd } from "../../base/text.ts";
import { unreachable } from "../../base/unreachable.ts";
import { dirspaceName, shortSha } from "../../comment/words.ts";
import type { ReasonView } from "../../contract/views.ts";
import type {
  WhyDecisionView,
  WhyDirspaceView,
  WhyEventView,
  WhyRuleView,
} from "../../contract/why.ts";
import type { AffectedRules } from "../../core/change/affected.ts";
import { becauseText } from "../../core/change/because-text.ts";
import type { Happening, NeighbourDid } from "../../core/event.ts";
import type { Explained } from "../../core/explain/explain.ts";
import type { Moment } from "../../core/explain/history.ts";
import type { MergeGroup } from "../../core/merge-group.ts";
import { iso, reasonView, ruleView } from "./words.ts";

const LINE_CHARS_MAX = 200;

export function whyDirspaceView(explained: Explained): WhyDirspaceView {
  const { key, dirspace, phase, affected, waits } = explained;
  return {
    key,
    dir: dirspace.dir,
    workspace: dirspace.workspace,
    phase,
    affected: affected !== undefined,
    because: (affected?.because ?? []).map(becauseText),
    rules: rulesOf(affected?.rules),
    waits: waits.map(({ on, reason }) => ({ on, ...reasonView(reason) })),
  };
}

/** What each place decides, in words. */
const ABOUT: Readonly<Record<keyof AffectedRules, string>> = {
  pattern: "affected",
  dir: "directory",
  autoplan: "autoplan",
  autoplanDraft: "autoplan of drafts",
  autoapply: "autoapply",
  workflow: "workflow",
  lockPolicy: "lock policy",
  dependsOn: "depends on",
  stack: "stack",
};

function rulesOf(rules: AffectedRules | undefined): WhyRuleView[] {
  if (rules === undefined) return [];
  return (Object.keys(ABOUT) as (keyof AffectedRules)[]).flatMap((key) => {
    const place = rules[key];
    return place === undefined ? [] : [{ about: ABOUT[key], rule: ruleView(place) }];
  });
}

export function whyDecisionView({ id, at, event, reasons }: Moment): WhyDecisionView {
  return { id, at: iso(at), event: eventView(event), reasons: reasons.map(reasonView) };
}

function eventView(event: Happening): WhyEventView {
  return {
    kind: event.kind,
    text: eventText(event),
    actor: actorOf(event),
    comment: event.kind === "commented" ? event.commentId : null,
    delivery: ("delivery" in event ? event.delivery : undefined) ?? null,
    run: "runId" in event ? event.runId : null,
  };
}

function actorOf(event: Happening): string | null {
  if (event.kind === "commented") return event.author.login;
  const given = event.kind === "command_given" || event.kind === "button_pressed";
  return given ? event.actor.login : null;
}

/** One line that says what happened. */
function eventText(event: Happening): string {
  switch (event.kind) {
    case "pull_request_changed":
      return Object.hasOwn(CHANGED, event.hint)
        ? (CHANGED[event.hint] ?? "")
        : "the pull request changed";
    case "commented":
      return `${event.author.login} commented \`${line(event.body)}\``;
    case "command_given":
      return `${event.actor.login} gave the command \`${line(event.text)}\` (${event.via})`;
    case "button_pressed":
      return `a button was pressed: ${event.actor.login}, \`${line(event.text)}\``;
    case "review_changed":
      return "a review changed";
    case "merge_group":
      return GROUP[event.group.state];
    case "base_moved":
      return `the base branch moved to \`${shortSha(event.after)}\``;
    case "configuration_moved":
      return `\`${line(event.repository)}\` moved to \`${shortSha(event.after)}\``;
    case "neighbour_changed":
      return `pull request ${event.number} ${NEIGHBOUR[event.because]} a dirspace of this one`;
    case "run_dispatched":
      return event.outcome === "started"
        ? "the CI system took a run"
        : `the CI system did not take a run: ${line(event.message)}`;
    case "run_progressed":
      return "a run reported";
    case "run_ended":
      return "a run ended";
    case "run_went_silent":
      return "a run gave no sign of life";
    case "reviewers_refused":
      return "some people could not be asked for a review";
    case "merge_refused":
      return "the merge was refused";
    case "merge_queued":
      return "it was put into the merge queue";
    case "branch_kept":
      return `\`${line(event.branch)}\` was not deleted after the merge`;
    case "turn_over":
      return "its turn in the queue was not used in time";
    case "result_refused":
      return `a result for \`${dirspaceName(event.dirspace)}\` came too late and changed nothing`;
    default:
      return unreachable(event);
  }
}

const GROUP: Readonly<Record<MergeGroup["state"], string>> = {
  checks_wanted: "the merge queue wants the checks of a group that ends with this pull request",
  merged: "the merge queue merged the group that ends with this pull request",
  invalidated:
    "the merge queue gave up the group that ends with this pull request: what it was made from changed",
  dequeued:
    "the merge queue gave up the group that ends with this pull request: one of it left the queue",
};

/** By the hint of whoever told of it; what exactly changed is read again and stands in the reasons. */
const CHANGED: Readonly<Record<string, string>> = {
  opened: "the pull request was opened",
  pushed: "commits were pushed",
  reopened: "the pull request was opened again",
  closed: "the pull request was merged or closed",
  ready: "the pull request became ready for review",
  draft: "the pull request became a draft",
  edited: "the pull request was edited",
  recovered: "a look at the VCS found a change that no webhook had told of",
  looked_again: "the pull request was looked at again, without an event",
  standing: "installation or repository was looked at again, and stands otherwise than before",
  grant_refused: "a job was refused its permission to apply",
  quarantine: "the database went back in time, so the pull request was read again",
};

const NEIGHBOUR = {
  applied: "applied",
  awaits: "began to wait for",
  locked: "locked",
  released: "let go of",
} as const satisfies Record<NeighbourDid, string>;

function line(text: string): string {
  const first = text.trim().split(/[\n\r\u2028\u2029]/, 1)[0] ?? "";
  return truncateEnd(first.replaceAll("`", "'"), LINE_CHARS_MAX);
}

/** Where nothing was decided yet there is one sentence to say. */
export function nothingYet(undecided: number): ReasonView {
  return {
    code: "I_NOTHING_YET",
    title: "Nothing decided yet",
    cause:
      undecided > 0
        ? "An event of this pull request waits to be decided."
        : "No event of this pull request has reached this server.",
    next:
      undecided > 0
        ? "Look again in a moment."
        : "Comment `terrane plan`; if nothing follows, look at the webhook deliveries of the VCS.",
  };
}

export function noSuch(asked: string, keys: readonly string[]): string {
  const some = keys.slice(0, 5).map((key) => `\`${dirspaceName(key)}\``);
  const known = some.length === 0 ? "" : ` Known here: ${some.join(", ")}.`;
  return `Nothing is kept that says anything about \`${asked.replaceAll("`", "'")}\`.${known}`;
}
