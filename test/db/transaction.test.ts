import { randomUUID } from "node:crypto";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type Database, openDatabase } from "../../src/store/pool.ts";
import {
  assertNoTransaction,
  CommitOutcomeUnknown,
  inTransaction,
  type Tx,
} from "../../src/store/transaction.ts";
import { createEmptyDatabase, type TestDatabase } from "../support/database.ts";
import { quiet } from "../support/quiet.ts";

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createEmptyDatabase();
});

afterAll(async () => {
  await testDatabase.drop();
});

beforeEach(async () => {
  database = openDatabase({ url: testDatabase.url, log: quiet, connectionsMax: 4 });
  await database.pool.query("create table if not exists counter (id text primary key, n int)");
  await database.pool.query("truncate counter");
  await database.pool.query("insert into counter values ('a', 0), ('b', 0)");
});

afterEach(async () => {
  await database.close();
});

async function add(tx: Tx, id: string): Promise<void> {
  await sql`update counter set n = n + 1 where id = ${id}`.execute(tx);
}

async function counters(): Promise<unknown> {
  return (await database.pool.query("select id, n from counter order by id")).rows;
}

test("what a transaction wrote is there after it, and gone when it throws", async () => {
  expect(
    await inTransaction(database, async (tx) => {
      await add(tx, "a");
      return "done";
    }),
  ).toBe("done");
  const thrown = inTransaction(database, async (tx) => {
    await add(tx, "b");
    throw new Error("stop");
  });
  await expect(thrown).rejects.toThrow("stop");
  expect(await counters()).toEqual([
    { id: "a", n: 1 },
    { id: "b", n: 0 },
  ]);
});

test("two transactions that deadlock both finish, because one is done again", async () => {
  let attempts = 0;
  const both = async (firstId: string, secondId: string): Promise<void> => {
    await inTransaction(database, async (tx) => {
      attempts += 1;
      await add(tx, firstId);
      if (attempts <= 2) await sleep(50);
      await add(tx, secondId);
    });
  };
  await Promise.all([both("a", "b"), both("b", "a")]);
  expect(attempts).toBe(3);
  expect(await counters()).toEqual([
    { id: "a", n: 2 },
    { id: "b", n: 2 },
  ]);
});

test("a serialization failure is tried again, up to a limit", async () => {
  let attempts = 0;
  const failing = inTransaction(
    database,
    async (tx) => {
      attempts += 1;
      await sql`do $$ begin raise exception 'conflict' using errcode = '40001'; end $$`.execute(tx);
    },
    { attemptsMax: 3 },
  );
  await expect(failing).rejects.toThrow("conflict");
  expect(attempts).toBe(3);
});

/** Until the driver has heard that the connection is gone: what it is asked then it does not send. */
async function untilHeard(tx: Tx): Promise<void> {
  for (;;) {
    const heard = await sql`select 1`.execute(tx).then(
      () => "",
      (error: unknown) => String(error),
    );
    if (heard.includes("not queryable")) return;
    await sleep(5);
  }
}

test.each<readonly [string, (tx: Tx) => Promise<void>]>([
  ["a statement", (tx) => add(tx, "a")],
  ["the commit is sent", untilHeard],
])("a connection that is lost before %s is replaced and the work done again", async (_, go) => {
  let attempts = 0;
  await inTransaction(database, async (tx) => {
    attempts += 1;
    await add(tx, "a");
    if (attempts > 1) return;
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
    await database.pool.query("select pg_terminate_backend($1)", [rows[0]?.pid]);
    await go(tx);
  });
  expect(attempts).toBe(2);
  expect(await counters()).toEqual([
    { id: "a", n: 1 },
    { id: "b", n: 0 },
  ]);
});

test("a constraint that the commit itself breaks is a definite answer, not an unknown one", async () => {
  await database.pool.query(
    "create table if not exists child (id text references counter deferrable initially deferred)",
  );
  let attempts = 0;
  const failing = inTransaction(database, async (tx) => {
    attempts += 1;
    await sql`insert into child values ('nobody')`.execute(tx);
  });
  await expect(failing).rejects.toMatchObject({ code: "23503" });
  expect(attempts).toBe(1);
  await database.pool.query("drop table child");
});

test("an error that was swallowed cannot turn the commit into a silent rollback", async () => {
  const swallowing = inTransaction(database, async (tx) => {
    await add(tx, "a");
    await sql`insert into counter values ('a', 5)`.execute(tx).catch(() => undefined);
  });
  await expect(swallowing).rejects.toThrow("nothing was committed");
  expect(await counters()).toContainEqual({ id: "a", n: 0 });
  // The connection went back in order: the pool still works with all of its connections.
  await Promise.all([1, 2, 3, 4].map(() => inTransaction(database, (tx) => add(tx, "b"))));
});

/** A proxy that forwards everything and cuts the line when the client says `commit`. */
async function cuttingProxy(
  mode: "before" | "after",
): Promise<{ url: string; server: Server; cuts(): number }> {
  const url = new URL(testDatabase.url);
  const target = { host: url.hostname, port: Number(url.port) };
  let cut = 0;
  const server = createServer((client: Socket) => {
    const upstream = connect(target);
    client.on("error", () => upstream.destroy());
    upstream.on("error", () => client.destroy());
    client.on("close", () => upstream.destroy());
    let committing = false;
    client.on("data", (chunk) => {
      if (chunk.includes("commit\0") && cut === 0) {
        cut += 1;
        committing = true;
        if (mode === "before") {
          client.destroy();
          return;
        }
      }
      upstream.write(chunk);
    });
    // In mode "after" the database commits, and its answer is what gets lost.
    upstream.on("data", (chunk) => (committing ? client.destroy() : client.write(chunk)));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  url.port = String(address.port);
  return { url: url.toString(), server, cuts: () => cut };
}

test.each([
  { mode: "before", n: 0 },
  { mode: "after", n: 1 },
] as const)(
  "a connection that breaks $mode the server commits has an unknown outcome and is not repeated",
  async ({ mode, n }) => {
    const proxy = await cuttingProxy(mode);
    const through = openDatabase({ url: proxy.url, log: quiet });
    let attempts = 0;
    const committing = inTransaction(through, async (tx) => {
      attempts += 1;
      await add(tx, "a");
    });
    await expect(committing).rejects.toBeInstanceOf(CommitOutcomeUnknown);
    await expect(committing).rejects.toMatchObject({ kind: "commit_outcome_unknown" });
    expect(attempts).toBe(1);
    expect(proxy.cuts()).toBe(1);
    await sleep(50);
    expect(await counters()).toContainEqual({ id: "a", n });
    await through.close();
    proxy.server.close();
  },
);

test("S29 a network call inside a transaction is refused, before and after one it is allowed", async () => {
  const call = (): void => assertNoTransaction("GET /pulls");
  call();
  const refused = inTransaction(database, async (tx) => {
    await add(tx, "a");
    await sleep(1);
    call();
  });
  await expect(refused).rejects.toThrow("S29: GET /pulls was called while a transaction was open");
  call();
  let later: Promise<void> = Promise.resolve();
  await inTransaction(database, async () => {
    later = sleep(200).then(call);
  });
  // What a transaction started and did not await runs after it, and that is allowed.
  await later;
});

test("S29 a transaction that stalls is ended by the database and holds no lock for long", async () => {
  const impatient = openDatabase({ url: testDatabase.url, log: quiet, idleInTransactionMs: 100 });
  const stalled = inTransaction(
    impatient,
    async (tx) => {
      await add(tx, "a");
      await sleep(500);
      await add(tx, "a");
    },
    { attemptsMax: 1 },
  );
  await expect(stalled).rejects.toThrow(/idle-in-transaction timeout|connection|Connection/);
  expect(await counters()).toContainEqual({ id: "a", n: 0 });
  await impatient.close();
});

test("the limits of a transaction end with it: the connection carries nothing to its next user", async () => {
  const one = openDatabase({ url: testDatabase.url, log: quiet, connectionsMax: 1 });
  const read = "select current_setting('statement_timeout') as limit";
  const inside = await inTransaction(one, (tx) =>
    sql<{ limit: string }>`${sql.raw(read)}`.execute(tx),
  );
  expect(inside.rows).toEqual([{ limit: "15s" }]);
  expect((await one.pool.query(read)).rows).toEqual([{ limit: "0" }]);
  await one.close();
});

test("a transaction inside a transaction is a bug and is refused", async () => {
  const nested = inTransaction(database, () => inTransaction(database, (tx) => add(tx, "a")));
  await expect(nested).rejects.toThrow("a transaction was started inside another one");
});

test("no statement is prepared by name, which a pooler in front could not follow", async () => {
  const one = openDatabase({ url: testDatabase.url, log: quiet, connectionsMax: 1 });
  await inTransaction(one, (tx) => sql`select ${randomUUID()}::text`.execute(tx));
  const { rows } = await one.pool.query("select name from pg_prepared_statements");
  expect(rows).toEqual([]);
  await one.close();
});

/** As a standby answers that is not promoted yet: every write fails with SQLSTATE 25006. */
async function standby(readOnly: "on" | "off"): Promise<void> {
  const name = new URL(testDatabase.url).pathname.slice(1);
  await database.pool.query("set default_transaction_read_only = off");
  await database.pool.query(
    `alter database ${name} set default_transaction_read_only = ${readOnly}`,
  );
}

test("a write that met a standby is done again on a new connection, once there is a primary", async () => {
  await standby("on");
  const early = openDatabase({ url: testDatabase.url, log: quiet, connectionsMax: 1 });
  const promoted = sleep(300).then(() => standby("off"));
  // The connection that was opened first stays read-only for good: only another one can succeed.
  await inTransaction(early, (tx) => add(tx, "a"));
  await promoted;
  expect(await counters()).toContainEqual({ id: "a", n: 1 });
  await early.close();
});
