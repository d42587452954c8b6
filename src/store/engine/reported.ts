import { sql } from "kysely";
import type { Instant } from "../../base/brand.ts";
import type { DirspaceKey } from "../../core/change/dirspace.ts";
import type { PullRequestId, RunId } from "../../core/ids.ts";
import type { HookReports, UnitReport } from "../../core/run/report.ts";
import type { JobCaps } from "../../core/schedule/caps.ts";
import {
  type DirspaceReports,
  HOOKED_RUNS_MAX,
  type HooksOfRun,
  type ReportStore,
} from "../../ports/report-store.ts";
import type { Database } from "../pool.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { readWaits } from "./job-waits.ts";
import { REMEMBERED_SINCE } from "./quarantine.ts";
import { resultStore } from "./results.ts";
import { type PullRequestRow, SELECT_PULL_REQUEST, storedPullRequest } from "./rows.ts";
import { readSnapshot } from "./snapshot.ts";

export function reportStore(database: Database, caps: JobCaps): ReportStore {
  return {
    ...resultStore(database),
    reported: (pullRequest) =>
      inTransaction(database, async (tx) => {
        // One state for all that follows, without keeping writers away.
        await sql`set transaction isolation level repeatable read read only`.execute(tx);
        const { rows } = await sql<PullRequestRow & { now: Date; remembered_since: Date }>`
          select owner.*, now() as now, ${REMEMBERED_SINCE} as remembered_since from (${SELECT_PULL_REQUEST}) owner where owner.id = ${pullRequest}
        `.execute(tx);
        const row = rows[0];
        if (row === undefined) return undefined;
        const snapshot = await readSnapshot(tx, storedPullRequest(row), new Map());
        return {
          snapshot,
          reports: await readReports(tx, pullRequest),
          claimedAt: await readClaims(tx, pullRequest),
          waits: await readWaits(tx, pullRequest, caps),
          hooks: await readHooks(tx, pullRequest),
          readAt: row.now.getTime() as Instant,
          rememberedSince: row.remembered_since.getTime() as Instant,
        };
      }),
  };
}

async function readReports(
  tx: Tx,
  pullRequest: PullRequestId,
): Promise<ReadonlyMap<DirspaceKey, DirspaceReports>> {
  const { rows } = await sql<{
    key: DirspaceKey;
    op: "plan" | "apply";
    result: UnitReport | null;
    because: string | null;
  }>`
    select distinct on (work.dirspace_id, work.op)
      dirspace.dir || ':' || dirspace.workspace as key, work.op, work.result, work.because
    from work join dirspace on dirspace.id = work.dirspace_id
    where work.pull_request_id = ${pullRequest} and not work.forgotten
    order by work.dirspace_id, work.op, work.seq desc
  `.execute(tx);
  const reports = new Map<DirspaceKey, DirspaceReports>();
  const none = {
    plan: undefined,
    apply: undefined,
    planBecause: undefined,
    applyBecause: undefined,
  };
  for (const row of rows) {
    const known = reports.get(row.key) ?? none;
    const report = row.result ?? undefined;
    const because = row.because ?? undefined;
    reports.set(
      row.key,
      row.op === "plan"
        ? { ...known, plan: report, planBecause: because }
        : { ...known, apply: report, applyBecause: because },
    );
  }
  return reports;
}

async function readHooks(tx: Tx, pullRequest: PullRequestId): Promise<readonly HooksOfRun[]> {
  const { rows } = await sql<{ number: number; hooks: HookReports }>`
    select run.number, attempt.hooks
    from run join attempt on attempt.run_id = run.id
    join pull_request pull on pull.id = run.pull_request_id
    where run.pull_request_id = ${pullRequest} and run.head_sha = pull.view ->> 'headSha'
      and attempt.hooks is not null
    order by run.number desc limit ${HOOKED_RUNS_MAX}
  `.execute(tx);
  return rows.map(({ number, hooks }) => ({ number, ...hooks }));
}

async function readClaims(
  tx: Tx,
  pullRequest: PullRequestId,
): Promise<ReadonlyMap<RunId, Instant>> {
  const { rows } = await sql<{ id: RunId; claimed_at: Date }>`
    select run.id, attempt.claimed_at from run join attempt on attempt.run_id = run.id
    where run.pull_request_id = ${pullRequest} and run.state <> 'ended'
      and attempt.claimed_at is not null
  `.execute(tx);
  return new Map(rows.map((row) => [row.id, row.claimed_at.getTime() as Instant]));
}
