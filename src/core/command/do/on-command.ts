import { unreachable } from "../../../base/unreachable.ts";
import type { Draft, Need } from "../../draft.ts";
import { publish } from "../../draft.ts";
import { type Facts, factOf } from "../../fact.ts";
import { viewOf } from "../../inputs.ts";
import { keepingStop, type Notice, withAnswer } from "../../notice.ts";
import { allows, type Permission, type PullRequestView } from "../../pull-request.ts";
import type { Reason } from "../../reason.ts";
import type { Command, ParsedComment, Refusal } from "../command.ts";
import { parseComment } from "../parse-comment.ts";
import { type Answered, type Given, refuse } from "./answer.ts";
import { doApply } from "./apply.ts";
import { doCancel } from "./cancel.ts";
import { doForceUnlock, usageWith } from "./force-unlock.ts";
import { doApproveGates } from "./gate.ts";
import { doIndex } from "./index-code.ts";
import { doPlan } from "./plan.ts";
import { doRepoConfig } from "./repo-config.ts";
import { doUnlock } from "./unlock.ts";
import { doWhy } from "./why.ts";

/** Plan rights are execution rights: planning runs the code of the pull request with its credentials. */
const NEEDS: Readonly<Record<Command["kind"], Permission>> = {
  plan: "write",
  apply: "write",
  "apply-force": "write",
  "apply-autoapprove": "write",
  unlock: "write",
  cancel: "write",
  "force-unlock": "write",
  // Who of them counts is judged with the apply.
  gate: "read",
  "repo-config": "read",
  why: "read",
  // It starts a job that runs what builders of the configuration say.
  index: "write",
  feedback: "read",
  help: "none",
};

/** They change nothing, so their answer takes no news away. */
const QUESTIONS: ReadonlySet<Command["kind"]> = new Set(["repo-config", "why", "index", "help"]);

export function onCommand(draft: Draft, facts: Facts, told: Given): Need | undefined {
  const parsed = parseComment(told.text, told.word);
  if (parsed.kind === "not_a_command") {
    draft.because({ code: "not_a_command" });
    return undefined;
  }
  const { unserved } = draft.now().pullRequest;
  if (unserved !== undefined) {
    // Nobody can be asked about the person or the comment, and nothing could follow.
    draft.because({ code: "not_served", ...unserved });
    return undefined;
  }
  const { answeredComments } = draft.now().pullRequest;
  if (told.commentId !== undefined && answeredComments.includes(told.commentId)) {
    draft.because({ code: "comment_unconfirmed", because: "answered" });
    return undefined;
  }
  const read = readAgain(facts, told);
  switch (read.kind) {
    case "ask":
      return read;
    case "unconfirmed":
      draft.because({ code: "comment_unconfirmed", because: read.because });
      return undefined;
    case "confirmed":
      return obey(draft, facts, parsed, read.given);
    default:
      return unreachable(read);
  }
}

type Read =
  | Extract<Need, { kind: "ask" }>
  | { readonly kind: "confirmed"; readonly given: Given }
  | {
      readonly kind: "unconfirmed";
      readonly because: Extract<Reason, { code: "comment_unconfirmed" }>["because"];
    };

/**
 * T7: a webhook is a hint, also about who said what; login and id are the ones that the VCS has. A comment that is
 * not as it was told gets no answer: whoever made it up has nothing to see, and nobody else asked.
 */
function readAgain(facts: Facts, told: Given): Read {
  if (told.commentId === undefined) return { kind: "confirmed", given: told };
  const question = { kind: "comment", id: told.commentId } as const;
  const known = factOf(facts, question);
  if (known === undefined) return { kind: "ask", questions: [question] };
  const { comment } = known;
  if (comment === undefined) return { kind: "unconfirmed", because: "gone" };
  const { author, body, writtenAt } = comment;
  if (author.id !== told.actor.id) return { kind: "unconfirmed", because: "other_author" };
  if (body !== told.text) return { kind: "unconfirmed", because: "edited" };
  return { kind: "confirmed", given: { ...told, actor: author, writtenAt } };
}

function obey(
  draft: Draft,
  facts: Facts,
  parsed: Exclude<ParsedComment, { kind: "not_a_command" }>,
  given: Given,
): Need | undefined {
  const view = viewOf(facts);
  if (view === "unasked") return { kind: "ask", questions: [{ kind: "pull_request" }] };
  // Its locks outlive a pull request that was deleted; `unlock` is what still makes sense then.
  const kind = parsed.kind === "command" ? parsed.command.kind : undefined;
  const unlocks = kind === "unlock" || kind === "force-unlock";
  if (view === undefined && !unlocks) {
    draft.because({ code: "pull_request_gone" });
    return undefined;
  }
  const doubt = view === undefined ? undefined : doubtOfPress(given, view, kind);
  const answered =
    doubt !== undefined
      ? refuse(doubt)
      : parsed.kind === "refused"
        ? refuse(refusalOf(draft, parsed.reason))
        : doCommand(draft, facts, parsed, given);
  if (answered.kind !== "answered") return answered;
  noteClosed(draft, view);
  answer(draft, given, parsed.text, answered, kind !== undefined && QUESTIONS.has(kind));
  return undefined;
}

/** An answer shows where the pull request was seen; of one that was over before anybody looked nothing follows. */
function noteClosed(draft: Draft, view: PullRequestView | undefined): void {
  const isNews = view?.state === "closed" && draft.now().pullRequest.view === undefined;
  if (isNews) draft.write({ kind: "observe", view });
}

/**
 * T7: nobody can be asked whether a button was pressed, and by whom. It may look, and plan again what somebody had planned
 * before; it changes nothing.
 */
function doubtOfPress(
  { pressedOn, actor }: Given,
  { headSha }: PullRequestView,
  command: Command["kind"] | undefined,
): Reason | undefined {
  if (pressedOn === undefined) return undefined;
  if (pressedOn !== headSha) return { code: "button_outdated", pressedOn, head: headSha };
  const isHarmless = command === "plan" || command === "why";
  if (isHarmless) return undefined;
  return { code: "button_unconfirmed", login: actor.login, wanted: "apply" };
}

function refusalOf(draft: Draft, reason: Refusal): Reason {
  return reason.code === "force_unlock_usage" ? usageWith(reason, draft.now()) : reason;
}

function doCommand(
  draft: Draft,
  facts: Facts,
  { command, text }: Extract<ParsedComment, { kind: "command" }>,
  given: Given,
): Answered {
  const needs = NEEDS[command.kind];
  if (needs !== "none") {
    const question = { kind: "permission", account: given.actor.id } as const;
    const known = factOf(facts, question);
    if (known === undefined) return { kind: "ask", questions: [question] };
    if (!allows(known.permission, needs)) {
      const { login } = given.actor;
      return refuse({ code: "not_permitted", login, has: known.permission, needs });
    }
  }
  switch (command.kind) {
    case "plan":
      return doPlan(draft, facts, command.query, given);
    case "apply":
    case "apply-force":
    case "apply-autoapprove":
      return doApply(draft, facts, command.query, {
        who: given.actor,
        operation: command.kind,
        text,
        writtenAt: given.writtenAt,
      });
    case "unlock":
      return doUnlock(draft, facts, command, given);
    case "cancel":
      return doCancel(draft, given);
    case "force-unlock":
      return doForceUnlock(draft, facts, command, given);
    case "gate":
      return doApproveGates(draft, facts, command.tokens, given);
    case "repo-config":
      return doRepoConfig(facts);
    case "why":
      return doWhy(draft, facts, command.target);
    case "index":
      return doIndex(draft, facts, given);
    case "feedback": {
      const { login } = given.actor;
      const heard = { code: "feedback_heard", login, message: command.message } as const;
      return { kind: "answered", outcome: "silent", reasons: [heard] };
    }
    case "help":
      return { kind: "answered", outcome: "information", reasons: [{ code: "help_shown" }] };
    default:
      return unreachable(command);
  }
}

/** One answer for one command, in the one comment; whoever commented sees at once that we heard it. */
function answer(
  draft: Draft,
  given: Given,
  text: string,
  { outcome, reasons }: Extract<Answered, { kind: "answered" }>,
  isQuestion: boolean,
): void {
  draft.because(...reasons);
  if (outcome !== "silent") show(draft, given, text, { outcome, reasons }, isQuestion);
  if (given.commentId === undefined) return;
  draft.write({ kind: "answer_comment", commentId: given.commentId });
  draft.effect({
    kind: "acknowledge",
    key: `acknowledge:${draft.now().pullRequest.id}:${given.commentId}`,
    commentId: given.commentId,
  });
}

function show(
  draft: Draft,
  given: Given,
  text: string,
  {
    outcome,
    reasons,
  }: { readonly outcome: Notice["outcome"]; readonly reasons: readonly Reason[] },
  isQuestion: boolean,
): void {
  const said = { at: draft.event.at, command: text, actor: given.actor.login, reasons };
  const { notice } = draft.now().pullRequest;
  draft.write({
    kind: "set_notice",
    notice: keepingStop(
      notice,
      isQuestion ? withAnswer(notice, said, outcome) : { ...said, outcome },
    ),
  });
  publish(draft);
}
