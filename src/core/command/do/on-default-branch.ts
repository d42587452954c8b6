import { configFor } from "../../configured.ts";
import type { Draft } from "../../draft.ts";
import type { Facts, Question } from "../../fact.ts";
import { viewOf } from "../../inputs.ts";
import type { Asking } from "../../policy/asking.ts";
import type { Reason } from "../../reason.ts";
import type { Given } from "./answer.ts";

export type OnDefaultBranch =
  | { readonly kind: "ask"; readonly questions: readonly Question[] }
  | { readonly kind: "denied"; readonly refusals: readonly Reason[] }
  /** Nothing was ever seen of the pull request, so it owns nothing. */
  | { readonly kind: "unseen" }
  | { readonly kind: "known"; readonly asking: Asking };

/**
 * Who asks, by the rules of the default branch as they are: a pull request whose own configuration is broken can be
 * unlocked, and one that the VCS no longer knows, too.
 */
export function asOnDefaultBranch(draft: Draft, facts: Facts, given: Given): OnDefaultBranch {
  const now = viewOf(facts);
  const view = now === "unasked" || now === undefined ? draft.now().pullRequest.view : now;
  if (view === undefined) return { kind: "unseen" };
  const { defaultBranchSha: commit, defaultBranch } = view;
  const onDefault = { ...view, headRef: defaultBranch, headSha: commit, baseSha: commit };
  const configured = configFor(onDefault, facts);
  if (configured.kind === "ask") return configured;
  if (configured.kind === "stopped") return { kind: "denied", refusals: configured.reasons };
  draft.consult(configured.effective);
  const { config } = configured.effective;
  return { kind: "known", asking: { config, view: onDefault, who: given.actor, facts } };
}
