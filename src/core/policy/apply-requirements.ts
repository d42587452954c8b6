import type { DirspaceKey } from "../change/dirspace.ts";
import type { ApplyRequirement, Config } from "../config/config.ts";
import { type Facts, factOf, type Question, questionKey, refusalOf } from "../fact.ts";
import { approversOf, type PullRequestView } from "../pull-request.ts";
import { matches } from "../query/match.ts";
import type { Reason } from "../reason.ts";
import type { DirspaceState } from "../snapshot.ts";
import { judgeApproval } from "./approval.ts";
import { type GateApproval, judgeGates } from "./gate.ts";
import type { Judged } from "./judged.ts";
import { judgeChecks } from "./status-checks.ts";

/** What keeps these dirspaces from being applied; the questions come first when a rule needs an answer. */
export type Requirements =
  | { readonly kind: "ask"; readonly questions: readonly Question[] }
  | {
      readonly kind: "judged";
      readonly refusals: readonly Reason[];
      readonly approvedBy: readonly string[];
    };

export interface RequirementsAsked {
  readonly config: Config;
  readonly view: PullRequestView;
  readonly facts: Facts;
  readonly gateApprovals: readonly GateApproval[];
}

/** Judged live, for this head commit, by the rules of the default branch (S14, S16). */
export function judgeRequirements(
  { config, view, facts, gateApprovals }: RequirementsAsked,
  states: readonly DirspaceState[],
): Requirements {
  const judged = states.flatMap((state) => [
    judgeRule(requirementOf(config, state), view, state.key, facts),
    judgeGates(state, view, gateApprovals, facts),
  ]);
  const questions = new Map<string, Question>();
  const refusals = new Map<string, Reason>();
  for (const one of judged) {
    for (const question of one.questions) questions.set(questionKey(question), question);
    for (const reason of one.refusals) merge(refusals, reason);
  }
  if (questions.size > 0) return { kind: "ask", questions: [...questions.values()] };
  const approvedBy = approversOf(view).map((one) => one.login);
  return { kind: "judged", refusals: [...refusals.values()], approvedBy };
}

/** The first requirement whose query matches; without any entry in the configuration the defaults hold. */
export function requirementOf(config: Config, state: DirspaceState): ApplyRequirement | undefined {
  const subject = {
    tags: new Set(state.affected?.tags ?? []),
    dir: state.dirspace.dir as string,
  };
  return config.applyRequirements.checks.find((rule) => matches(rule.tagQuery, subject));
}

const PASSED: Judged = { questions: [], refusals: [] };

function judgeRule(
  rule: ApplyRequirement | undefined,
  view: PullRequestView,
  key: DirspaceKey,
  facts: Facts,
): Judged {
  if (rule === undefined) return refused({ code: "no_requirement_matches", dirspaces: [key] });
  // After the merge the review is over: what is left is to apply what was merged.
  if (view.state === "merged") return PASSED;
  const parts: readonly Judged[] = [
    rule.applyAfterMerge.enabled ? refused({ code: "merge_first", dirspaces: [key] }) : PASSED,
    rule.requireReadyForReviewPr && view.draft ? refused({ code: "draft" }) : PASSED,
    rule.mergeConflicts.enabled ? judgeMergeable(view) : PASSED,
    judgeApproval(rule.approved, approversOf(view), key, facts),
    judgeReviews(rule, view, key, facts),
    judgeChecks(rule.statusChecks, view.headSha, key, facts),
  ];
  return {
    questions: parts.flatMap((part) => part.questions),
    refusals: parts.flatMap((part) => part.refusals),
  };
}

/** A mergeability that is not known yet is no conflict and no go-ahead. */
function judgeMergeable(view: PullRequestView): Judged {
  switch (view.mergeable) {
    case "clean":
      return PASSED;
    case "conflict":
      return refused({ code: "merge_conflict", base: view.baseRef });
    case "unknown":
      return refused({ code: "mergeability_unknown" });
  }
}

function judgeReviews(
  { approved }: ApplyRequirement,
  view: PullRequestView,
  key: DirspaceKey,
  facts: Facts,
): Judged {
  if (!approved.enabled || !approved.requireCompletedReviews) return PASSED;
  const question = { kind: "open_reviews" } as const;
  const known = factOf(facts, question);
  if (known !== undefined) {
    // Who wants changes has not completed the review, also where the VCS would let that pass.
    const objections = view.reviews.filter((review) => review.verdict === "changes_requested");
    const waitingFor = [
      ...new Set([...known.waitingFor, ...objections.map((review) => review.reviewer.login)]),
    ];
    return waitingFor.length === 0
      ? PASSED
      : refused({ code: "reviews_open", dirspaces: [key], waitingFor });
  }
  const message = refusalOf(facts, question);
  if (message === undefined) return { questions: [question], refusals: [] };
  return refused({ code: "lookup_refused", what: "reviews", message });
}

function refused(reason: Reason): Judged {
  return { questions: [], refusals: [reason] };
}

/** The same refusal for many dirspaces is one reason that lists them. */
function merge(refusals: Map<string, Reason>, reason: Reason): void {
  if (!("dirspaces" in reason)) {
    refusals.set(JSON.stringify(reason), reason);
    return;
  }
  const { dirspaces, ...rest } = reason;
  const id = JSON.stringify(rest);
  const known = refusals.get(id);
  const before = known !== undefined && "dirspaces" in known ? known.dirspaces : [];
  refusals.set(id, { ...reason, dirspaces: [...before, ...dirspaces] });
}
