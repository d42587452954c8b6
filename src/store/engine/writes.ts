import { sql } from "kysely";
import { assert } from "../../base/assert.ts";
import { unreachable } from "../../base/unreachable.ts";
import type { DirspaceKey } from "../../core/change/dirspace.ts";
import type { Write } from "../../core/decision.ts";
import type { PullRequestEvent } from "../../core/event.ts";
import { hasEnded } from "../../core/run/work.ts";
import type { StoredPullRequest } from "../../ports/engine-store.ts";
import type { Tx } from "../transaction.ts";
import { insertRun } from "./create-run.ts";
import { json } from "./rows.ts";
import { ensureDirspaces } from "./turn.ts";

/** Stores a decision's writes in their order; `project` in the core says what each means. */
export async function storeWrites(
  tx: Tx,
  pullRequest: StoredPullRequest,
  event: PullRequestEvent,
  writes: readonly Write[],
): Promise<void> {
  for (const write of writes) await storeWrite(tx, pullRequest, event, write);
}

async function storeWrite(
  tx: Tx,
  pullRequest: StoredPullRequest,
  event: PullRequestEvent,
  write: Write,
): Promise<void> {
  const { id } = pullRequest;
  switch (write.kind) {
    case "observe":
      await sql`
        update pull_request set
          unlocked = unlocked and not (
            coalesce(view ->> 'state', '') = 'open' and ${write.view.state} = 'merged'
          ),
          view = ${json(write.view)}::jsonb, observed_seq = observed_seq + 1
        where id = ${id}
      `.execute(tx);
      return;
    case "record_change_set":
      return recordChangeSet(tx, pullRequest, write);
    case "create_run":
      return insertRun(tx, pullRequest, event, write.run);
    case "dispatched":
      await sql`
        update run set state = 'dispatched' where id = ${write.runId} and state = 'queued'
      `.execute(tx);
      return;
    case "end_run":
      await sql`
        update run set state = 'ended', outcome = ${write.outcome}, ended_at = now()
        where id = ${write.runId} and state <> 'ended'
      `.execute(tx);
      return;
    case "request_cancel":
      await sql`
        update attempt set cancel_requested_at = coalesce(cancel_requested_at, now())
        where run_id = ${write.runId}
      `.execute(tx);
      return;
    case "move_work":
      return moveWork(tx, pullRequest, write);
    case "mark_stale":
      await sql`
        update work set stale = ${json(write.because)}::jsonb
        where run_id = ${write.runId} and dirspace_id = ${dirspaceId(pullRequest, write.dirspace)}
      `.execute(tx);
      return;
    case "confirm_base":
      await sql`
        update work set confirmed_base_sha = ${write.baseSha}
        where run_id = ${write.runId} and dirspace_id = ${dirspaceId(pullRequest, write.dirspace)}
      `.execute(tx);
      return;
    case "take_locks":
      await sql`
        insert into lock (dirspace_id, pull_request_id, because, base_ref)
        select dirspace.id, ${id}, ${write.because}, ${write.baseRef} from dirspace
        where dirspace.repository_id = ${pullRequest.repository.id}
          and dirspace.dir || ':' || dirspace.workspace = any(${write.dirspaces})
        on conflict (dirspace_id, pull_request_id)
        do update set because = excluded.because, base_ref = excluded.base_ref
      `.execute(tx);
      return;
    case "release_locks":
      await sql`
        delete from lock using dirspace
        where lock.pull_request_id = ${id} and dirspace.id = lock.dirspace_id
          and dirspace.dir || ':' || dirspace.workspace = any(${write.dirspaces})
      `.execute(tx);
      return;
    case "set_unlock_requested":
      await sql`update pull_request set unlock_requested = ${write.requested} where id = ${id}`.execute(
        tx,
      );
      return;
    case "forget_results":
      await sql`update work set forgotten = true where pull_request_id = ${id}`.execute(tx);
      await sql`
        update pull_request set unlocked = true, unlock_requested = false where id = ${id}
      `.execute(tx);
      return;
    case "set_notice":
      await sql`
        update pull_request set notice = ${write.notice === undefined ? null : json(write.notice)}::jsonb
        where id = ${id}
      `.execute(tx);
      return;
    default:
      return unreachable(write);
  }
}

/** Keys are unambiguous because a workspace holds no colon. */
function dirspaceId(pullRequest: StoredPullRequest, key: DirspaceKey) {
  const colon = key.lastIndexOf(":");
  return sql`(
    select id from dirspace where repository_id = ${pullRequest.repository.id}
      and dir = ${key.slice(0, colon)} and workspace = ${key.slice(colon + 1)}
  )`;
}

async function recordChangeSet(
  tx: Tx,
  pullRequest: StoredPullRequest,
  write: Extract<Write, { kind: "record_change_set" }>,
): Promise<void> {
  const { kind: _kind, affected, ...record } = write;
  const { id, repository } = pullRequest;
  const dirs = affected.map((one) => one.dirspace.dir as string);
  const workspaces = affected.map((one) => one.dirspace.workspace as string);
  await ensureDirspaces(tx, repository.id, dirs, workspaces);
  await sql`update pull_request set change_set = ${json(record)}::jsonb where id = ${id}`.execute(
    tx,
  );
  const list = json(affected.map((one) => ({ ...one.dirspace, affected: one })));
  await sql`
    insert into pull_request_dirspace (pull_request_id, dirspace_id, affected)
    select ${id}, dirspace.id, wanted.affected
    from jsonb_to_recordset(${list}::jsonb) as wanted (dir text, workspace text, affected jsonb)
    join dirspace on dirspace.repository_id = ${repository.id}
      and dirspace.dir = wanted.dir and dirspace.workspace = wanted.workspace
    on conflict (pull_request_id, dirspace_id) do update set affected = excluded.affected
    where pull_request_dirspace.affected is distinct from excluded.affected
  `.execute(tx);
  await sql`
    update pull_request_dirspace set affected = null
    from dirspace
    where pull_request_dirspace.pull_request_id = ${id} and affected is not null
      and dirspace.id = pull_request_dirspace.dirspace_id
      and not (dirspace.dir || ':' || dirspace.workspace = any(${affected.map(
        (one) => `${one.dirspace.dir}:${one.dirspace.workspace}`,
      )}))
  `.execute(tx);
}

/** The trigger refuses a move that the state machine does not have; one that is done already is no move. */
async function moveWork(
  tx: Tx,
  pullRequest: StoredPullRequest,
  write: Extract<Write, { kind: "move_work" }>,
): Promise<void> {
  const ended = hasEnded(write.to);
  const { rows } = await sql`
    update work set state = ${write.to}, because = ${write.because},
      ended_at = case when ${ended} then now() else ended_at end
    where run_id = ${write.runId} and dirspace_id = ${dirspaceId(pullRequest, write.dirspace)}
      and ended_at is null
    returning 1
  `.execute(tx);
  // The runner's own report may have ended it between our reading and now: that report counts (S28).
  assert(rows.length <= 1, "a run works on a dirspace once");
}
