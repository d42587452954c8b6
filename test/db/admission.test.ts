import { randomUUID } from "node:crypto";
import { runMigrations } from "graphile-worker";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import { compareText } from "../../src/core/change/dirspace.ts";
import type {
  AttemptId,
  EventId,
  InstallationId,
  PullRequestId,
  RunId,
} from "../../src/core/ids.ts";
import { JOB_CAPS, type JobCaps } from "../../src/core/schedule/caps.ts";
import type { EngineStore } from "../../src/ports/engine-store.ts";
import { tellApplyEnded } from "../../src/store/engine/ci-queue.ts";
import { readWaits } from "../../src/store/engine/job-waits.ts";
import { engineStore } from "../../src/store/engine/store.ts";
import { type Database, openDatabase } from "../../src/store/pool.ts";
import { inTransaction } from "../../src/store/transaction.ts";
import {
  admitted,
  makeInstallation,
  type QueueRepository,
  queueRuns,
} from "../support/ci-queue.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { quiet } from "../support/quiet.ts";

/** Two servers on one database, each with a pool of its own. */
let created: TestDatabase;
let databases: readonly Database[];
let stores: readonly EngineStore[];
let database: Database;
let installation: InstallationId;
let first: QueueRepository;
let second: QueueRepository;

beforeEach(async () => {
  created = await createTestDatabase();
  databases = [1, 2].map(() => openDatabase({ url: created.url, log: quiet }));
  database = databases[0] as Database;
  await runMigrations({ pgPool: database.pool });
  stores = databases.map((one) => engineStore(one, () => randomUUID() as EventId));
  const made = await makeInstallation(database, 2);
  installation = made.id;
  [first, second] = made.repositories as [QueueRepository, QueueRepository];
});

afterEach(async () => {
  await Promise.all(databases.map((one) => one.close()));
  await created.drop();
});

function caps(max: Partial<Record<keyof JobCaps, number>>): JobCaps {
  const of = new Map<string, number>();
  const cap = (scope: keyof JobCaps) => ({ max: max[scope] ?? JOB_CAPS[scope].max, of });
  return {
    installation: cap("installation"),
    repository: cap("repository"),
    environment: cap("environment"),
  };
}

/** One server admits until nothing moves; what started, in order. */
async function admit(store: EngineStore | undefined, limits: JobCaps): Promise<readonly string[]> {
  const started: string[] = [];
  for (let more = true; more; ) {
    const done = await (store ?? present(stores[0], "a store")).admit(installation, limits);
    started.push(...done.started);
    ({ more } = done);
  }
  return started;
}

/** Both servers at once, each with several workers. */
async function race(limits: JobCaps): Promise<readonly string[]> {
  const started = await Promise.all(
    [...stores, ...stores, ...stores].map((store) => admit(store, limits)),
  );
  return started.flat();
}

function ends(attempt: string): Promise<boolean> {
  const how = { kind: "ci_ended", conclusion: "success" } as const;
  return (stores[0] as EngineStore).endAttempt(attempt as AttemptId, randomUUID() as EventId, how);
}

test("S9 two servers that admit at once never exceed the cap of a repository", async () => {
  const limits = caps({ repository: 5 });
  await queueRuns(database, installation, first, { name: "a", count: 30 });
  expect(await race(limits)).toHaveLength(5);
  for (let round = 0; round < 4; round++) {
    const [one, two] = await admitted(database);
    await Promise.all([ends(one ?? ""), ends(two ?? ""), race(limits)]);
    expect(await race(limits)).toEqual(expect.any(Array));
    expect(await admitted(database)).toHaveLength(5);
  }
});

test("S9 the caps of an installation and of an environment hold for two servers", async () => {
  const limits = caps({ installation: 7, environment: 2 });
  await queueRuns(database, installation, first, { name: "a", count: 10, environment: "prod" });
  await queueRuns(database, installation, first, { name: "b", count: 10 });
  await queueRuns(database, installation, second, { name: "c", count: 10 });
  const started = await race(limits);
  expect(started).toHaveLength(7);
  expect(started.filter((id) => id.startsWith("a-"))).toHaveLength(2);
  expect(new Set(started).size).toBe(7);
});

test("S9 what a repository has in the queue and at work counts where it moved to, and no more where it was", async () => {
  const limits = caps({ installation: 1 });
  await queueRuns(database, installation, first, { name: "a", count: 2 });
  expect(await admit(stores[0], limits)).toEqual(["a-1"]);
  await queueRuns(database, installation, second, { name: "b" });
  expect(await admit(stores[0], limits)).toEqual([]);

  const there = (await makeInstallation(database, 0, "elsewhere")).id;
  const here = {
    kind: "here",
    installation: "elsewhere",
    fullName: "globex/1",
    archived: false,
  } as const;
  await present(stores[0], "a store").keepRepository(first.id, { ...here, defaultBranch: "main" });

  expect(await admit(stores[0], limits)).toEqual(["b-1"]);
  const admitThere = async () => (await present(stores[1], "a store").admit(there, limits)).started;
  expect(await admitThere()).toEqual([]);
  expect(await ends("b-1")).toBe(true);
  expect(await admit(stores[0], limits)).toEqual([]);
  expect(await ends("a-1")).toBe(true);
  expect(await admitThere()).toEqual(["a-2"]);
});

test("S9 a cap by name counts for that repository only", async () => {
  const limits = caps({ repository: 1 });
  const named = { ...limits, repository: { max: 1, of: new Map([["acme/2", 3]]) } };
  await queueRuns(database, installation, first, { name: "a", count: 5 });
  await queueRuns(database, installation, second, { name: "b", count: 5 });
  const started = await race(named);
  expect(started.map((id) => id.slice(0, 1)).sort(compareText)).toEqual(["a", "b", "b", "b"]);
});

test("S8 applies of one dirspace start in the order in which they were asked for, whatever is more urgent", async () => {
  for (const [at, name] of ["x", "y", "z"].entries()) {
    const apply = { name, kind: "apply", dir: "net", remainingMs: 1_000 * (at + 1) } as const;
    await queueRuns(database, installation, first, apply);
  }
  const order: string[] = [];
  for (let left = 3; left > 0; left--) {
    const [id, ...more] = await race(JOB_CAPS);
    expect(more).toEqual([]);
    order.push(id ?? "");
    await endApply(id ?? "");
  }
  expect(order).toEqual(["x-1", "y-1", "z-1"]);
});

test("an ended apply wakes the next apply of its dirspace and its plans, and none of those behind", async () => {
  await queueRuns(database, installation, first, {
    name: "x",
    kind: "apply",
    dir: "net",
    count: 9,
  });
  await queueRuns(database, installation, first, { name: "p", dir: "net", count: 2 });
  expect(await race(caps({ installation: 1 }))).toEqual(["x-1"]);
  await sql`update work set state = 'granted', fence = 1 where run_id = 'x-1'`.execute(
    database.statements,
  );
  expect(await race(JOB_CAPS)).toEqual([]);
  expect(await inState("blocked")).toHaveLength(10);
  await endApply("x-1", "applied");
  // Nothing has a place, so that what was woken is seen.
  expect(await race(caps({ installation: 0 }))).toEqual([]);
  expect(await inState("waiting")).toEqual(["p-1", "p-2", "x-2"]);
  expect(await inState("blocked")).toHaveLength(7);
});

test("an ended apply wakes no plan of a dirspace that another apply has by then", async () => {
  await queueRuns(database, installation, first, {
    name: "x",
    kind: "apply",
    dir: "net",
    count: 2,
  });
  await race(JOB_CAPS);
  await sql`update work set state = 'granted', fence = 1 where run_id = 'x-1'`.execute(
    database.statements,
  );
  await queueRuns(database, installation, first, { name: "p", dir: "net" });
  await race(JOB_CAPS);
  await endApply("x-1", "applied");
  await sql`update work set state = 'granted', fence = 2 where run_id = 'x-2'`.execute(
    database.statements,
  );
  await race(caps({ installation: 0 }));
  expect(await inState("blocked")).toEqual(["p-1"]);
});

test("S9 the number of places taken that is kept is the one that is counted", async () => {
  await queueRuns(database, installation, first, { name: "a", count: 9 });
  await queueRuns(database, installation, second, { name: "b", count: 9 });
  for (const most of [4, 7, 2]) {
    const limits = caps({ installation: most });
    await race(limits);
    const [one, two] = await admitted(database);
    await Promise.all([ends(one ?? ""), ends(two ?? ""), race(limits)]);
    await race(limits);
    const { rows } = await sql<{ kept: string }>`select admitted as kept from ci_gate`.execute(
      database.statements,
    );
    expect(rows.map(({ kept }) => Number(kept))).toEqual([(await admitted(database)).length]);
  }
});

test("a queued run tells its position, how many run, and whose apply it waits for", async () => {
  await queueRuns(database, installation, first, { name: "x", kind: "apply", dir: "net" });
  await race(JOB_CAPS);
  await sql`update work set state = 'granted', fence = 1 where run_id = 'x-1'`.execute(
    database.statements,
  );
  await queueRuns(database, installation, first, { name: "p", dir: "net" });
  await queueRuns(database, installation, second, { name: "other" });
  await race(caps({ repository: 2 }));
  await queueRuns(database, installation, first, { name: "short", remainingMs: 5 });
  await queueRuns(database, installation, first, { name: "long", remainingMs: 9_000 });
  await queueRuns(database, installation, first, { name: "urgent", kind: "apply", dir: "app" });
  await race(caps({ repository: 1 }));
  const waits = await waitsOf(first, caps({ repository: 1 }));
  const full = { of: "repository", name: "acme/1", running: 1, max: 1 };
  const free = { running: 1, caps: [full], applyOf: undefined };
  expect(waits.get("urgent-1" as RunId)).toEqual({ ...free, position: 1 });
  expect(waits.get("long-1" as RunId)).toEqual({ ...free, position: 2 });
  expect(waits.get("short-1" as RunId)).toEqual({ ...free, position: 3 });
  expect(waits.get("p-1" as RunId)).toMatchObject({ running: 1, applyOf: 1 });
  // What has its place waits for nothing any more.
  expect([...waits.keys()]).not.toContain("x-1");
});

test("S9 a queued run names the caps that are reached, of its own installation, repository and environment only", async () => {
  await queueRuns(database, installation, first, { name: "a", count: 2, environment: "prod" });
  await queueRuns(database, installation, first, { name: "b" });
  await queueRuns(database, installation, second, { name: "c", environment: "prod" });
  await race(JOB_CAPS);
  await queueRuns(database, installation, first, { name: "p", environment: "prod" });
  await queueRuns(database, installation, first, { name: "q" });
  const named = async (max: Parameters<typeof caps>[0]) => {
    const waits = await waitsOf(first, caps(max));
    const words = (run: string) =>
      waits.get(run as RunId)?.caps.map(({ of, running, max: most }) => `${of} ${running}/${most}`);
    return { p: words("p-1"), q: words("q-1") };
  };
  expect(await named({})).toEqual({ p: [], q: [] });
  expect(await named({ environment: 2 })).toEqual({ p: ["environment 2/2"], q: [] });
  expect(await named({ environment: 3 })).toEqual({ p: [], q: [] });
  const repository = ["repository 3/3"];
  expect(await named({ repository: 3 })).toEqual({ p: repository, q: repository });
  const everywhere = ["installation 4/4"];
  expect(await named({ installation: 4 })).toEqual({ p: everywhere, q: everywhere });
  expect(await named({ installation: 1, environment: 1 })).toEqual({
    p: ["installation 4/1", "environment 2/1"],
    q: ["installation 4/1"],
  });
});

async function waitsOf(repository: QueueRepository, limits: JobCaps) {
  return await inTransaction(database, (tx) =>
    readWaits(tx, repository.pullRequest as PullRequestId, limits),
  );
}

async function inState(state: string): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select attempt_id as id from ci_job where state = ${state} order by attempt_id
  `.execute(database.statements);
  return rows.map((row) => row.id);
}

async function endApply(id: string, as = "not_started"): Promise<void> {
  await inTransaction(database, async (tx) => {
    const { rows } = await sql<{ dirspace_id: string }>`
      update work set state = ${as}, ended_at = now() where run_id = ${id} returning dirspace_id
    `.execute(tx);
    for (const row of rows) await tellApplyEnded(tx, id, row.dirspace_id);
  });
  await ends(id);
}

test("a plan waits for the apply that has its dirspace, and starts when that has ended", async () => {
  await queueRuns(database, installation, first, { name: "x", kind: "apply", dir: "net" });
  await queueRuns(database, installation, second, { name: "other", dir: "net" });
  expect(await race(JOB_CAPS)).toHaveLength(2);
  await sql`update work set state = 'granted', fence = 1 where run_id = 'x-1'`.execute(
    database.statements,
  );
  await queueRuns(database, installation, first, { name: "p", dir: "net" });
  await queueRuns(database, installation, first, { name: "q", dir: "app" });
  expect(await race(JOB_CAPS)).toEqual(["q-1"]);
  await inTransaction(database, async (tx) => {
    const { rows } = await sql<{ dirspace_id: string }>`
      update work set state = 'applied', ended_at = now() where run_id = 'x-1' returning dirspace_id
    `.execute(tx);
    for (const row of rows) await tellApplyEnded(tx, "x-1", row.dirspace_id);
  });
  expect(await race(JOB_CAPS)).toEqual(["p-1"]);
});

test("applies go before plans, the longest remaining path first, and every fourth is the oldest", async () => {
  await queueRuns(database, installation, first, { name: "old", remainingMs: 1 });
  await queueRuns(database, installation, first, { name: "plan", count: 2, remainingMs: 10 });
  await queueRuns(database, installation, first, { name: "long", remainingMs: 99 });
  await queueRuns(database, installation, first, { name: "apply", count: 3, kind: "apply" });
  expect(await admit(stores[0], JOB_CAPS)).toEqual([
    "apply-1",
    "apply-2",
    "apply-3",
    "old-1",
    "long-1",
    "plan-1",
    "plan-2",
  ]);
});

test("a repository that asks for much shares the installation with one that asks for little", async () => {
  const limits = caps({ installation: 4 });
  await queueRuns(database, installation, first, { name: "a", count: 40 });
  expect(await admit(stores[0], limits)).toHaveLength(4);
  await queueRuns(database, installation, second, { name: "b", count: 4 });
  for (const id of await admitted(database)) await ends(id);
  const started = await admit(stores[1], limits);
  expect(started.filter((id) => id.startsWith("b-")).length).toBeGreaterThanOrEqual(2);
});

test("a run that has ended leaves the queue, and its job is never started", async () => {
  await queueRuns(database, installation, first, { name: "a", count: 2 });
  await sql`
    update run set state = 'ended', outcome = 'superseded', ended_at = now() where id = 'a-1'
  `.execute(database.statements);
  expect(await race(JOB_CAPS)).toEqual(["a-2"]);
});

test("S25 a job that is admitted is dispatched under one key", async () => {
  await queueRuns(database, installation, first, { name: "a", count: 3 });
  await race(JOB_CAPS);
  const { rows } = await sql<{ key: string }>`select key from outbox order by key`.execute(
    database.statements,
  );
  expect(rows.map((row) => row.key)).toEqual(["dispatch:a-1", "dispatch:a-2", "dispatch:a-3"]);
});

test("L39 a place that came free while nobody was told is found by the sweep", async () => {
  const limits = caps({ repository: 1 });
  await queueRuns(database, installation, first, { name: "a", count: 2 });
  await admit(stores[0], limits);
  // A server that knows of no queue ends the job.
  await sql`update attempt set ended_at = now() where id = 'a-1'`.execute(database.statements);
  expect(await race(limits)).toEqual([]);
  await sql`
    update ci_job set created_at = created_at - interval '1 hour'
  `.execute(database.statements);
  await (stores[1] as EngineStore).wakeOverdue();
  expect(await race(limits)).toEqual(["a-2"]);
});

test.each([
  ["kind", "destroy"],
  ["state", "lost"],
])("the database itself refuses a job whose %s is %s", async (column, value) => {
  await queueRuns(database, installation, first, { name: "a", count: 1 });
  const change = sql`update ci_job set ${sql.ref(column)} = ${value}`;
  await expect(change.execute(database.statements)).rejects.toMatchObject({
    constraint: `ci_job_${column}_check`,
  });
});
