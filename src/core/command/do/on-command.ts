import { unreachable } from "../../../base/unreachable.ts";
import type { Draft, Need } from "../../draft.ts";
import { publish } from "../../draft.ts";
import { type Facts, factOf } from "../../fact.ts";
import { viewOf } from "../../inputs.ts";
import { allows, type Permission } from "../../pull-request.ts";
import type { Command } from "../command.ts";
import { parseComment } from "../parse-comment.ts";
import { type Answered, type Given, refuse } from "./answer.ts";
import { doApply } from "./apply.ts";
import { doPlan } from "./plan.ts";
import { doRepoConfig } from "./repo-config.ts";
import { doUnlock } from "./unlock.ts";

/** Plan rights are execution rights: planning runs the code of the pull request with its credentials. */
const NEEDS: Readonly<Record<Command["kind"], Permission>> = {
  plan: "write",
  apply: "write",
  "apply-force": "write",
  unlock: "write",
  "repo-config": "read",
  help: "none",
};

export function onCommand(draft: Draft, facts: Facts, given: Given): Need | undefined {
  const parsed = parseComment(given.text);
  if (parsed.kind === "not_a_command") {
    draft.because({ code: "not_a_command" });
    return undefined;
  }
  const view = viewOf(facts);
  if (view === "unasked") return { kind: "ask", questions: [{ kind: "pull_request" }] };
  // Its locks outlive a pull request that was deleted; `unlock` is what still makes sense then.
  const unlocks = parsed.kind === "command" && parsed.command.kind === "unlock";
  if (view === undefined && !unlocks) {
    draft.because({ code: "pull_request_gone" });
    return undefined;
  }
  const answered =
    parsed.kind === "refused"
      ? refuse(parsed.reason)
      : doCommand(draft, facts, parsed.command, given);
  if (answered.kind !== "answered") return answered;
  answer(draft, given, parsed.text, answered);
  return undefined;
}

function doCommand(draft: Draft, facts: Facts, command: Command, given: Given): Answered {
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
      return doPlan(draft, facts, command.query, given.actor);
    case "apply":
      return doApply(draft, facts, command.query, { who: given.actor, operation: "apply" });
    case "apply-force":
      return doApply(draft, facts, command.query, {
        who: given.actor,
        operation: "apply-force",
      });
    case "unlock":
      return doUnlock(draft, facts, command.targets, given);
    case "repo-config":
      return doRepoConfig(facts);
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
  answered: Extract<Answered, { kind: "answered" }>,
): void {
  draft.because(...answered.reasons);
  const notice = {
    at: draft.event.at,
    command: text,
    actor: given.actor.login,
    outcome: answered.outcome,
    reasons: answered.reasons,
  };
  draft.write({ kind: "set_notice", notice });
  publish(draft);
  if (given.commentId === undefined) return;
  draft.effect({
    kind: "acknowledge",
    key: `acknowledge:${draft.now().pullRequest.id}:${given.commentId}`,
    commentId: given.commentId,
  });
}
