import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { present } from "../../src/base/assert.ts";
import type { AttemptId, EventId, InstallationId } from "../../src/core/ids.ts";
import { JOB_CAPS } from "../../src/core/schedule/caps.ts";
import { tellApplyEnded } from "../../src/store/engine/ci-queue.ts";
import { engineStore } from "../../src/store/engine/store.ts";
import type { Database } from "../../src/store/pool.ts";
import { inTransaction } from "../../src/store/transaction.ts";
import type { Benchmark } from "./benchmark.ts";
import { fillQueue, QUEUE, QUICK_QUEUE } from "./claim-queue.ts";
import { percentile, rounded, spread } from "./statistics.ts";

const CLAIMS = 200;
const QUICK_CLAIMS = 20;
/** A connection plans its statements with its first claims; a server's are long past them. */
const WARM_UP = 50;
const QUICK_WARM_UP = 5;
const SNAPSHOTS = 5;

/**
 * Starts one job of a long queue, 99 % of which cannot start, beside five times as much history. Compared with the
 * usual way: one query that works out from all runs which is next.
 */
export const claim: Benchmark = async ({ quick, say, server }) => {
  const running = await server();
  await running.create("claim");
  const database = running.open("claim");
  const size = quick ? QUICK_QUEUE : QUEUE;
  const installation = await fillQueue(database, size);
  say(`claim: ${size.queued} queued, ${size.history} of history`);
  const firstMs = await claims(database, installation, quick ? QUICK_WARM_UP : WARM_UP);
  const claimMs = await claims(database, installation, quick ? QUICK_CLAIMS : CLAIMS);
  const snapshotMs: number[] = [];
  for (let run = 0; run < SNAPSHOTS; run += 1) snapshotMs.push(await snapshot(database));
  const ratio = percentile(snapshotMs, 50) / percentile(claimMs, 50);
  say(`claim: ${percentile(claimMs, 50)} ms, snapshot query ${percentile(snapshotMs, 50)} ms`);
  return {
    ...size,
    snapshotOverClaim: rounded(ratio),
    claimMs: { ...spread(claimMs), p99: percentile(claimMs, 99) },
    warmUpMs: spread(firstMs),
    snapshotMs: spread(snapshotMs),
  };
};

/** A job ends, and the next one starts: only the transaction that chooses and starts it is timed. */
async function claims(
  database: Database,
  installation: InstallationId,
  count: number,
): Promise<readonly number[]> {
  const store = engineStore(database, () => randomUUID() as EventId);
  const external = new Map<string, number>();
  const caps = {
    ...JOB_CAPS,
    installation: { max: await runningNow(database), of: external },
    repository: { max: 1, of: external },
  };
  const times: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const how = { kind: "ci_ended", conclusion: "success" } as const;
    const ended = await oneRunning(database);
    await endWorks(database, ended);
    await store.endAttempt(ended, randomUUID() as EventId, how);
    const began = performance.now();
    const { started } = await store.admit(installation, caps);
    times.push(performance.now() - began);
    if (started.length !== 1) throw new Error(`${started.length} jobs were started, and not one`);
  }
  return times;
}

function endWorks(database: Database, run: string): Promise<void> {
  return inTransaction(database, async (tx) => {
    const { rows } = await sql<{ dirspace_id: string; op: string }>`
      update work set state = 'not_started', ended_at = now() where run_id = ${run} and ended_at is null
      returning dirspace_id, op
    `.execute(tx);
    for (const row of rows) if (row.op === "apply") await tellApplyEnded(tx, run, row.dirspace_id);
  });
}

async function runningNow(database: Database): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from ci_job where state = 'admitted'
  `.execute(database.statements);
  return present(rows[0], "a count").count;
}

/** Of a repository in which others can start. */
async function oneRunning(database: Database): Promise<AttemptId> {
  const { rows } = await sql<{ id: AttemptId }>`
    select attempt_id as id from ci_job
    where state = 'admitted' and attempt_id like 'open-%' order by admitted_at limit 1
  `.execute(database.statements);
  return present(rows[0], "a running job").id;
}

/** What may start now, from all runs: their states, what each repository runs, which dirspaces are busy, who is first. */
async function snapshot(database: Database): Promise<number> {
  const began = performance.now();
  const { rows } = await sql`
    with state as (
      select run.id, run.state, run.kind, run.created_at, run.number, pull_request.repository_id,
        count(*) filter (where run.state in ('dispatched', 'running'))
          over (partition by pull_request.repository_id) as running,
        bool_or(busy.dirspace_id is not null) over (partition by run.id) as blocked
      from run
      join pull_request on pull_request.id = run.pull_request_id
      left join work on work.run_id = run.id
      left join work busy on busy.dirspace_id = work.dirspace_id and busy.run_id <> run.id
        and busy.op = 'apply' and busy.state in ('granted', 'unknown')
    ), ranked as (
      select *, row_number() over (
        partition by repository_id order by kind = 'apply' desc, created_at, number
      ) as place
      from state where state = 'queued' and not blocked and running <= 1
    )
    select id from ranked where place = 1 order by kind = 'apply' desc, created_at limit 1
  `.execute(database.statements);
  if (rows.length !== 1) throw new Error("the snapshot query found no run");
  return performance.now() - began;
}
