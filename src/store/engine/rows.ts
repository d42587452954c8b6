import { sql } from "kysely";
import type { CommitSha, PullRequestId, RepositoryId } from "../../core/ids.ts";
import type { StoredPullRequest, StoredRepository } from "../../ports/engine-store.ts";

export interface PullRequestRow {
  readonly id: string;
  readonly number: number;
  readonly repository_id: string;
  readonly repository_external_id: string;
  readonly full_name: string;
  readonly default_branch: string;
  readonly vcs: string;
  readonly installation_external_id: string;
}

/** A pull request with what names it on its VCS; for `where` clauses that follow. */
export const SELECT_PULL_REQUEST = sql`
  select pull_request.id, pull_request.number, repository.id as repository_id,
    repository.external_id as repository_external_id, repository.full_name,
    repository.default_branch, installation.vcs,
    installation.external_id as installation_external_id
  from pull_request
  join repository on repository.id = pull_request.repository_id
  join installation on installation.id = repository.installation_id
`;

export function storedPullRequest(row: PullRequestRow): StoredPullRequest {
  return {
    id: row.id as PullRequestId,
    number: row.number,
    repository: storedRepository(row),
  };
}

function storedRepository(row: PullRequestRow): StoredRepository {
  return {
    id: row.repository_id as RepositoryId,
    vcs: row.vcs,
    ref: {
      installation: row.installation_external_id,
      id: row.repository_external_id,
      fullName: row.full_name,
    },
    defaultBranch: row.default_branch,
  };
}

export function sha(text: string): CommitSha {
  return text as CommitSha;
}

/** JSON has no `undefined`: optional fields come back absent, which reads the same. */
export function json(value: unknown): string {
  return JSON.stringify(value);
}
