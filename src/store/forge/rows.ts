import { assert } from "../../base/assert.ts";
import type { Instant } from "../../base/brand.ts";
import type { Account, AccountId, CommitSha } from "../../core/ids.ts";
import type { ForgePullRequest, ForgePullState } from "../../ports/forge-store.ts";

/** PostgreSQL keeps microseconds and `Date` milliseconds; what we write has none of the former. */
export function instant(at: Date): Instant {
  return at.getTime() as Instant;
}

export function date(at: Instant): Date {
  return new Date(at);
}

export function account(id: string, login: string): Account {
  return { id: id as AccountId, login };
}

/** A pull request's row, joined with the people in it. */
export interface PullRow {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly state: string;
  readonly draft: boolean;
  readonly head_ref: string;
  readonly base_ref: string;
  readonly head_sha: string;
  readonly base_sha: string;
  readonly merge_sha: string | null;
  readonly merged_by: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly ended_at: Date | null;
  readonly author_id: string;
  readonly author_login: string;
  readonly merger_login: string | null;
}

export function pullRequest(row: PullRow): ForgePullRequest {
  return {
    number: row.number,
    title: row.title,
    body: row.body,
    author: account(row.author_id, row.author_login),
    status: pullState(row),
    draft: row.draft,
    headRef: row.head_ref,
    baseRef: row.base_ref,
    headSha: row.head_sha as CommitSha,
    baseSha: row.base_sha as CommitSha,
    createdAt: instant(row.created_at),
    updatedAt: instant(row.updated_at),
  };
}

function pullState(row: PullRow): ForgePullState {
  if (row.state === "open" || row.ended_at === null) return { state: "open" };
  const at = instant(row.ended_at);
  if (row.state === "closed") return { state: "closed", at };
  assert(row.merge_sha !== null, "forge: a merged pull request names no merge commit");
  const by =
    row.merged_by === null || row.merger_login === null
      ? undefined
      : account(row.merged_by, row.merger_login);
  return { state: "merged", at, commit: row.merge_sha as CommitSha, by };
}
