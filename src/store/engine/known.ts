import { sql } from "kysely";
import type { CommitSha, PullRequestId } from "../../core/ids.ts";
import type { EngineStore, KnownRepository } from "../../ports/engine-store.ts";
import type { Database } from "../pool.ts";
import { type RepositoryRow, storedRepository } from "./rows.ts";

type KnownStore = Pick<EngineStore, "takeRepositories">;

/** What holds or waits is read again after this long, also where nothing seems to have changed. */
export const OVERDUE_MINUTES = 60;
/** A repository in which nothing happened for this long is left to its webhooks. */
export const QUIET_DAYS = 30;

/**
 * What nobody has seen counts as closed: a webhook may name a number that never was, and nobody would ever stop looking
 * for that one. Where it is open after all the list of what is open says so.
 */
export function knownStore(database: Database): KnownStore {
  const db = database.statements;
  return {
    async takeRepositories(everyMs, limit) {
      const { rows } = await sql<KnownRow>`
        with due as (
          select id from repository
          where state = 'served' and (looked_at is null or looked_at < now() - ${everyMs} * interval '1 millisecond')
            and exists (
              select from installation where installation.id = installation_id and installation.state = 'active'
            )
            and exists (
              select from pull_request
              where pull_request.repository_id = repository.id
                and updated_at > now() - ${QUIET_DAYS} * interval '1 day'
            )
          order by looked_at nulls first limit ${limit} for update skip locked
        ), taken as (
          update repository set looked_at = now() from due where repository.id = due.id
          returning repository.*
        )
        select taken.id as repository_id, taken.external_id as repository_external_id, taken.full_name,
          taken.default_branch, installation.vcs, installation.external_id as installation_external_id,
          taken.created_at, coalesce(known.list, '[]') as known
        from taken join installation on installation.id = taken.installation_id
        cross join lateral (
          select json_agg(json_build_object(
            'id', pull_request.id, 'number', pull_request.number,
            'open', coalesce(view ->> 'state', '') = 'open',
            'closed', coalesce(view ->> 'state', 'closed') = 'closed', 'head', view ->> 'headSha', 'central', change_set ->> 'central',
            'overdue', updated_at < now() - ${OVERDUE_MINUTES} * interval '1 minute' and (
              exists (select from lock where lock.pull_request_id = pull_request.id)
              or exists (select from run where run.pull_request_id = pull_request.id and state <> 'ended')
            ),
            'pending', exists (
              select from event where event.pull_request_id = pull_request.id and state = 'pending'
                and (not_before is null or not_before <= now())
            )
          )) as list
          from pull_request where pull_request.repository_id = taken.id
        ) known
      `.execute(db);
      return rows.map(knownRepository);
    },
  };
}

interface KnownRow extends RepositoryRow {
  readonly created_at: Date;
  readonly known: readonly {
    readonly id: PullRequestId;
    readonly number: number;
    readonly open: boolean;
    readonly closed: boolean;
    readonly head: CommitSha | null;
    readonly central: CommitSha | null;
    readonly overdue: boolean;
    readonly pending: boolean;
  }[];
}

function knownRepository(row: KnownRow): KnownRepository {
  return {
    repository: storedRepository(row),
    sinceMs: row.created_at.getTime(),
    pullRequests: row.known.map((one) => ({
      ...one,
      head: one.head ?? undefined,
      central: one.central ?? undefined,
    })),
  };
}
