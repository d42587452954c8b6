import { type Facts, factOf, type Question } from "../fact.ts";
import { allows, approversOf, type PullRequestView } from "../pull-request.ts";
import type { Reason } from "../reason.ts";

/** Somebody who may say so is nearly always among the first. */
const APPROVERS_MAX = 20;

export type ForkTrust =
  | { readonly kind: "trusted" }
  | { readonly kind: "ask"; readonly questions: readonly Question[] }
  | { readonly kind: "untrusted"; readonly reason: Reason };

/**
 * T1, S17: a plan runs the code of the change with credentials, so that nothing runs for a fork before somebody who may
 * write here has approved this very commit; with the next commit, or when the approval is taken back, that ends.
 */
export function judgeFork(view: PullRequestView, facts: Facts): ForkTrust {
  // Whoever merged it may write here, and from then on only code of the base is run.
  if (!view.fromFork || view.state === "merged") return { kind: "trusted" };
  const approvers = approversOf(view).slice(0, APPROVERS_MAX);
  const questions: Question[] = [];
  for (const { id } of approvers) {
    const question = { kind: "permission", account: id } as const;
    const known = factOf(facts, question);
    if (known === undefined) questions.push(question);
    else if (allows(known.permission, "write")) return { kind: "trusted" };
  }
  if (questions.length > 0) return { kind: "ask", questions };
  const approvedBy = approvers.map(({ login }) => login);
  const reason = { code: "untrusted_fork", head: view.headSha, approvedBy } as const;
  return { kind: "untrusted", reason };
}
