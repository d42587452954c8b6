import { unreachable } from "../base/unreachable.ts";
import { onCommand } from "./command/do/on-command.ts";
import type { Evaluation } from "./decision.ts";
import { type Draft, draftFrom, type Need, publish, publishAgain } from "./draft.ts";
import type { PullRequestEvent } from "./event.ts";
import type { Facts } from "./fact.ts";
import { lapseTurn } from "./lock/queue.ts";
import { onMergeQueued, onMergeRefused } from "./merge/automerge.ts";
import { noteGroup } from "./merge/settle-group.ts";
import { keepingStop } from "./notice.ts";
import { approversOf } from "./pull-request.ts";
import type { Reason } from "./reason.ts";
import { onDispatched, onEnded, onProgress, onRefusedResult, onSilent } from "./run/on-run.ts";
import { settleAndPlan } from "./settle/settle.ts";
import type { Snapshot } from "./snapshot.ts";
import { STANDING_HINT } from "./standing.ts";

/**
 * Decides what one event means for one pull request. Equal arguments give equal results, byte for byte (S30):
 * no clock, no randomness, no input but these three.
 */
export function evaluate(snapshot: Snapshot, event: PullRequestEvent, facts: Facts): Evaluation {
  const draft = draftFrom(snapshot, event);
  return handle(draft, facts) ?? draft.decision();
}

function handle(draft: Draft, facts: Facts): Need | undefined {
  const { what } = draft.event;
  switch (what.kind) {
    case "pull_request_changed":
      if (what.hint === STANDING_HINT) publishAgain(draft);
      return settleAndPlan(draft, facts, "changed");
    case "merge_group":
      noteGroup(draft, what.group);
      return settleAndPlan(draft, facts, "changed");
    case "base_moved":
      return settleAndPlan(draft, facts, "base_moved");
    case "configuration_moved":
      return settleAndPlan(draft, facts, "configuration_moved");
    case "neighbour_changed":
      answerWait(draft, what.because === "released" ? what.number : undefined);
      return settleAndPlan(draft, facts, "neighbour_released");
    case "review_changed": {
      const need = settleAndPlan(draft, facts, "changed");
      if (need === undefined) answerApproval(draft);
      return need;
    }
    case "commented": {
      const { body, author, commentId, word } = what;
      return onCommand(draft, facts, { text: body, actor: author, commentId, word });
    }
    case "command_given":
      return onCommand(draft, facts, {
        text: what.text,
        actor: what.actor,
        commentId: undefined,
      });
    case "button_pressed": {
      const { text, actor, head } = what;
      return onCommand(draft, facts, { text, actor, commentId: undefined, pressedOn: head });
    }
    case "turn_over":
      lapseTurn(draft, what.since);
      return settleAndPlan(draft, facts, "changed");
    case "run_dispatched":
      return onDispatched(draft, what);
    case "run_progressed":
      return onProgress(draft, facts, what);
    case "run_went_silent":
      return onSilent(draft, facts, what);
    case "result_refused":
      return onRefusedResult(draft, what);
    case "reviewers_refused":
      draft.because({
        code: "reviewers_unasked",
        names: what.names,
        why: "refused",
        said: what.message,
      });
      return undefined;
    case "merge_refused":
      return onMergeRefused(draft, what);
    case "merge_queued":
      return onMergeQueued(draft, what);
    case "branch_kept": {
      const { branch, message } = what;
      inform(draft, { code: "branch_kept", branch, said: message });
      publish(draft);
      return undefined;
    }
    case "run_ended":
      return onEnded(draft, facts, what);
    default:
      return unreachable(what);
  }
}

/** A refusal that named this lock no longer holds; say so instead of letting people wait for it. */
function answerWait(draft: Draft, released: number | undefined): void {
  const { notice } = draft.now().pullRequest;
  if (released === undefined || notice === undefined) return;
  const waited = notice.reasons.some(
    (reason) => reason.code === "locked" && reason.locks.some((lock) => lock.by === released),
  );
  if (waited) inform(draft, { code: "lock_freed", by: released });
}

/** An approval changes something: what waited for it says so. */
function answerApproval(draft: Draft): void {
  const { notice, view } = draft.now().pullRequest;
  if (notice === undefined || view === undefined) return;
  const approvers = approversOf(view).map((one) => one.login);
  const waited = notice.reasons.some(
    (reason) => reason.code === "not_approved" && approvers.length > reason.have.length,
  );
  if (waited) inform(draft, { code: "now_approved", by: approvers });
}

function inform(draft: Draft, reason: Reason): void {
  draft.because(reason);
  const { notice } = draft.now().pullRequest;
  draft.write({
    kind: "set_notice",
    notice: keepingStop(notice, {
      at: draft.event.at,
      command: notice?.command,
      actor: notice?.actor,
      outcome: "information",
      reasons: [reason],
    }),
  });
}
