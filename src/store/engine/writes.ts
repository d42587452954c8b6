import { sql } from "kysely";
import { assert } from "../../base/assert.ts";
import type { Write } from "../../core/decision.ts";
import type { PullRequestEvent } from "../../core/event.ts";
import type { AttemptId } from "../../core/ids.ts";
import { hasEnded } from "../../core/run/work.ts";
import type { StoredPullRequest } from "../../ports/engine-store.ts";
import type { Tx } from "../transaction.ts";
import { tellApplyEnded, tellAttemptOver } from "./ci-queue.ts";
import { fillRun, insertRun } from "./create-run.ts";
import { dirspaceId, ensureDirspaces } from "./dirspaces.ts";
import { json } from "./rows.ts";
import { STORE_LOCKS } from "./write-locks.ts";

/** Stores a decision's writes in their order; `project` in the core says what each means. */
export async function storeWrites(
  tx: Tx,
  pullRequest: StoredPullRequest,
  event: PullRequestEvent,
  writes: readonly Write[],
): Promise<void> {
  await holdMovedWorks(tx, writes);
  for (const write of writes) await storeWrite(tx, pullRequest, event, write);
}

/**
 * All works that will move, before the first of them does: moving one wakes the admission of CI jobs, and a runner that
 * reports another one wakes it as well. Works come before that in every transaction.
 */
async function holdMovedWorks(tx: Tx, writes: readonly Write[]): Promise<void> {
  const runs = new Set(writes.flatMap((write) => (write.kind === "move_work" ? write.runId : [])));
  if (runs.size === 0) return;
  await sql`
    select from work where run_id = any(${[...runs]}) order by run_id, dirspace_id for update
  `.execute(tx);
}

type Store<K extends Write["kind"]> = (
  tx: Tx,
  pullRequest: StoredPullRequest,
  write: Extract<Write, { kind: K }>,
) => Promise<unknown>;

/** Every kind of write but `create_run`, which needs the event as well. */
const STORE: { readonly [K in Exclude<Write["kind"], "create_run">]: Store<K> } = {
  observe: (tx, { id }, { view }) =>
    sql`
      update pull_request set
        unlocked = unlocked and not (
          coalesce(view ->> 'state', '') = 'open' and ${view.state} = 'merged'
        ),
        view = ${json(view)}::jsonb, observed_seq = observed_seq + 1
      where id = ${id}
    `.execute(tx),
  record_change_set: recordChangeSet,
  dispatched: (tx, _, { runId }) =>
    sql`update run set state = 'dispatched' where id = ${runId} and state = 'queued'`.execute(tx),
  fill_run: (tx, pullRequest, { run }) => fillRun(tx, pullRequest, run),
  // Of a run that ended meanwhile nobody asks any more.
  prepare_next: (tx, _, { runId, what, order }) =>
    sql`
      update run set prepares = array_append(prepares, ${what}),
        build = ${order === undefined ? null : json(order)}::jsonb
      where id = ${runId} and state <> 'ended' and not ${what} = any (prepares)
    `.execute(tx),
  remember_command: (tx, _, { runId, command }) =>
    sql`
      update run set command = ${command === undefined ? null : json(command)}::jsonb
      where id = ${runId} and prepares <> '{}'
    `.execute(tx),
  end_run: endRun,
  request_cancel: (tx, _, { runId }) =>
    sql`
      update attempt set cancel_requested_at = coalesce(cancel_requested_at, now())
      where run_id = ${runId}
    `.execute(tx),
  move_work: moveWork,
  mark_stale: (tx, pullRequest, { runId, dirspace, because }) =>
    sql`
      update work set stale = ${json(because)}::jsonb
      where run_id = ${runId} and dirspace_id = ${dirspaceId(pullRequest, dirspace)}
    `.execute(tx),
  confirm_base: (tx, pullRequest, { runId, dirspace, baseSha }) =>
    sql`
      update work set confirmed_base_sha = ${baseSha}
      where run_id = ${runId} and dirspace_id = ${dirspaceId(pullRequest, dirspace)}
    `.execute(tx),
  ...STORE_LOCKS,
  set_unlock_requested: (tx, { id }, { requested }) =>
    sql`update pull_request set unlock_requested = ${requested} where id = ${id}`.execute(tx),
  let_go: (tx, { id }) => sql`update pull_request set unlocked = true where id = ${id}`.execute(tx),
  forget_results: forgetResults,
  answer_comment: (tx, { id }, { commentId }) =>
    sql`
      update pull_request set obeyed_comments = obeyed_comments || ${commentId}::text
      where id = ${id} and not ${commentId} = any(obeyed_comments)
    `.execute(tx),
  note_group: (tx, { id }, { queued }) =>
    sql`update pull_request set merge_group = ${json(queued)}::jsonb where id = ${id}`.execute(tx),
  note_unmerged: (tx, { id }, { unmerged }) =>
    sql`
      update pull_request set unmerged = ${unmerged === undefined ? null : json(unmerged)}::jsonb
      where id = ${id}
    `.execute(tx),
  note_reviewers: (tx, { id }, { headSha, terms }) =>
    sql`
      update pull_request set reviewers_asked = ${json({ headSha, terms })}::jsonb where id = ${id}
    `.execute(tx),
  set_gate_approvals: (tx, { id }, { approvals }) =>
    sql`
      update pull_request set gate_approvals = ${json(approvals)}::jsonb where id = ${id}
    `.execute(tx),
  set_notice: (tx, { id }, { notice }) =>
    sql`
      update pull_request set notice = ${notice === undefined ? null : json(notice)}::jsonb
      where id = ${id}
    `.execute(tx),
};

async function storeWrite(
  tx: Tx,
  pullRequest: StoredPullRequest,
  event: PullRequestEvent,
  write: Write,
): Promise<void> {
  if (write.kind === "create_run") {
    await insertRun(tx, pullRequest, event, write.run);
    return;
  }
  // The map gives each kind its own function; the compiler cannot follow that through an index.
  const store = STORE[write.kind] as Store<typeof write.kind>;
  await store(tx, pullRequest, write);
}

/** What of it still waits for its turn leaves the queue. */
async function endRun(
  tx: Tx,
  _: StoredPullRequest,
  { runId, outcome, message }: Extract<Write, { kind: "end_run" }>,
): Promise<void> {
  const { rows } = await sql<{ id: AttemptId }>`
    with ended as (
      update run set state = 'ended', outcome = ${outcome}, ended_at = now(),
        message = coalesce(${message ?? null}, message)
      where id = ${runId} and state <> 'ended' returning id
    )
    select attempt.id from ended join attempt on attempt.run_id = ended.id
  `.execute(tx);
  for (const { id } of rows) await tellAttemptOver(tx, id);
}

async function forgetResults(tx: Tx, { id }: StoredPullRequest): Promise<void> {
  await sql`update work set forgotten = true where pull_request_id = ${id}`.execute(tx);
  await sql`
    update pull_request set unlocked = true, unlock_requested = false where id = ${id}
  `.execute(tx);
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
  const { rows } = await sql<{ op: "plan" | "apply"; dirspace_id: string }>`
    update work set state = ${write.to}, because = ${write.because},
      ended_at = case when ${ended} then now() else ended_at end
    where run_id = ${write.runId} and dirspace_id = ${dirspaceId(pullRequest, write.dirspace)}
      and ended_at is null
    returning op, dirspace_id
  `.execute(tx);
  // The runner's own report may have ended it between our reading and now: that report counts (S28).
  assert(rows.length <= 1, "a run works on a dirspace once");
  for (const row of rows) {
    if (ended && row.op === "apply") await tellApplyEnded(tx, write.runId, row.dirspace_id);
  }
}
