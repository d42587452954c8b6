import { sql } from "kysely";
import type { Instant } from "../../base/brand.ts";
import type { CommitSha, PullRequestId, RepositoryId } from "../../core/ids.ts";
import type { Unserved } from "../../core/standing.ts";
import type { StoredPullRequest, StoredRepository } from "../../ports/engine-store.ts";

export interface PullRequestRow extends RepositoryRow {
  readonly id: string;
  readonly number: number;
}

export interface RepositoryRow {
  readonly repository_id: string;
  readonly repository_external_id: string;
  readonly full_name: string;
  readonly default_branch: string;
  readonly vcs: string;
  readonly installation_external_id: string;
  readonly unserved?: { readonly because: Unserved["because"]; readonly since: string } | null;
}

/** Why nothing can be done in a repository; null where it is served. */
export const UNSERVED = sql`
  case
    when installation.state <> 'active' then jsonb_build_object(
      'because', case installation.state when 'removed' then 'uninstalled' else 'suspended' end,
      'since', installation.state_since
    )
    when repository.state <> 'served' then jsonb_build_object(
      'because', case repository.state when 'removed' then 'taken_away' else 'archived' end,
      'since', repository.state_since
    )
  end
`;

/** A pull request with what names it on its VCS; for `where` clauses that follow. */
export const SELECT_PULL_REQUEST = sql`
  select pull_request.id, pull_request.number, pull_request.observed_seq,
    extract(epoch from now() - pull_request.observed_at)::float8 * 1000 as view_age_ms,
    repository.id as repository_id,
    repository.external_id as repository_external_id, repository.full_name,
    repository.default_branch, installation.vcs,
    installation.external_id as installation_external_id, ${UNSERVED} as unserved
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

export function storedRepository(row: RepositoryRow): StoredRepository {
  return {
    id: row.repository_id as RepositoryId,
    vcs: row.vcs,
    ref: {
      installation: row.installation_external_id,
      id: row.repository_external_id,
      fullName: row.full_name,
    },
    defaultBranch: row.default_branch,
    ...(row.unserved == null ? {} : { unserved: unserved(row.unserved) }),
  };
}

function unserved({ because, since }: NonNullable<RepositoryRow["unserved"]>): Unserved {
  return { because, since: Date.parse(since) as Instant };
}

export function sha(text: string): CommitSha {
  return text as CommitSha;
}

const UNSTORABLE = /\\u(?:0000|d[89a-f])/;
const ESCAPE = /\\(?:u0000|ud[89a-f][0-9a-f]{2}|[^])/g;

/**
 * JSON has no `undefined`: optional fields come back absent, which reads the same. PostgreSQL takes neither NUL nor
 * half of a surrogate pair: from a hostile file, comment or log they come back as U+FFFD.
 */
export function json(value: unknown): string {
  const text = JSON.stringify(value);
  if (!UNSTORABLE.test(text)) return text;
  return text.replace(ESCAPE, (escape) => (escape.length > 2 ? "\ufffd" : escape));
}
