import { sql } from "kysely";
import type { Instant } from "../../base/brand.ts";
import type { NewUnit } from "../../core/decision.ts";
import type { AttemptId, RunId } from "../../core/ids.ts";
import type { AttemptToStart, EngineStore, OpenAttempt } from "../../ports/engine-store.ts";
import type { Database } from "../pool.ts";
import { type PullRequestRow, SELECT_PULL_REQUEST, storedPullRequest } from "./rows.ts";

type AttemptStore = Pick<
  EngineStore,
  | "attemptToStart"
  | "attemptStarted"
  | "openAttempts"
  | "attemptSilent"
  | "attemptEnded"
  | "attemptOfCiRun"
>;

/** One sweep looks at no more than this; the rest is looked at in the next. */
const OPEN_ATTEMPTS_MAX = 500;

export function attemptStore(database: Database): AttemptStore {
  const db = database.statements;
  return {
    async attemptToStart(attempt) {
      const { rows } = await sql<ToStartRow>`
        select run.id as run_id, run.number as run_number, run.kind, run.state,
          attempt.dispatched_at is not null as started,
          (select unit from work where work.run_id = run.id order by work.dirspace_id limit 1) as unit,
          owner.*
        from attempt
        join run on run.id = attempt.run_id
        join (${SELECT_PULL_REQUEST}) owner on owner.id = run.pull_request_id
        where attempt.id = ${attempt}
      `.execute(db);
      return rows.map((row) => toStart(attempt, row))[0];
    },
    async attemptStarted(attempt, ciRun, url) {
      await sql`
        update attempt set dispatched_at = coalesce(dispatched_at, now()),
          ci_run = coalesce(${ciRun ?? null}, ci_run), ci_url = coalesce(${url ?? null}, ci_url)
        where id = ${attempt}
      `.execute(db);
    },
    async openAttempts() {
      const { rows } = await sql<OpenRow>`
        ${SELECT_OPEN} where attempt.ended_at is null order by attempt.created_at
        limit ${OPEN_ATTEMPTS_MAX}
      `.execute(db);
      return rows.map(openAttempt);
    },
    async attemptSilent(attempt) {
      await sql`update attempt set silent_at = now() where id = ${attempt}`.execute(db);
    },
    async attemptEnded(attempt) {
      const { rows } = await sql`
        update attempt set ended_at = now() where id = ${attempt} and ended_at is null returning 1
      `.execute(db);
      return rows.length > 0;
    },
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

interface ToStartRow extends PullRequestRow {
  readonly run_id: RunId;
  readonly run_number: number;
  readonly kind: "plan" | "apply";
  readonly state: string;
  readonly started: boolean;
  readonly unit: NewUnit | null;
}

function toStart(attempt: AttemptId, row: ToStartRow): AttemptToStart {
  const workflow = row.unit?.affected.workflow;
  return {
    attempt,
    runId: row.run_id,
    runNumber: row.run_number,
    kind: row.kind,
    over: row.state === "ended",
    started: row.started,
    pullRequest: storedPullRequest(row),
    environment: workflow?.environment,
    runsOn: workflow?.runsOn === undefined ? undefined : JSON.stringify(workflow.runsOn),
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
  readonly now: Date;
}

const SELECT_OPEN = sql`
  select attempt.id as attempt_id, attempt.run_id, coalesce(attempt.claimed_ci_run, attempt.ci_run) as ci_run,
    attempt.created_at, attempt.dispatched_at, attempt.claimed_at, attempt.last_seen_at,
    attempt.cancel_requested_at is not null as cancel_requested,
    attempt.silent_at is not null as silent, run.state = 'ended' as run_over, now() as now, owner.*
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
  };
}

function instant(date: Date): Instant {
  return date.getTime() as Instant;
}
