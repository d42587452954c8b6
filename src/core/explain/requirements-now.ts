import type { Answer, Facts } from "../fact.ts";
import { type Question, questionKey } from "../fact.ts";
import { judgeRequirements } from "../policy/apply-requirements.ts";
import type { PullRequestView } from "../pull-request.ts";
import type { Reason } from "../reason.ts";
import type { RuleBook } from "../rule/rule-book.ts";
import { withPlaces } from "../rule/rules-of-reason.ts";
import type { DirspaceState, Snapshot } from "../snapshot.ts";

/** Enough for one rule: reviews, checks and the people in it are asked for in turn. */
const ROUNDS_MAX = 3;

/**
 * What `apply_requirements` would say of a dirspace, from what was looked up before. Nothing is asked for it: a check
 * that nobody has looked at counts as passed here, and is looked at when somebody applies.
 */
export function requirementsNow(
  book: RuleBook,
  view: PullRequestView,
  facts: Facts,
  snapshot: Snapshot,
): (state: DirspaceState) => readonly Reason[] {
  const { gateApprovals } = snapshot.pullRequest;
  return (state) => {
    const known = new Map(facts);
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const judged = judgeRequirements({ config: book.config, view, facts: known, gateApprovals }, [
        state,
      ]);
      if (judged.kind === "judged") {
        return judged.refusals.map((reason) => withPlaces(reason, book, snapshot));
      }
      for (const question of judged.questions) known.set(questionKey(question), unasked(question));
    }
    return [];
  };
}

function unasked(question: Question): Answer {
  switch (question.kind) {
    case "checks":
      return { kind: "checks", checks: [] };
    case "open_reviews":
      return { kind: "open_reviews", waitingFor: [] };
    case "team_member":
      return { kind: "team_member", member: false };
    case "permission":
      return { kind: "permission", permission: "none" };
    default:
      return { kind: "refused", message: "it was not looked up" };
  }
}
