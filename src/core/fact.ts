import type { AccountId, CommitSha } from "./ids.ts";
import type { CommitCheck, FileChange, Permission, PullRequestView } from "./pull-request.ts";

/**
 * What the core may ask. Answers come back as facts under `questionKey`. Questions that name commits have
 * one answer for ever, so the shell keeps those; the others are asked anew for every event.
 */
export type Question =
  | { readonly kind: "pull_request" }
  | { readonly kind: "permission"; readonly account: AccountId }
  | { readonly kind: "team_member"; readonly team: string; readonly account: AccountId }
  /** What other people's checks say about a commit; ours are not among them. */
  | { readonly kind: "checks"; readonly commit: CommitSha }
  /** Whether somebody who was asked to review has not approved yet. */
  | { readonly kind: "open_reviews" }
  /** Which files of the repository tell the CI system how our jobs run. */
  | { readonly kind: "ci_files" }
  | { readonly kind: "config"; readonly commit: CommitSha }
  | { readonly kind: "tree"; readonly commit: CommitSha }
  | {
      readonly kind: "changes";
      readonly base: CommitSha;
      readonly head: CommitSha;
      /** From `base` itself instead of the merge base. */
      readonly direct: boolean;
    };

export type Answer =
  | { readonly kind: "pull_request"; readonly view: PullRequestView | undefined }
  | { readonly kind: "permission"; readonly permission: Permission }
  | { readonly kind: "team_member"; readonly member: boolean }
  | { readonly kind: "checks"; readonly checks: readonly CommitCheck[] }
  /** Logins and teams, or what else the VCS waits for; empty when nothing is outstanding. */
  | { readonly kind: "open_reviews"; readonly waitingFor: readonly string[] }
  | { readonly kind: "ci_files"; readonly paths: readonly string[] }
  | { readonly kind: "config"; readonly file: ConfigFile }
  | { readonly kind: "tree"; readonly paths: readonly string[] }
  | { readonly kind: "changes"; readonly changes: readonly FileChange[] }
  /** The VCS will not answer it, now or later. Whatever depends on it is refused. */
  | { readonly kind: "refused"; readonly message: string };

/** The repository's configuration file at a commit, or why there is none. */
export type ConfigFile =
  | { readonly kind: "none" }
  | { readonly kind: "found"; readonly path: string; readonly text: string }
  | { readonly kind: "ambiguous"; readonly paths: readonly string[] }
  | { readonly kind: "unreadable"; readonly path: string; readonly message: string };

/** Looked up in this order; a file of each product name at once is an error that says so. */
export const CONFIG_PATHS = [
  ".terrane/config.yml",
  ".terrane/config.yaml",
  ".terrateam/config.yml",
  ".terrateam/config.yaml",
] as const;

export type Facts = ReadonlyMap<string, Answer>;

export function questionKey(question: Question): string {
  switch (question.kind) {
    case "pull_request":
    case "open_reviews":
    case "ci_files":
      return question.kind;
    case "team_member":
      return `team_member:${question.account}:${question.team.toLowerCase()}`;
    case "permission":
      return `permission:${question.account}`;
    case "checks":
    case "config":
    case "tree":
      return `${question.kind}:${question.commit}`;
    case "changes":
      return `changes:${question.base}${question.direct ? ".." : "..."}${question.head}`;
  }
}

/** True when the answer can never change: commits are immutable. */
export function isImmutable(question: Question): boolean {
  return question.kind === "config" || question.kind === "tree" || question.kind === "changes";
}

/** Why a question will not be answered; undefined where it was, or has not been asked. */
export function refusalOf(facts: Facts, question: Question): string | undefined {
  const answer = facts.get(questionKey(question));
  return answer?.kind === "refused" ? answer.message : undefined;
}

/** The answer of the asked kind, or undefined when it has not been looked up. */
export function factOf<K extends Question["kind"]>(
  facts: Facts,
  question: Extract<Question, { kind: K }>,
): Extract<Answer, { kind: K }> | undefined {
  const answer = facts.get(questionKey(question));
  return answer?.kind === question.kind ? (answer as Extract<Answer, { kind: K }>) : undefined;
}
