import { sql } from "kysely";
import type { Instant } from "../../base/brand.ts";
import type { DirspaceKey } from "../../core/change/dirspace.ts";
import type { PullRequestId } from "../../core/ids.ts";
import { RESULT_KEY_PREFIX } from "../../core/notify/outstanding.ts";
import type { ResultComments } from "../../core/notify/result-comments.ts";
import type { UnitReport } from "../../core/run/report.ts";
import type { RunOutcome } from "../../core/run/run.ts";
import type { WorkState } from "../../core/run/work.ts";
import type { ResultStore, StoredRun } from "../../ports/result-store.ts";
import type { Database } from "../pool.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { readPublications } from "./publications.ts";
import { REMEMBERED_SINCE } from "./quarantine.ts";
import { json, sha } from "./rows.ts";

export function resultStore(database: Database): ResultStore {
  return {
    told: (pullRequest) =>
      inTransaction(database, async (tx) => {
        // One state for all that follows, without keeping writers away.
        await sql`set transaction isolation level repeatable read read only`.execute(tx);
        const { rows } = await sql<{ remembered_since: Date }>`
          select ${REMEMBERED_SINCE} as remembered_since
        `.execute(tx);
        return {
          runs: await readEndedRuns(tx, pullRequest),
          comments: await readPublications(
            tx,
            sql`pull_request_id = ${pullRequest} and key like ${`${RESULT_KEY_PREFIX}%`}`,
          ),
          rememberedSince: (rows[0]?.remembered_since.getTime() ?? 0) as Instant,
        };
      }),
    async results(pullRequest, which) {
      if (which.length === 0) return [];
      const { rows } = await sql<ResultRow>`
        select run.number as run, wanted.dirspace, work.op, work.state, work.result, work.because,
          plan.result as plan
        from jsonb_to_recordset(${json(which)}::jsonb) as wanted (run int, dirspace text)
        join run on run.pull_request_id = ${pullRequest} and run.number = wanted.run
        join work on work.run_id = run.id
        join dirspace on dirspace.id = work.dirspace_id
          and dirspace.dir || ':' || dirspace.workspace = wanted.dirspace
        left join work plan on plan.run_id = work.plan_run_id and plan.dirspace_id = work.dirspace_id
      `.execute(database.statements);
      return rows.map(({ result, because, plan, ...row }) => ({
        ...row,
        report: result ?? undefined,
        because: because ?? undefined,
        plan: plan ?? undefined,
      }));
    },
  };
}

interface ResultRow {
  readonly run: number;
  readonly dirspace: DirspaceKey;
  readonly op: "plan" | "apply";
  readonly state: WorkState;
  readonly result: UnitReport | null;
  readonly because: string | null;
  readonly plan: UnitReport | null;
}

async function readEndedRuns(tx: Tx, pullRequest: PullRequestId): Promise<readonly StoredRun[]> {
  const { rows } = await sql<{
    number: number;
    kind: StoredRun["kind"];
    head_sha: string;
    outcome: RunOutcome;
    ended_at: Date;
    comments: ResultComments | null;
    dirspaces: readonly DirspaceKey[];
    forgotten: boolean;
  }>`
    select run.number, run.kind, run.head_sha, run.outcome, run.ended_at,
      run.settings -> 'resultComments' as comments,
      array_agg(dirspace.dir || ':' || dirspace.workspace
        order by dirspace.dir collate "C", dirspace.workspace collate "C") as dirspaces,
      bool_or(work.forgotten) as forgotten
    from run join work on work.run_id = run.id join dirspace on dirspace.id = work.dirspace_id
    where run.pull_request_id = ${pullRequest} and run.state = 'ended'
    group by run.id order by run.number
  `.execute(tx);
  return rows.map((row) => ({
    number: row.number,
    kind: row.kind,
    headSha: sha(row.head_sha),
    outcome: row.outcome,
    endedAt: row.ended_at.getTime() as Instant,
    comments: row.comments ?? undefined,
    dirspaces: row.dirspaces,
    forgotten: row.forgotten,
  }));
}
