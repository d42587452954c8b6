import type { DirspaceKey } from "../change/dirspace.ts";
import type { Approved } from "../config/config.ts";
import type { Facts } from "../fact.ts";
import type { Account } from "../ids.ts";
import type { Judged } from "./judged.ts";
import { either, matchesAny, matchesTerm, questionsOf, termText, unreadableOf } from "./terms.ts";

/**
 * Each term of `all_of` needs somebody, and `any_of` as many people as it counts: distinct ones, each once, however
 * many terms speak of them. Asks only about what can still decide.
 */
export function judgeApproval(
  rule: Approved,
  approvers: readonly Account[],
  key: DirspaceKey,
  facts: Facts,
): Judged {
  if (!rule.enabled) return { questions: [], refusals: [] };
  const all = rule.allOf.map((term) => ({
    term,
    verdict: either(approvers.map((one) => matchesTerm(one, term, facts))),
  }));
  const any = approvers.map((one) =>
    rule.anyOf.length === 0 ? ({ kind: "yes" } as const) : matchesAny(one, rule.anyOf, facts),
  );
  const counted = any.filter((verdict) => verdict.kind === "yes").length;
  const asksCount = counted < rule.anyOfCount ? any : [];
  const questions = questionsOf([...all.map(({ verdict }) => verdict), ...asksCount]);
  if (questions.length > 0) return { questions, refusals: [] };

  const unmet = all.filter(({ verdict }) => verdict.kind !== "yes");
  if (unmet.length === 0 && counted >= rule.anyOfCount) return { questions: [], refusals: [] };
  const anyOf = counted < rule.anyOfCount ? rule.anyOf.map(termText) : [];
  const reason = {
    code: "not_approved",
    dirspaces: [key],
    have: approvers.map((one) => one.login),
    need: Math.max(rule.anyOfCount, unmet.length),
    missing: [...unmet.map(({ term }) => termText(term)), ...anyOf],
    unreadable: unreadableOf([...unmet.map(({ verdict }) => verdict), ...asksCount]),
  } as const;
  return { questions: [], refusals: [reason] };
}
