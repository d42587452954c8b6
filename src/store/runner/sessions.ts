import { sql } from "kysely";
import type { NewUnit } from "../../core/decision.ts";
import type { AttemptId, RunId } from "../../core/ids.ts";
import type { BuilderOrder, Preparation } from "../../core/run/preparing.ts";
import type { RunSettings } from "../../core/run/settings.ts";
import type { Bell } from "../../ports/bell.ts";
import type { ClaimedRun, RunnerStore, Session } from "../../ports/runner-store.ts";
import { tellAttemptOver } from "../engine/ci-queue.ts";
import { thenRing, type Wake } from "../engine/ring.ts";
import {
  json,
  type PullRequestRow,
  SELECT_PULL_REQUEST,
  sha,
  storedPullRequest,
} from "../engine/rows.ts";
import type { Database } from "../pool.ts";
import { readAffected } from "../stored-affected.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { wakeRun } from "./wake.ts";

type SessionStore = Pick<
  RunnerStore,
  "claim" | "attemptOwner" | "session" | "heartbeat" | "finish"
>;

/** After the end of its job a credential still brings output and plans for this long, which may have been under way. */
export const LAST_WORDS_MINUTES = 15;
/** And results for this long, because what was applied is to be known however late (S27). */
export const CREDENTIAL_DAYS = 1;

export function sessionStore(database: Database, bell: Bell): SessionStore {
  const db = database.statements;
  return {
    claim: (attempt, identity, credentialHash) =>
      thenRing(database, bell, (tx, wake) => claim(tx, wake, attempt, identity, credentialHash)),
    async attemptOwner(attempt) {
      const { rows } = await sql<PullRequestRow>`
        select owner.* from attempt join run on run.id = attempt.run_id
        join (${SELECT_PULL_REQUEST}) owner on owner.id = run.pull_request_id
        where attempt.id = ${attempt}
      `.execute(db);
      return rows.map(storedPullRequest)[0];
    },
    async session(credentialHash) {
      const { rows } = await sql<SessionRow>`
        ${SELECT_SESSION} where attempt.credential_hash = ${Buffer.from(credentialHash)}
          and (attempt.ci_run is null or attempt.ci_run = attempt.claimed_ci_run)
          and (attempt.ended_at is null or attempt.ended_at > now() - ${CREDENTIAL_DAYS} * interval '1 day')
      `.execute(db);
      return rows.map(sessionOf)[0];
    },
    heartbeat: (attempt, running) =>
      thenRing(database, bell, async (tx, wake) => {
        const { rows } = await sql<{ run_id: RunId }>`
          update attempt set last_seen_at = now(), silent_at = null where id = ${attempt}
          returning run_id
        `.execute(tx);
        const runId = rows[0]?.run_id;
        if (runId !== undefined && running.length > 0) await begin(tx, wake, runId, running);
      }),
    finish: ({ attempt, claimedBy }, { failure, hooks, gates, issues }) =>
      inTransaction(database, async (tx) => {
        const { rows } = await sql`
          update attempt set finished_at = coalesce(finished_at, now()), last_seen_at = now(),
            failure = ${failure === undefined ? null : json(failure)}::jsonb,
            hooks = coalesce(hooks, ${hooks === undefined ? null : json(hooks)}::jsonb),
            gates = coalesce(gates, ${gates === undefined ? null : json(gates)}::jsonb),
            issues = coalesce(issues, ${issues === undefined ? null : json(issues)}::jsonb)
          where id = ${attempt} and claimed_ci_run is not distinct from ${claimedBy ?? null}
          returning 1
        `.execute(tx);
        if (rows.length === 0) return false;
        await tellAttemptOver(tx, attempt);
        return true;
      }),
  };
}

/**
 * S26: the first CI job that claims has the attempt. The same job may ask again until it has used its
 * credential. Once the CI system has said which run it started, no other may claim, and whatever another
 * one had claimed before that is worth nothing.
 */
async function claim(
  tx: Tx,
  wake: Wake,
  attempt: AttemptId,
  identity: Parameters<RunnerStore["claim"]>[1],
  credentialHash: Uint8Array,
): ReturnType<RunnerStore["claim"]> {
  const { rows } = await sql<ClaimRow>`
    ${SELECT_SESSION} where attempt.id = ${attempt} for update of attempt, run
  `.execute(tx);
  const row = rows[0];
  if (row === undefined) return { kind: "unknown_attempt" };
  if (row.over || row.closed) return { kind: "over" };
  const { ci_run: started, claimed_ci_run: holder } = row;
  if (started !== null && started !== identity.ciRun) {
    return { kind: "other_ci_run", ciRun: started };
  }
  const mayAgain = identity.strictlyOnce !== true && !row.in_use;
  const again = mayAgain && holder === identity.ciRun;
  const isFree = holder === null || (started !== null && started !== holder);
  if (!isFree && !again) return { kind: "already_claimed" };
  const fresh = await sql`
    insert into used_token (token_id, expires_at)
    values (${identity.tokenId}, to_timestamp(${identity.expiresAtMs / 1000}))
    on conflict do nothing returning 1
  `.execute(tx);
  if (fresh.rows.length === 0 && !again) return { kind: "token_used" };
  await sql`
    update attempt set claimed_at = coalesce(claimed_at, now()), claimed_ci_run = ${identity.ciRun},
      dispatched_at = coalesce(dispatched_at, now()), silent_at = null,
      credential_hash = ${Buffer.from(credentialHash)}
    where id = ${attempt}
  `.execute(tx);
  await sql`update run set state = 'running' where id = ${row.run_id} and state <> 'ended'`.execute(
    tx,
  );
  await noteFences(tx, row.run_id);
  await wakeRun(tx, wake, row.run_id);
  return { kind: "claimed", run: await claimedRun(tx, row) };
}

/** With what is too long to be read with every request. */
export async function claimedRun(tx: Tx, row: SessionRow): Promise<ClaimedRun> {
  const run = runOf(row);
  const units = await readUnits(tx, run.runId);
  if (units.length > 0 || run.prepares.length === 0) return { ...run, units };
  const { rows } = await sql<PendingRow>`
    select prepared, build from run where id = ${run.runId}
  `.execute(tx);
  const what = run.prepares.find((one) => rows[0]?.prepared.includes(one) === false);
  if (what === undefined) return { ...run, units };
  return { ...run, units, next: { what, order: rows[0]?.build ?? undefined } };
}

interface PendingRow {
  readonly prepared: readonly Preparation[];
  readonly build: BuilderOrder | null;
}

async function readUnits(tx: Tx, runId: RunId): Promise<readonly NewUnit[]> {
  const { rows } = await sql<{ unit: NewUnit }>`
    select work.unit from work join dirspace on dirspace.id = work.dirspace_id
    where work.run_id = ${runId}
    order by dirspace.dir collate "C", dirspace.workspace collate "C"
  `.execute(tx);
  return rows.map(({ unit }) => ({ ...unit, affected: readAffected(unit.affected) }));
}

/**
 * S11: a plan has seen the applies that had ended before its job got the work. Later is too late: a heartbeat names
 * a unit seconds after it began, and an apply that ended in between was not seen.
 */
async function noteFences(tx: Tx, runId: RunId): Promise<void> {
  await sql`
    update work set fence_seen = dirspace.last_fence - (case when exists (
        select from work busy where busy.dirspace_id = dirspace.id and busy.op = 'apply'
          and busy.state in ('granted', 'unknown')
      ) then 1 else 0 end)
    from dirspace
    where work.run_id = ${runId} and work.op = 'plan' and work.state = 'queued'
      and dirspace.id = work.dirspace_id
  `.execute(tx);
}

/** Notes which units are being worked on. */
async function begin(tx: Tx, wake: Wake, runId: RunId, running: readonly string[]): Promise<void> {
  const { rows } = await sql`
    update work set state = 'running', started_at = coalesce(started_at, now())
    from dirspace
    where work.run_id = ${runId} and work.state = 'queued' and dirspace.id = work.dirspace_id
      and dirspace.dir || ':' || dirspace.workspace = any(${running})
    returning 1
  `.execute(tx);
  if (rows.length > 0) await wakeRun(tx, wake, runId);
}

export interface SessionRow extends PullRequestRow {
  readonly attempt_id: AttemptId;
  readonly run_id: RunId;
  readonly kind: "plan" | "apply";
  readonly head_sha: string;
  readonly base_sha: string;
  readonly checkout: "merged" | "base";
  readonly parallel: number;
  readonly auto_approve: boolean;
  readonly prepares: readonly Preparation[];
  readonly settings: RunSettings | null;
  readonly head_ref: string | null;
  readonly base_ref: string | null;
  readonly over: boolean;
  readonly spent: boolean;
  readonly cancel_requested: boolean;
  readonly claimed_ci_run: string | null;
}

interface ClaimRow extends SessionRow {
  /** What the CI system started, where it told us. */
  readonly ci_run: string | null;
  readonly in_use: boolean;
  /** Its job was taken for dead before it came. */
  readonly closed: boolean;
}

export const SELECT_SESSION = sql`
  select attempt.id as attempt_id, attempt.ci_run, attempt.claimed_ci_run, attempt.last_seen_at is not null as in_use,
    attempt.ended_at is not null as closed,
    coalesce(attempt.ended_at < now() - ${LAST_WORDS_MINUTES} * interval '1 minute', false) as spent,
    run.id as run_id, run.kind, run.head_sha, run.base_sha, run.checkout, run.parallel, run.auto_approve, run.prepares, run.settings,
    pull.view ->> 'headRef' as head_ref, pull.view ->> 'baseRef' as base_ref,
    run.state = 'ended' as over, attempt.cancel_requested_at is not null as cancel_requested,
    owner.*
  from attempt
  join run on run.id = attempt.run_id
  join pull_request pull on pull.id = run.pull_request_id
  join (${SELECT_PULL_REQUEST}) owner on owner.id = run.pull_request_id
`;

export function runOf(row: SessionRow): Session["run"] {
  return {
    runId: row.run_id,
    attempt: row.attempt_id,
    kind: row.kind,
    headSha: sha(row.head_sha),
    baseSha: sha(row.base_sha),
    checkout: row.checkout,
    parallel: row.parallel,
    autoApprove: row.auto_approve,
    prepares: row.prepares,
    settings: row.settings ?? undefined,
    pullRequest: storedPullRequest(row),
    headRef: row.head_ref ?? "",
    baseRef: row.base_ref ?? "",
  };
}

export function sessionOf(row: SessionRow): Session {
  return {
    attempt: row.attempt_id,
    run: runOf(row),
    over: row.over,
    spent: row.spent,
    cancelRequested: row.cancel_requested,
    claimedBy: row.claimed_ci_run ?? undefined,
  };
}
