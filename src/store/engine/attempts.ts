import { sql } from "kysely";
import type { Instant } from "../../base/brand.ts";
import type { NewUnit } from "../../core/decision.ts";
import type { RunEnding } from "../../core/event.ts";
import type { AttemptId, EventId, RunId } from "../../core/ids.ts";
import type { Bell } from "../../ports/bell.ts";
import type { AttemptToStart, EngineStore, OpenAttempt } from "../../ports/engine-store.ts";
import type { Database } from "../pool.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { tellAttemptOver } from "./ci-queue.ts";
import { insertEvent } from "./intake.ts";
import { REMEMBERED_SINCE } from "./quarantine.ts";
import { thenRing, type Wake } from "./ring.ts";
import { type PullRequestRow, SELECT_PULL_REQUEST, storedPullRequest } from "./rows.ts";

type AttemptStore = Pick<
  EngineStore,
  | "attemptToStart"
  | "openCompatible"
  | "issueCode"
  | "attemptStarted"
  | "takeQuietAttempts"
  | "openAttempt"
  | "attemptSilent"
  | "endAttempt"
  | "attemptOfCiRun"
>;

/** One sweep looks at no more than this, those first that were looked at longest ago. */
export const QUIET_ATTEMPTS_MAX = 200;
/** Looked at again after a quarter of the time it has been quiet, and at least this often. */
export const ASK_SECONDS_MAX = 120;

export function attemptStore(database: Database, bell: Bell): AttemptStore {
  const db = database.statements;
  return {
    async attemptToStart(attempt) {
      const { rows } = await sql<ToStartRow>`
        with tried as (
          update attempt set tried_at = coalesce(tried_at, now()) where id = ${attempt}
        )
        select run.id as run_id, run.number as run_number, run.kind, run.auto_approve, run.state,
          attempt.dispatched_at is not null as started, attempt.tried_at is not null or attempt.created_at < ${REMEMBERED_SINCE} as again,
          (select unit from work where work.run_id = run.id order by work.dirspace_id limit 1) as unit,
          run.checkout, pull.view ->> 'headRef' as head_ref, pull.view ->> 'baseRef' as base_ref,
          coalesce((pull.view ->> 'fromFork')::boolean, false) as from_fork,
          owner.*
        from attempt
        join run on run.id = attempt.run_id
        join pull_request pull on pull.id = run.pull_request_id
        join (${SELECT_PULL_REQUEST}) owner on owner.id = run.pull_request_id
        where attempt.id = ${attempt}
      `.execute(db);
      return rows.map((row) => toStart(attempt, row))[0];
    },
    async openCompatible(attempt, workTokenHash) {
      const { rows } = await sql`
        update attempt set work_token_hash = ${Buffer.from(workTokenHash)}
        from run join pull_request pull on pull.id = run.pull_request_id
        join repository on repository.id = pull.repository_id
        join installation on installation.id = repository.installation_id
        where attempt.id = ${attempt} and run.id = attempt.run_id and installation.compatible_runners
        returning 1
      `.execute(db);
      return rows.length > 0;
    },
    async issueCode(attempt, codeHash, lifeMs) {
      await sql`
        update attempt set code_hash = ${Buffer.from(codeHash)},
          code_expires_at = now() + ${lifeMs} * interval '1 millisecond'
        where id = ${attempt}
      `.execute(db);
    },
    attemptStarted: (attempt, ciRun, url) =>
      inTransaction(database, async (tx) => {
        // First the row, then what is known with it held: a grant holds it too.
        await sql`select from attempt where id = ${attempt} for update`.execute(tx);
        // Of two jobs for one attempt the one that applies already keeps it (S1, S27).
        await sql`
          update attempt set dispatched_at = coalesce(dispatched_at, now()),
            ci_run = coalesce(${ciRun ?? null}, ci_run), ci_url = coalesce(${url ?? null}, ci_url)
          where id = ${attempt} and not exists (
            select from work where work.run_id = attempt.run_id and work.fence is not null
          )
        `.execute(tx);
      }),
    async takeQuietAttempts(quietMs) {
      // What was never started has no job to look for: it waits for its turn, or its run has ended.
      const { rows } = await sql<OpenRow>`
        with quiet as (
          select attempt.id, now() - greatest(
            attempt.last_seen_at, attempt.claimed_at, attempt.dispatched_at, attempt.created_at
          ) as since
          from attempt
          where attempt.ended_at is null and attempt.dispatched_at is not null
        ), due as (
          select attempt.id from attempt join quiet on quiet.id = attempt.id
          where quiet.since > ${quietMs} * interval '1 millisecond' and (
            attempt.asked_at is null or attempt.asked_at < now() - greatest(
              ${quietMs} * interval '1 millisecond',
              least(quiet.since / 4, ${ASK_SECONDS_MAX} * interval '1 second')
            )
          )
          order by attempt.asked_at nulls first, attempt.created_at
          limit ${QUIET_ATTEMPTS_MAX} for update of attempt skip locked
        ), taken as (
          update attempt set asked_at = now() from due where attempt.id = due.id returning attempt.id
        )
        ${SELECT_OPEN} join taken on taken.id = attempt.id
      `.execute(db);
      return rows.map(openAttempt);
    },
    async openAttempt(attempt) {
      const { rows } = await sql<OpenRow>`
        ${SELECT_OPEN} where attempt.id = ${attempt} and attempt.ended_at is null
      `.execute(db);
      return rows.map(openAttempt)[0];
    },
    async attemptSilent(attempt) {
      await sql`update attempt set silent_at = now() where id = ${attempt}`.execute(db);
    },
    endAttempt: (attempt, id, how) =>
      thenRing(database, bell, (tx, wake) => endAttempt(tx, wake, attempt, id, how)),
    async attemptOfCiRun(vcs, ciRun) {
      const { rows } = await sql<OpenRow>`
        ${SELECT_OPEN}
        where attempt.ended_at is null and owner.vcs = ${vcs}
          and (attempt.ci_run = ${ciRun} or attempt.claimed_ci_run = ${ciRun})
      `.execute(db);
      return rows.map(openAttempt)[0];
    },
  };
}

async function endAttempt(
  tx: Tx,
  wake: Wake,
  attempt: AttemptId,
  id: EventId,
  how: RunEnding,
): Promise<boolean> {
  // First the row, then what is known with it held: a grant holds it too.
  await sql`select from attempt where id = ${attempt} for update`.execute(tx);
  const { rows } = await sql<{ run_id: RunId; pull_request_id: string; run_over: boolean }>`
    update attempt set ended_at = now() from run
    where attempt.id = ${attempt} and run.id = attempt.run_id and attempt.ended_at is null
      and (attempt.claimed_at is null or ${how.kind !== "never_started"})
      and (${how.kind !== "given_up"} or not exists (
        select from work where work.run_id = attempt.run_id and work.state in ('granted', 'unknown')
      ))
    returning attempt.run_id, run.pull_request_id, run.state = 'ended' as run_over
  `.execute(tx);
  const ended = rows[0];
  if (ended === undefined) return false;
  await tellAttemptOver(tx, attempt);
  if (ended.run_over) return true;
  const { run_id: runId, pull_request_id: pullRequest } = ended;
  await insertEvent(tx, pullRequest, id, { kind: "run_ended", runId, attemptId: attempt, how });
  wake(pullRequest);
  return true;
}

interface ToStartRow extends PullRequestRow {
  readonly run_id: RunId;
  readonly run_number: number;
  readonly kind: "plan" | "apply";
  readonly auto_approve: boolean;
  readonly state: string;
  readonly started: boolean;
  readonly again: boolean;
  readonly unit: NewUnit | null;
  readonly checkout: "merged" | "base";
  readonly head_ref: string | null;
  readonly base_ref: string | null;
  readonly from_fork: boolean;
}

function toStart(attempt: AttemptId, row: ToStartRow): AttemptToStart {
  const workflow = row.unit?.affected.workflow;
  return {
    attempt,
    again: row.again,
    runId: row.run_id,
    runNumber: row.run_number,
    kind: row.kind,
    autoApprove: row.auto_approve,
    over: row.state === "ended",
    started: row.started,
    pullRequest: storedPullRequest(row),
    environment: workflow?.environment,
    runsOn: workflow?.runsOn === undefined ? undefined : JSON.stringify(workflow.runsOn),
    branch:
      row.checkout === "base"
        ? { name: row.base_ref ?? "", fromFork: false }
        : { name: row.head_ref ?? "", fromFork: row.from_fork },
  };
}

interface OpenRow extends PullRequestRow {
  readonly attempt_id: AttemptId;
  readonly run_id: RunId;
  readonly ci_run: string | null;
  readonly created_at: Date;
  readonly dispatched_at: Date | null;
  readonly claimed_at: Date | null;
  readonly last_seen_at: Date | null;
  readonly cancel_requested: boolean;
  readonly silent: boolean;
  readonly run_over: boolean;
  readonly compatible: boolean;
  readonly now: Date;
}

const SELECT_OPEN = sql`
  select attempt.id as attempt_id, attempt.run_id, coalesce(attempt.claimed_ci_run, attempt.ci_run) as ci_run,
    attempt.created_at, attempt.dispatched_at, attempt.claimed_at, attempt.last_seen_at,
    attempt.cancel_requested_at is not null as cancel_requested,
    attempt.silent_at is not null as silent, run.state = 'ended' as run_over,
    attempt.work_token_hash is not null as compatible, now() as now, owner.*
  from attempt
  join run on run.id = attempt.run_id
  join (${SELECT_PULL_REQUEST}) owner on owner.id = run.pull_request_id
`;

function openAttempt(row: OpenRow): OpenAttempt {
  return {
    attempt: row.attempt_id,
    runId: row.run_id,
    ciRun: row.ci_run ?? undefined,
    pullRequest: storedPullRequest(row),
    createdAt: instant(row.created_at),
    dispatchedAt: row.dispatched_at === null ? undefined : instant(row.dispatched_at),
    claimedAt: row.claimed_at === null ? undefined : instant(row.claimed_at),
    lastSeenAt: row.last_seen_at === null ? undefined : instant(row.last_seen_at),
    cancelRequested: row.cancel_requested,
    now: instant(row.now),
    silent: row.silent,
    runOver: row.run_over,
    compatible: row.compatible,
  };
}

function instant(date: Date): Instant {
  return date.getTime() as Instant;
}
