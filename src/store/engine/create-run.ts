import { sql } from "kysely";
import type { FilledRun, NewRun } from "../../core/decision.ts";
import type { PullRequestEvent } from "../../core/event.ts";
import type { StoredPullRequest } from "../../ports/engine-store.ts";
import type { Tx } from "../transaction.ts";
import { json } from "./rows.ts";

/** Creates the run, its attempt and one work for each unit. */
export async function insertRun(
  tx: Tx,
  pullRequest: StoredPullRequest,
  event: PullRequestEvent,
  run: NewRun,
): Promise<void> {
  await sql`
    insert into run (id, pull_request_id, number, kind, head_sha, base_sha, checkout, actor, actor_id,
      forced, auto_approve, parallel, prepares, build, event_id, expected_ms, remaining_ms, settings)
    values (${run.id}, ${pullRequest.id}, ${run.number}, ${run.kind}, ${run.headSha}, ${run.baseSha},
      ${run.checkout}, ${run.actor?.login ?? null}, ${run.actor?.id ?? null},
      ${run.forced}, ${run.autoApprove === true}, ${run.parallel}, ${run.prepares ?? []}::text[],
      ${run.order === undefined ? null : json(run.order)}::jsonb, ${event.id},
      ${run.expected?.jobMs ?? null}, ${run.expected?.remainingMs ?? null},
      ${run.settings === undefined ? null : json(run.settings)}::jsonb)
  `.execute(tx);
  await sql`insert into attempt (id, run_id) values (${run.attemptId}, ${run.id})`.execute(tx);
  await sql`
    update pull_request set last_run_number = ${run.number},
      unlocked = unlocked and ${run.kind} = 'plan'
    where id = ${pullRequest.id}
  `.execute(tx);
  await insertWorks(tx, pullRequest, run);
}

/** Gives a run that began without dirspaces what to work on. */
export async function fillRun(
  tx: Tx,
  pullRequest: StoredPullRequest,
  run: FilledRun,
): Promise<void> {
  await sql`
    update run set base_sha = ${run.baseSha}, head_sha = ${run.headSha}, checkout = ${run.checkout},
      parallel = ${run.parallel}, actor = ${run.actor?.login ?? null}, actor_id = ${run.actor?.id ?? null},
      settings = ${run.settings === undefined ? null : json(run.settings)}::jsonb
    where id = ${run.id}
  `.execute(tx);
  await insertWorks(tx, pullRequest, run);
}

async function insertWorks(tx: Tx, pullRequest: StoredPullRequest, run: FilledRun): Promise<void> {
  const units = run.units.map((unit) => ({
    ...unit.affected.dirspace,
    unit,
    plan_run_id: unit.plan?.runId ?? null,
    plan_digest: unit.plan?.digest ?? null,
  }));
  // The rows first, and with a statement of their own: one that waited for a row goes on with the row as it is then,
  // and with everything else as it was before it waited. It saw the fence of a grant and not the apply that has it.
  await sql`
    select from dirspace
    join jsonb_to_recordset(${json(run.units.map((unit) => unit.affected.dirspace))}::jsonb)
      as want (dir text, workspace text) on dirspace.dir = want.dir and dirspace.workspace = want.workspace
    where dirspace.repository_id = ${pullRequest.repository.id}
    order by dirspace.id for no key update of dirspace
  `.execute(tx);
  // Works on one dirspace are numbered by its row, not by a clock (S8). A plan made beside an apply that holds
  // the dirspace is born stale (S6): it has not seen that apply's fence.
  await sql`
    with wanted as (
      select dirspace.id, want.unit, want.plan_run_id, want.plan_digest
      from jsonb_to_recordset(${json(units)}::jsonb)
        as want (dir text, workspace text, unit jsonb, plan_run_id text, plan_digest text)
      join dirspace on dirspace.repository_id = ${pullRequest.repository.id}
        and dirspace.dir = want.dir and dirspace.workspace = want.workspace
    ), numbered as (
      update dirspace set last_seq = last_seq + 1 from wanted where dirspace.id = wanted.id
      returning dirspace.id, dirspace.last_seq, dirspace.last_fence
    )
    insert into work (run_id, dirspace_id, pull_request_id, op, seq, unit, head_sha, base_sha,
      confirmed_base_sha, fence_seen, plan_run_id, plan_digest)
    select ${run.id}, wanted.id, ${pullRequest.id}, ${run.kind}, numbered.last_seq, wanted.unit,
      ${run.headSha}, ${run.baseSha}, ${run.baseSha},
      numbered.last_fence - (case when exists (
        select from work busy where busy.dirspace_id = wanted.id and busy.op = 'apply'
          and busy.state in ('granted', 'unknown')
      ) then 1 else 0 end),
      wanted.plan_run_id, wanted.plan_digest
    from wanted join numbered on numbered.id = wanted.id
  `.execute(tx);
}
