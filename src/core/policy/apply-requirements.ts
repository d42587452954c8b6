import type { DirspaceKey } from "../change/dirspace.ts";
import type { ApplyRequirement, Approved, Config } from "../config/config.ts";
import type { Match } from "../config/match.ts";
import { type Facts, factOf, type Question, questionKey } from "../fact.ts";
import type { Account } from "../ids.ts";
import { allows, approversOf, type PullRequestView } from "../pull-request.ts";
import { matches } from "../query/match.ts";
import type { Reason } from "../reason.ts";
import type { DirspaceState } from "../snapshot.ts";

/** What keeps these dirspaces from being applied; the questions come first when a rule needs an answer. */
export type Requirements =
  | { readonly kind: "ask"; readonly questions: readonly Question[] }
  | {
      readonly kind: "judged";
      readonly refusals: readonly Reason[];
      readonly approvedBy: readonly string[];
    };

/** Judged live, for this head commit, by the rules of the default branch (S14, S16). */
export function judgeRequirements(
  config: Config,
  view: PullRequestView,
  states: readonly DirspaceState[],
  facts: Facts,
): Requirements {
  const approvers = approversOf(view);
  const rules = states.map((state) => ({ state, rule: ruleFor(config, state) }));
  const questions = rules.some(({ rule }) => rule !== undefined && asksForRole(rule.approved))
    ? approvers.map((one): Question => ({ kind: "permission", account: one.id }))
    : [];
  const open = questions.filter((one) => !facts.has(questionKey(one)));
  if (open.length > 0) return { kind: "ask", questions: open };

  const refusals = new Map<string, Reason>();
  for (const { state, rule } of rules) {
    for (const reason of refusalsOf(rule, view, state.key, approvers, facts))
      merge(refusals, reason);
  }
  return {
    kind: "judged",
    refusals: [...refusals.values()],
    approvedBy: approvers.map((one) => one.login),
  };
}

/** The first requirement whose query matches; without any entry in the configuration the defaults hold. */
function ruleFor(config: Config, state: DirspaceState): ApplyRequirement | undefined {
  const subject = {
    tags: new Set(state.affected?.tags ?? []),
    dir: state.dirspace.dir as string,
  };
  return config.applyRequirements.checks.find((rule) => matches(rule.tagQuery, subject));
}

function refusalsOf(
  rule: ApplyRequirement | undefined,
  view: PullRequestView,
  key: DirspaceKey,
  approvers: readonly Account[],
  facts: Facts,
): readonly Reason[] {
  if (rule === undefined) return [{ code: "no_requirement_matches", dirspaces: [key] }];
  // After the merge the review is over: what is left is to apply what was merged.
  if (view.state === "merged") return [];
  const refusals: Reason[] = [];
  if (rule.applyAfterMerge.enabled) refusals.push({ code: "merge_first", dirspaces: [key] });
  if (rule.requireReadyForReviewPr && view.draft) refusals.push({ code: "draft" });
  const approval = judgeApproval(rule.approved, approvers, facts);
  if (approval !== undefined)
    refusals.push({ code: "not_approved", dirspaces: [key], ...approval });
  return refusals;
}

type Missing = Omit<Extract<Reason, { code: "not_approved" }>, "code" | "dirspaces">;

/** Distinct people count, each once (a person who matches two terms is still one approval). */
function judgeApproval(
  rule: Approved,
  approvers: readonly Account[],
  facts: Facts,
): Missing | undefined {
  if (!rule.enabled) return undefined;
  const unmet = rule.allOf.filter((term) => !approvers.some((one) => satisfies(one, term, facts)));
  const counted =
    rule.anyOf.length === 0
      ? approvers
      : approvers.filter((one) => rule.anyOf.some((term) => satisfies(one, term, facts)));
  if (unmet.length === 0 && counted.length >= rule.anyOfCount) return undefined;
  const anyOf = counted.length < rule.anyOfCount ? rule.anyOf.map(termText) : [];
  return {
    have: approvers.map((one) => one.login),
    need: Math.max(rule.anyOfCount, unmet.length),
    missing: [...unmet.map(termText), ...anyOf],
  };
}

function satisfies(who: Account, term: Match, facts: Facts): boolean {
  switch (term.kind) {
    case "anyone":
      return true;
    case "user":
      return term.login.toLowerCase() === who.login.toLowerCase();
    case "role": {
      const known = factOf(facts, { kind: "permission", account: who.id });
      return known !== undefined && allows(known.permission, term.role);
    }
    case "team":
      // Membership is not looked up yet, and what is not known is not a yes.
      return false;
  }
}

function asksForRole(rule: Approved): boolean {
  return rule.enabled && [...rule.allOf, ...rule.anyOf].some((term) => term.kind === "role");
}

export function termText(term: Match): string {
  switch (term.kind) {
    case "anyone":
      return "anyone";
    case "user":
      return `@${term.login}`;
    case "team":
      return `team ${term.slug}`;
    case "role":
      return `somebody with ${term.role} access`;
  }
}

/** The same refusal for many dirspaces is one reason that lists them. */
function merge(refusals: Map<string, Reason>, reason: Reason): void {
  if (!("dirspaces" in reason)) {
    refusals.set(reason.code, reason);
    return;
  }
  const { dirspaces, ...rest } = reason;
  const id = JSON.stringify(rest);
  const known = refusals.get(id);
  const before = known !== undefined && "dirspaces" in known ? known.dirspaces : [];
  refusals.set(id, { ...reason, dirspaces: [...before, ...dirspaces] });
}
