import { randomUUID } from "node:crypto";
import { runMigrations } from "graphile-worker";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import type { AttemptId, EventId } from "../../src/core/ids.ts";
import { JOB_CAPS } from "../../src/core/schedule/caps.ts";
import { engineStore } from "../../src/store/engine/store.ts";
import { type Database, openDatabase } from "../../src/store/pool.ts";
import { makeInstallation, type QueueRepository, queueRuns } from "../support/ci-queue.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { quiet } from "../support/quiet.ts";

let created: TestDatabase;
let database: Database;

beforeEach(async () => {
  created = await createTestDatabase();
  database = openDatabase({ url: created.url, log: quiet, connectionsMax: 1 });
});

afterEach(async () => {
  await database.close();
  await created.drop();
});

/** So many rows of the queue an admission fetched: heads, what has a place, what it changed. */
async function rowsRead(work: () => Promise<unknown>): Promise<number> {
  const total = async (): Promise<number> => {
    // What the only connection counted is seen by others, and by itself, only once it is handed in.
    await sql`select pg_stat_force_next_flush()`.execute(database.statements);
    const { rows } = await sql<{ rows: string }>`
      select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as rows
      from pg_stat_user_tables where relname = 'ci_job'
    `.execute(database.statements);
    return Number(present(rows[0], "statistics of the queue").rows);
  };
  const before = await total();
  await work();
  return (await total()) - before;
}

test("an admission is one round trip, and reads as many rows whatever is blocked or over", async () => {
  let trips = 0;
  database.pool.on("connect", (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    const counted = (...args: unknown[]): unknown => {
      trips += 1;
      return query(...args);
    };
    Object.defineProperty(client, "query", { value: counted });
  });
  await runMigrations({ pgPool: database.pool });
  const { id, repositories } = await makeInstallation(database, 2);
  const [first, second] = repositories as [QueueRepository, QueueRepository];
  const store = engineStore(database, () => randomUUID() as EventId);
  const caps = { ...JOB_CAPS, repository: { max: 1, of: new Map<string, number>() } };
  const costs: number[] = [];
  for (const [round, others] of [20, 400].entries()) {
    const name = `round${round}`;
    await queueRuns(database, id, first, { name: `${name}-open`, count: 3 });
    await queueRuns(database, id, second, { name: `${name}-over`, count: others });
    await queueRuns(database, id, second, { name: `${name}-blocked`, count: others, dir: "net" });
    // As admissions leave them.
    await sql`
      update ci_job set state = 'ended' where attempt_id like ${`${name}-over-%`}
    `.execute(database.statements);
    await sql`
      update ci_job set state = 'blocked', blocked_on = (select id from dirspace), blocked_at = now()
      where attempt_id like ${`${name}-blocked-%`}
    `.execute(database.statements);
    expect((await store.admit(id, caps)).started).toHaveLength(round === 0 ? 1 : 0);
    const [running] = await runningJobs();
    await store.endAttempt(present(running, "a running job"), randomUUID() as EventId, {
      kind: "ci_ended",
      conclusion: "success",
    });
    await sql`vacuum analyze ci_job`.execute(database.statements);
    costs.push(
      await rowsRead(async () => {
        trips = 0;
        expect((await store.admit(id, caps)).started).toHaveLength(1);
        expect(trips).toBe(1);
      }),
    );
  }
  const [few = 0, many = 0] = costs;
  expect(few).toBeGreaterThan(0);
  expect(many).toBeLessThanOrEqual(few + 2);
  expect(many).toBeLessThan(30);
});

async function runningJobs(): Promise<readonly AttemptId[]> {
  const { rows } = await sql<{ id: AttemptId }>`
    select attempt_id as id from ci_job where state = 'admitted'
  `.execute(database.statements);
  return rows.map((row) => row.id);
}
