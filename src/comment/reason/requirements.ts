import { count } from "../../base/text.ts";
import type { Reason, ReasonCode } from "../../core/reason.ts";
import { literals, names, subject } from "../words.ts";
import { unreadableText } from "./access.ts";
import type { RefusalText, Texts } from "./text.ts";

export type RequirementCode = Extract<
  ReasonCode,
  | "draft"
  | "merge_first"
  | "not_approved"
  | "checks_not_passed"
  | "reviews_open"
  | "no_requirement_matches"
>;

/** Refusals that come from `apply_requirements`. */
export const REQUIREMENTS: Texts<RequirementCode, RefusalText> = {
  draft: () => ({
    title: "The pull request is a draft",
    cause: "Drafts are not applied.",
    next: "Mark it ready for review, then comment `terrane apply`.",
  }),
  merge_first: ({ dirspaces }) => ({
    title: "Merge first",
    cause: `The configuration wants ${names(dirspaces)} applied after the merge.`,
    next: "Merge the pull request; `terrane apply` works there afterwards too.",
  }),
  not_approved: ({ dirspaces, have, need, missing, unreadable }) => ({
    title: "Approvals are missing",
    cause:
      `${subject(dirspaces, "needs", "need")} ${count(need, "approval")} of this commit by people other than the author` +
      `${have.length === 0 ? ", and has none" : `; approved by ${literals(have)}`}.` +
      (missing.length === 0 ? "" : ` Missing: ${literals(missing)}.`) +
      unreadableText(unreadable),
    next: "Get the approvals, then comment `terrane apply`. An approval of an older commit does not count.",
  }),
  checks_not_passed: (reason) => ({
    title: reason.failed.length > 0 ? "Checks failed" : "Checks are still running",
    cause: checksText(reason),
    next:
      reason.failed.length > 0
        ? "Mend what they found and push, or name what does not count in `status_checks.ignore_matching`."
        : "Comment `terrane apply` once they have passed.",
  }),
  reviews_open: ({ dirspaces, waitingFor }) => ({
    title: "Reviews are outstanding",
    cause: `${subject(dirspaces, "needs", "need")} every requested review of the pull request; outstanding: ${literals(waitingFor)}.`,
    next: "Get the reviews, or withdraw the requests, then comment `terrane apply`.",
  }),
  no_requirement_matches: ({ dirspaces }) => ({
    title: "No apply requirement matches",
    cause: `No entry of \`apply_requirements.checks\` matches ${names(dirspaces)}, so nothing says when to apply.`,
    next: "Add an entry to the configuration on the default branch whose `tag_query` matches.",
  }),
};

function checksText(reason: Extract<Reason, { code: "checks_not_passed" }>): string {
  const { dirspaces, failed, pending } = reason;
  const parts = [
    ...(failed.length === 0 ? [] : [`failed: ${literals(failed)}`]),
    ...(pending.length === 0 ? [] : [`not finished: ${literals(pending)}`]),
  ];
  return `${subject(dirspaces, "needs", "need")} every other check of this commit to pass; ${parts.join("; ")}.`;
}
