import { sql } from "kysely";
import type { Instant } from "../../base/brand.ts";
import type { Write } from "../../core/decision.ts";
import type { StoredPullRequest } from "../../ports/engine-store.ts";
import type { Tx } from "../transaction.ts";

type LockWrite = "take_locks" | "release_locks" | "wait" | "set_turn" | "leave_queue";
type Store<K extends Write["kind"]> = (
  tx: Tx,
  pullRequest: StoredPullRequest,
  write: Extract<Write, { kind: K }>,
) => Promise<unknown>;

/** The writes of `src/core/lock`. Places are taken while the rows of the dirspaces are held, so they order as they come (S8). */
export const STORE_LOCKS: { readonly [K in LockWrite]: Store<K> } = {
  // One place for all that the pull request owns or waits for.
  take_locks: (tx, { id, repository }, { because, baseRef, dirspaces }) =>
    sql`
      with next as materialized (select nextval('lock_place') as place)
      insert into lock (dirspace_id, pull_request_id, because, base_ref, place, branch_target)
      select dirspace.id, ${id}, ${because}, ${baseRef}, coalesce(
          (select min(own.place) from lock own where own.pull_request_id = ${id}),
          (select own.place from lock_wait own where own.pull_request_id = ${id}),
          next.place
        ), member.affected ->> 'lockBranchTarget'
      from next cross join dirspace
      left join pull_request_dirspace member
        on member.dirspace_id = dirspace.id and member.pull_request_id = ${id}
      where dirspace.repository_id = ${repository.id}
        and dirspace.dir || ':' || dirspace.workspace = any(${dirspaces})
      on conflict (dirspace_id, pull_request_id) do update set
        because = excluded.because, base_ref = excluded.base_ref, place = excluded.place,
        branch_target = coalesce(excluded.branch_target, lock.branch_target)
    `.execute(tx),
  release_locks: (tx, { id }, { dirspaces }) =>
    sql`
      delete from lock using dirspace
      where lock.pull_request_id = ${id} and dirspace.id = lock.dirspace_id
        and dirspace.dir || ':' || dirspace.workspace = any(${dirspaces})
    `.execute(tx),
  wait: joinQueue,
  set_turn: (tx, { id }, { since }) =>
    sql`
      update lock_wait set turn_since = ${since === undefined ? null : date(since)}
      where pull_request_id = ${id}
    `.execute(tx),
  leave_queue: (tx, { id }) => sql`delete from lock_wait where pull_request_id = ${id}`.execute(tx),
};

async function joinQueue(
  tx: Tx,
  { id, repository }: StoredPullRequest,
  write: Extract<Write, { kind: "wait" }>,
): Promise<void> {
  const keeps = write.place === "kept";
  await sql`
    with next as materialized (select nextval('lock_place') as place)
    insert into lock_wait (pull_request_id, place, base_ref, actor, command, since)
    select ${id}, coalesce(
        (select min(own.place) from lock own where own.pull_request_id = ${id}), next.place
      ), ${write.baseRef}, ${write.actor ?? null}, ${write.command}, ${date(write.since)}
    from next
    on conflict (pull_request_id) do update set
      base_ref = excluded.base_ref, actor = excluded.actor, command = excluded.command,
      place = case when ${keeps} then lock_wait.place else excluded.place end,
      since = case when ${keeps} then lock_wait.since else excluded.since end,
      turn_since = case when ${keeps} then lock_wait.turn_since end
  `.execute(tx);
  await sql`delete from lock_wait_dirspace where pull_request_id = ${id}`.execute(tx);
  await sql`
    insert into lock_wait_dirspace (dirspace_id, pull_request_id, branch_target)
    select dirspace.id, ${id}, member.affected ->> 'lockBranchTarget' from dirspace
    left join pull_request_dirspace member
      on member.dirspace_id = dirspace.id and member.pull_request_id = ${id}
    where dirspace.repository_id = ${repository.id}
      and dirspace.dir || ':' || dirspace.workspace = any(${write.dirspaces})
  `.execute(tx);
}

function date(at: Instant): Date {
  return new Date(at);
}
