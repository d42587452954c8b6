import { sql } from "kysely";
import type { Instant } from "../../base/brand.ts";
import type { DirspaceKey } from "../../core/change/dirspace.ts";
import type { LockRecord, Wait, WaitRecord } from "../../core/snapshot.ts";
import type { Tx } from "../transaction.ts";

export interface LockJson {
  readonly number: number;
  readonly because: LockRecord["because"];
  readonly base_ref: string;
  readonly since: number;
  readonly place: number;
  readonly branch_target: LockRecord["branchTarget"] | null;
}

/** Of `dirspace`, oldest first. Servers that know of no places gave each row its own: the lowest counts for all. */
export const LOCKS_OF_DIRSPACE = sql`(
  select json_agg(json_build_object(
    'number', owner.number, 'because', lock.because, 'base_ref', lock.base_ref,
    'since', floor(extract(epoch from lock.since) * 1000), 'branch_target', lock.branch_target,
    'place', (select min(same.place) from lock same where same.pull_request_id = owner.id)
  ) order by lock.since, owner.number)
  from lock join pull_request owner on owner.id = lock.pull_request_id
  where lock.dirspace_id = dirspace.id
)`;

export function lockRecord(lock: LockJson): LockRecord {
  return {
    pullRequest: lock.number,
    because: lock.because,
    baseRef: lock.base_ref,
    since: lock.since as Instant,
    place: lock.place,
    branchTarget: lock.branch_target ?? undefined,
  };
}

export interface WaitJson {
  readonly number: number;
  readonly base_ref: string;
  readonly place: number;
  readonly branch_target: WaitRecord["branchTarget"] | null;
  readonly turn_since: number | null;
}

/** Of `dirspace`, first come first. */
export const WAITS_OF_DIRSPACE = sql`(
  select json_agg(json_build_object(
    'number', waiter.number, 'base_ref', lock_wait.base_ref, 'place', lock_wait.place,
    'branch_target', waited.branch_target,
    'turn_since', floor(extract(epoch from lock_wait.turn_since) * 1000)
  ) order by lock_wait.place)
  from lock_wait_dirspace waited
  join lock_wait on lock_wait.pull_request_id = waited.pull_request_id
  join pull_request waiter on waiter.id = waited.pull_request_id
  where waited.dirspace_id = dirspace.id
)`;

export function waitRecord(wait: WaitJson): WaitRecord {
  return {
    pullRequest: wait.number,
    baseRef: wait.base_ref,
    place: wait.place,
    branchTarget: wait.branch_target ?? undefined,
    turnSince: (wait.turn_since ?? undefined) as Instant | undefined,
  };
}

interface WaitRow {
  readonly place: string;
  readonly base_ref: string;
  readonly actor: string | null;
  readonly command: string;
  readonly since: Date;
  readonly turn_since: Date | null;
  readonly keys: readonly DirspaceKey[] | null;
}

export async function readWait(tx: Tx, pullRequestId: string): Promise<Wait | undefined> {
  const { rows } = await sql<WaitRow>`
    select place, base_ref, actor, command, since, turn_since, (
      select json_agg(dirspace.dir || ':' || dirspace.workspace
        order by (dirspace.dir || ':' || dirspace.workspace) collate "C")
      from lock_wait_dirspace waited join dirspace on dirspace.id = waited.dirspace_id
      where waited.pull_request_id = lock_wait.pull_request_id
    ) as keys
    from lock_wait where pull_request_id = ${pullRequestId}
  `.execute(tx);
  const row = rows[0];
  if (row === undefined) return undefined;
  return {
    place: Number(row.place),
    dirspaces: row.keys ?? [],
    baseRef: row.base_ref,
    actor: row.actor ?? undefined,
    command: row.command,
    since: row.since.getTime() as Instant,
    turnSince: row.turn_since === null ? undefined : (row.turn_since.getTime() as Instant),
  };
}
