import type { BuiltTree } from "./build/built-tree.ts";
import type { RepositoryIndex } from "./change/repository-index.ts";
import type { AccountId, CommitSha } from "./ids.ts";
import type {
  CommitCheck,
  FileChange,
  Permission,
  PullRequestView,
  SaidComment,
} from "./pull-request.ts";

/**
 * What the core may ask. Answers come back as facts under `questionKey`. Questions that name commits have
 * one answer for ever, so the shell keeps those; the others are asked anew for every event.
 */
export type Question =
  | { readonly kind: "pull_request" }
  /** A person's comment on this pull request, as the VCS has it now. */
  | { readonly kind: "comment"; readonly id: string }
  | { readonly kind: "permission"; readonly account: AccountId }
  | { readonly kind: "team_member"; readonly team: string; readonly account: AccountId }
  /** What other people's checks say about a commit; ours are not among them. */
  | { readonly kind: "checks"; readonly commit: CommitSha }
  /** Whether somebody who was asked to review has not approved yet. */
  | { readonly kind: "open_reviews" }
  /** Which files of the repository tell the CI system how our jobs run. */
  | { readonly kind: "ci_files" }
  | { readonly kind: "config"; readonly commit: CommitSha }
  /** Where the owner of the repository keeps configuration for all of theirs. */
  | { readonly kind: "central" }
  | { readonly kind: "central_files"; readonly central: Central }
  | { readonly kind: "tree"; readonly commit: CommitSha }
  /** What the code of a commit refers to; a job reads it, and nobody else can be asked. */
  | { readonly kind: "index"; readonly commit: CommitSha }
  /** What a builder made of a commit; `digest` says of what else. A job runs it. */
  | { readonly kind: "built_tree"; readonly commit: CommitSha; readonly digest: string }
  | { readonly kind: "built_config"; readonly commit: CommitSha; readonly digest: string }
  | {
      readonly kind: "changes";
      readonly base: CommitSha;
      readonly head: CommitSha;
      /** From `base` itself instead of the merge base. */
      readonly direct: boolean;
    };

export type Answer =
  | {
      readonly kind: "pull_request";
      readonly view: PullRequestView | undefined;
      /** As it was stored, and not looked at for this. */
      readonly stored?: true;
    }
  /** Undefined where there is none: it was deleted, or never was. */
  | { readonly kind: "comment"; readonly comment: SaidComment | undefined }
  | { readonly kind: "permission"; readonly permission: Permission }
  | { readonly kind: "team_member"; readonly member: boolean }
  | { readonly kind: "checks"; readonly checks: readonly CommitCheck[] }
  /** Logins and teams, or what else the VCS waits for; empty when nothing is outstanding. */
  | { readonly kind: "open_reviews"; readonly waitingFor: readonly string[] }
  | { readonly kind: "ci_files"; readonly paths: readonly string[] }
  | { readonly kind: "config"; readonly file: ConfigFile }
  | { readonly kind: "central"; readonly at: Central | undefined }
  | { readonly kind: "central_files"; readonly files: readonly CentralFile[] }
  | { readonly kind: "tree"; readonly paths: readonly string[] }
  /** Undefined while no job has read the code of the commit. */
  | { readonly kind: "index"; readonly index: RepositoryIndex | undefined }
  /** Undefined while no job has run the builder. */
  | { readonly kind: "built_tree"; readonly tree: BuiltTree | undefined }
  | { readonly kind: "built_config"; readonly text: string | undefined }
  | { readonly kind: "changes"; readonly changes: readonly FileChange[] }
  /** The VCS will not answer it, now or later. Whatever depends on it is refused. */
  | { readonly kind: "refused"; readonly message: string };

/** The repository's configuration file at a commit, or why there is none. */
export type ConfigFile =
  | { readonly kind: "none" }
  | { readonly kind: "found"; readonly path: string; readonly text: string }
  | { readonly kind: "ambiguous"; readonly paths: readonly string[] }
  | { readonly kind: "unreadable"; readonly path: string; readonly message: string };

/** The central repository of an owner, at the newest commit of its default branch. */
export interface Central {
  readonly id: string;
  readonly fullName: string;
  readonly commit: CommitSha;
  /** The directory of the repository that asks is called so. */
  readonly name: string;
}

/** A file of the central repository that is there. */
export type CentralFile =
  | { readonly kind: "text"; readonly path: string; readonly text: string }
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
    case "central":
      return question.kind;
    case "comment":
      return `comment:${question.id}`;
    case "central_files": {
      const { id, commit, name } = question.central;
      return `central_files:${id}@${commit}:${name}`;
    }
    case "team_member":
      return `team_member:${question.account}:${question.team.toLowerCase()}`;
    case "permission":
      return `permission:${question.account}`;
    case "checks":
    case "config":
    case "tree":
    case "index":
      return `${question.kind}:${question.commit}`;
    // As preparations are called, with the commit behind.
    case "built_tree":
    case "built_config":
      return `${question.kind}:${question.digest}:${question.commit}`;
    case "changes":
      return `changes:${question.base}${question.direct ? ".." : "..."}${question.head}`;
  }
}

/** True when the answer can never change: commits are immutable. */
export function isImmutable(question: Question): boolean {
  switch (question.kind) {
    case "config":
    case "central_files":
    case "tree":
    case "index":
    case "built_tree":
    case "built_config":
    case "changes":
      return true;
    default:
      return false;
  }
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
