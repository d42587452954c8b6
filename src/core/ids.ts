import type { Brand } from "../base/brand.ts";

/**
 * Ids and names that are all strings and therefore easy to swap. Cast only where a value enters:
 * in a parser, in the store, in `test/support`.
 */
export type InstallationId = Brand<string, "InstallationId">;
export type RepositoryId = Brand<string, "RepositoryId">;
export type PullRequestId = Brand<string, "PullRequestId">;
export type EventId = Brand<string, "EventId">;
/** `<event id>.<n>`: derived from the event that caused the run, so that deciding twice gives the same id. */
export type RunId = Brand<string, "RunId">;
/** Public by design: it travels through the CI system and opens nothing by itself. */
export type AttemptId = Brand<string, "AttemptId">;
/** A full commit id, 40 or 64 lower-case hexadecimal digits. */
export type CommitSha = Brand<string, "CommitSha">;
/** The VCS's own stable id of an account; logins can be renamed and reused (S15). */
export type AccountId = Brand<string, "AccountId">;

/** A person or a bot as the VCS names it. Decisions use `id`, texts use `login`. */
export interface Account {
  readonly id: AccountId;
  readonly login: string;
}

const COMMIT_SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

export function parseCommitSha(text: string): CommitSha | undefined {
  return COMMIT_SHA.test(text) ? (text as CommitSha) : undefined;
}
