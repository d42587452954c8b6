import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Migration, migrate } from "../../src/store/migrate.ts";
import { migrations as released } from "../../src/store/migrations.gen.ts";
import { createEmptyDatabase, type TestDatabase } from "../support/database.ts";
import { quiet } from "../support/quiet.ts";

let database: TestDatabase;

beforeEach(async () => {
  database = await createEmptyDatabase();
});

afterEach(async () => {
  await database.drop();
});

function migration(number: number, sql: string): Migration {
  const name = `${String(number).padStart(4, "0")}_step`;
  return { number, name, sha256: createHash("sha256").update(sql).digest("hex"), sql };
}

const first = migration(1, "create table one (n int); insert into one values (1)");
const second = migration(2, "create table two (n int)");

function run(migrations: readonly Migration[]): Promise<readonly string[]> {
  return migrate({ url: database.url, log: quiet, migrations });
}

async function query(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

test("each migration is applied once, in order", async () => {
  expect(await run([first])).toEqual(["0001_step"]);
  expect(await run([first, second])).toEqual(["0002_step"]);
  expect(await run([first, second])).toEqual([]);
  expect(await query("select number, name from schema_migration order by number")).toEqual([
    { number: 1, name: "0001_step" },
    { number: 2, name: "0002_step" },
  ]);
});

test("of many servers that start at once, each migration is applied by exactly one", async () => {
  const slow = migration(1, "create table one (n int); select pg_sleep(0.3)");
  const applied = await Promise.all(Array.from({ length: 8 }, () => run([slow, second])));
  expect(applied.flat().toSorted()).toEqual(["0001_step", "0002_step"]);
});

test("a database that a newer version migrated is refused", async () => {
  await run([first, second]);
  await expect(run([first])).rejects.toMatchObject({
    kind: "database_is_newer",
    message: expect.stringContaining("at migration 0002_step, and this version of Terrane ends"),
  });
});

test("L38 a server of before may start again beside a newer one until that takes away what it needs", async () => {
  const compatible = migration(
    1,
    "create table compatibility (oldest int); insert into compatibility values (1)",
  );
  await run([compatible, second]);
  expect(await run([compatible])).toEqual([]);
  const contracts = migration(3, "update compatibility set oldest = 3");
  await run([compatible, second, contracts]);
  await expect(run([compatible, second])).rejects.toMatchObject({ kind: "database_is_newer" });
});

test("a migration whose text changed after it was applied is refused", async () => {
  await run([first]);
  await expect(run([migration(1, "create table other (n int)"), second])).rejects.toMatchObject({
    kind: "migration_changed",
  });
  expect(await query("select to_regclass('two') as two")).toEqual([{ two: null }]);
});

test("a migration that does not work leaves nothing behind and can be repeated", async () => {
  const broken = migration(2, "create table two (n int); insert into missing values (1)");
  await expect(run([first, broken])).rejects.toMatchObject({
    kind: "migration_failed",
    message: expect.stringContaining('relation "missing" does not exist'),
  });
  expect(await query("select to_regclass('two') as two")).toEqual([{ two: null }]);
  expect(await run([first, second])).toEqual(["0002_step"]);
});

test("L38 a migration waits for a table in use without keeping others from it for long", async () => {
  await run([first]);
  const reader = new pg.Client({ connectionString: database.url });
  await reader.connect();
  await reader.query("begin; select * from one");
  const altering = run([first, migration(2, "alter table one add m int")]);
  while ((await query("select 1 from pg_locks where not granted")).length === 0) await sleep(10);
  // The waiting ALTER blocks new readers; it gives up after three seconds and lets them through.
  expect(await query("select n from one")).toEqual([{ n: 1 }]);
  await reader.query("commit");
  await reader.end();
  expect(await altering).toEqual(["0002_step"]);
});

test("L38 a migration that a server's transaction meets in the other order is applied when that is over", async () => {
  await run([first, second]);
  const server = new pg.Client({ connectionString: database.url });
  await server.connect();
  // Whoever waits for one second looks for a deadlock, and is the one that gives way.
  await server.query("set deadlock_timeout = '1min'; begin; insert into one values (2)");
  const altering = run([
    first,
    second,
    migration(3, "alter table two add m int; alter table one add m int"),
  ]);
  while ((await query("select 1 from pg_locks where not granted")).length === 0) await sleep(10);
  await server.query("insert into two values (2)");
  await server.query("commit");
  await server.end();
  expect(await altering).toEqual(["0003_step"]);
});

test("the released migrations apply to an empty database", async () => {
  expect(await migrate({ url: database.url, log: quiet })).toEqual(released.map((one) => one.name));
});
