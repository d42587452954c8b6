import type { Match } from "../config/match.ts";
import { type Facts, factOf, type Question, questionKey, refusalOf } from "../fact.ts";
import type { Account } from "../ids.ts";
import { allows } from "../pull-request.ts";

/**
 * Whether something holds, as far as the facts say. `no` is also what cannot be found out; `unreadable` then says
 * why, so that nobody is left to guess.
 */
export type Verdict =
  | { readonly kind: "yes" }
  | { readonly kind: "no"; readonly unreadable: readonly string[] }
  | { readonly kind: "ask"; readonly questions: readonly Question[] };

const YES: Verdict = { kind: "yes" };
const NO: Verdict = { kind: "no", unreadable: [] };

/** Whether one term speaks of this person. */
export function matchesTerm(who: Account, term: Match, facts: Facts): Verdict {
  switch (term.kind) {
    case "anyone":
      return YES;
    case "user":
      return term.login.toLowerCase() === who.login.toLowerCase() ? YES : NO;
    case "role": {
      const question = { kind: "permission", account: who.id } as const;
      const known = factOf(facts, question);
      if (known !== undefined) return allows(known.permission, term.role) ? YES : NO;
      return askOrUnreadable(question, `the role of @${who.login}`, facts);
    }
    case "team": {
      const question = { kind: "team_member", team: term.slug, account: who.id } as const;
      const known = factOf(facts, question);
      if (known !== undefined) return known.member ? YES : NO;
      return askOrUnreadable(question, termText(term), facts);
    }
  }
}

function askOrUnreadable(question: Question, what: string, facts: Facts): Verdict {
  if (!facts.has(questionKey(question))) return { kind: "ask", questions: [question] };
  const message = refusalOf(facts, question) ?? "the answer was of another kind";
  return { kind: "no", unreadable: [`${what} cannot be looked up: ${message}`] };
}

/** Whether any term of the list speaks of this person; an empty list speaks of nobody. */
export function matchesAny(who: Account, terms: readonly Match[], facts: Facts): Verdict {
  return either(terms.map((term) => matchesTerm(who, term, facts)));
}

/** Yes where one of them is; asks only where that can still decide. */
export function either(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.some((one) => one.kind === "yes")) return YES;
  const questions = questionsOf(verdicts);
  if (questions.length > 0) {
    // A role costs less to look up than a team, and is often known already: it may make the rest unnecessary.
    const roles = questions.filter((one) => one.kind === "permission");
    return { kind: "ask", questions: roles.length > 0 ? roles : questions };
  }
  return { kind: "no", unreadable: unreadableOf(verdicts) };
}

export function questionsOf(verdicts: readonly Verdict[]): readonly Question[] {
  const open = new Map<string, Question>();
  for (const verdict of verdicts) {
    if (verdict.kind !== "ask") continue;
    for (const question of verdict.questions) open.set(questionKey(question), question);
  }
  return [...open.values()];
}

export function unreadableOf(verdicts: readonly Verdict[]): readonly string[] {
  return [...new Set(verdicts.flatMap((one) => (one.kind === "no" ? one.unreadable : [])))];
}

/** A term for people. */
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
