import type { DirspaceKey } from "../change/dirspace.ts";
import type { Facts, Question } from "../fact.ts";
import { configFor, viewOf } from "../inputs.ts";
import { judgeRequirements } from "../policy/apply-requirements.ts";
import type { PullRequestView } from "../pull-request.ts";
import type { Reason } from "../reason.ts";
import type { Snapshot } from "../snapshot.ts";

export type LiveCheck =
  | { readonly kind: "ask"; readonly questions: readonly Question[] }
  | { readonly kind: "refused"; readonly reasons: readonly Reason[] }
  | {
      readonly kind: "passed";
      readonly view: PullRequestView;
      readonly approvedBy: readonly string[];
    };

/**
 * S14: approvals and requirements are judged once more at the moment of the apply, from what the VCS says then.
 * An approval that was withdrawn since the command stops what has not begun.
 */
export function checkLive(snapshot: Snapshot, unit: DirspaceKey, facts: Facts): LiveCheck {
  const view = viewOf(facts);
  if (view === "unasked") return { kind: "ask", questions: [{ kind: "pull_request" }] };
  if (view === undefined) return { kind: "refused", reasons: [{ code: "pull_request_gone" }] };
  const configured = configFor(view, facts);
  if (configured.kind === "ask") return configured;
  if (configured.kind === "stopped") return { kind: "refused", reasons: configured.reasons };
  const states = snapshot.dirspaces.filter((state) => state.key === unit);
  const judged = judgeRequirements(configured.config, view, states, facts);
  if (judged.kind === "ask") return judged;
  if (judged.refusals.length > 0) return { kind: "refused", reasons: judged.refusals };
  return { kind: "passed", view, approvedBy: judged.approvedBy };
}
