import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import pg from "pg";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findOrphan } from "../../src/store/embedded/postmaster-file.ts";
import { processStart, thisMachine } from "../../src/store/embedded/process-identity.ts";
import {
  type EmbeddedCrash,
  type EmbeddedOptions,
  type EmbeddedPostgres,
  startEmbedded,
} from "../../src/store/embedded/start.ts";
import { openDatabase } from "../../src/store/pool.ts";
import { CommitOutcomeUnknown, inTransaction } from "../../src/store/transaction.ts";
import { quiet } from "../support/quiet.ts";

let dataDir: string;
let running: EmbeddedPostgres[];
let children: ChildProcess[];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "terrane-embedded-"));
  running = [];
  children = [];
});

afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  for (const server of running) await server.stop();
  // The guard of a killed server may still be at work.
  while (findOrphan(join(dataDir, "cluster")) !== undefined) await sleep(20);
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbedded({ dataDir, log: quiet, ...options });
  running.push(server);
  return server;
}

async function query(url: string, ...statements: readonly string[]): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    let rows: unknown[] = [];
    for (const statement of statements) rows = (await client.query(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

/** Starts the database in a process of its own, as a server does, so that it can be killed. */
async function startChild(): Promise<{ child: ChildProcess; url: string; postgres: number }> {
  const script = join(import.meta.dirname, "..", "support", "embedded-child.ts");
  const child = spawn(process.execPath, ["--import", "tsx", script, dataDir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  const [url = "", postgres] = String(line).split(" ");
  return { child, url, postgres: Number(postgres) };
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

function killGuard(postgres: number): void {
  const lines = execFileSync("ps", ["-e", "-o", "pid=,args="], { encoding: "utf8" }).split("\n");
  const guards = lines.filter((line) => line.includes(`terrane-guard ${postgres} ${dataDir}`));
  expect(guards).toHaveLength(1);
  for (const line of guards) process.kill(Number.parseInt(line.trim(), 10), "SIGKILL");
}

test("a fresh data directory becomes a database that only a password opens", async () => {
  const { url } = await start();
  expect(await query(url, "select current_database() as name")).toEqual([{ name: "terrane" }]);
  expect(statSync(join(dataDir, "password")).mode & 0o777).toBe(0o600);
  expect(new URL(url).hostname).toBe("127.0.0.1");
  const wrong = new URL(url);
  wrong.password = "guess";
  await expect(query(wrong.toString(), "select 1")).rejects.toThrow("password authentication");
  const settings = await query(
    url,
    "select current_setting('listen_addresses') as listen, current_setting('fsync') as fsync",
  );
  expect(settings).toEqual([{ listen: "127.0.0.1", fsync: "on" }]);
});

test("a clean stop ends every process, and the next start has the rows", async () => {
  const first = await start();
  await query(first.url, "create table kept (n int)", "insert into kept values (1)");
  const pid = first.pid();
  await first.stop();
  expect(processStart(pid)).toBeUndefined();
  expect(readdirSync(dataDir).toSorted()).toEqual(["cluster", "password"]);
  const second = await start();
  expect(await query(second.url, "select n from kept")).toEqual([{ n: 1 }]);
});

test("several servers on one machine have a database each", async () => {
  const secondDir = mkdtempSync(join(tmpdir(), "terrane-embedded-"));
  try {
    const [one, two] = await Promise.all([start(), start({ dataDir: secondDir })]);
    await query(one.url, "create table mine (n int)");
    expect(await query(two.url, "select to_regclass('mine') as mine")).toEqual([{ mine: null }]);
    await two.stop();
  } finally {
    rmSync(secondDir, { recursive: true, force: true });
  }
});

test("a second server on the same data directory is refused", async () => {
  const { url } = await start();
  await expect(start()).rejects.toMatchObject({
    kind: "data_dir_in_use",
    message: expect.stringContaining(`process ${process.pid}`),
  });
  expect(await query(url, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("when the server is killed, its database shuts down by itself and nothing is lost", async () => {
  const { child, url, postgres } = await startChild();
  await query(url, "create table kept (n int)", "insert into kept values (1)");
  await kill(child);
  await vi.waitFor(() => expect(processStart(postgres)).toBeUndefined(), 10_000);
  const next = await start();
  expect(await query(next.url, "select n from kept")).toEqual([{ n: 1 }]);
});

test("a database that outlived its server is shut down and started again", async () => {
  const { child, url, postgres } = await startChild();
  await query(url, "create table kept (n int)", "insert into kept values (1)");
  killGuard(postgres);
  await kill(child);
  await sleep(300);
  expect(processStart(postgres)).toBeDefined();
  const next = await start();
  expect(processStart(postgres)).toBeUndefined();
  expect(await query(next.url, "select n from kept")).toEqual([{ n: 1 }]);
});

test("S20 when PostgreSQL is killed, committed rows stay, uncommitted ones go, the address is the same", async () => {
  const crashes: EmbeddedCrash[] = [];
  const server = await start({ onCrash: (crash) => crashes.push(crash) });
  const before = server.pid();
  await query(server.url, "create table kept (n int)", "insert into kept values (1)");
  const open = new pg.Client({ connectionString: server.url });
  open.on("error", () => undefined);
  await open.connect();
  await open.query("begin; insert into kept values (2)");
  const database = openDatabase({ url: server.url, log: quiet });
  await database.pool.query("select 1");
  process.kill(before, "SIGKILL");
  // A transaction that is under way or begins now only takes longer, unless its commit was on the way.
  const insert = () =>
    inTransaction(database, async (tx) => {
      await sql`insert into kept select 3 where not exists (select from kept where n = 3)`.execute(
        tx,
      );
    });
  await insert().catch(async (error: unknown) => {
    if (!(error instanceof CommitOutcomeUnknown)) throw error;
    await insert();
  });
  await vi.waitFor(() => expect(crashes).toHaveLength(1), 20_000);
  expect(crashes[0]?.how).toBe("SIGKILL");
  expect(server.pid()).not.toBe(before);
  const rows = await database.pool.query("select n from kept order by n");
  expect(rows.rows).toEqual([{ n: 1 }, { n: 3 }]);
  await database.close();
});

test("a database that was being created when the server was killed is created again", async () => {
  mkdirSync(join(dataDir, "cluster.partial"));
  writeFileSync(join(dataDir, "cluster.partial", "PG_VERSION"), "18\n");
  writeFileSync(join(dataDir, "password"), "of the first try\n");
  const { url } = await start();
  expect(await query(url, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("a process number that now belongs to another program does not stop the start", async () => {
  const first = await start();
  const path = join(dataDir, "cluster", "postmaster.pid");
  const lines = readFileSync(path, "utf8").split("\n");
  await first.stop();
  writeFileSync(path, [String(process.pid), ...lines.slice(1)].join("\n"));
  const { url } = await start();
  expect(await query(url, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("data of another major version of PostgreSQL are refused and left alone", async () => {
  await (await start()).stop();
  const path = join(dataDir, "cluster", "PG_VERSION");
  writeFileSync(path, "17\n");
  await expect(start()).rejects.toMatchObject({
    kind: "data_dir_version",
    message: expect.stringContaining("was written by PostgreSQL 17"),
  });
  expect(readFileSync(path, "utf8")).toBe("17\n");
  expect(existsSync(join(dataDir, "owner.json"))).toBe(false);
});

/** The lock of a server in another container that shares the volume. */
function writeForeignLock(): string {
  const path = join(dataDir, "owner.json");
  const owner = { token: "other", pid: 1, start: "1", ...thisMachine(), namespace: "pid:[1]" };
  writeFileSync(path, JSON.stringify(owner));
  return path;
}

test("a lock from another container counts while its owner's heart beats", async () => {
  const path = writeForeignLock();
  const beat = setInterval(() => utimesSync(path, new Date(), new Date()), 100);
  try {
    await expect(start()).rejects.toMatchObject({ kind: "data_dir_in_use" });
  } finally {
    clearInterval(beat);
  }
});

test("a lock from another container that fell silent is taken over", async () => {
  const old = new Date(Date.now() - 60_000);
  utimesSync(writeForeignLock(), old, old);
  const { url } = await start();
  expect(await query(url, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("a lock whose process number was reused by another program is taken over", async () => {
  const owner = { token: "other", pid: process.pid, start: "1", ...thisMachine() };
  writeFileSync(join(dataDir, "owner.json"), JSON.stringify(owner));
  const { url } = await start();
  expect(await query(url, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("a taken port is named, and the data directory is free again", async () => {
  const other = await start();
  const port = Number(new URL(other.url).port);
  const secondDir = mkdtempSync(join(tmpdir(), "terrane-embedded-"));
  try {
    await expect(start({ dataDir: secondDir, port })).rejects.toMatchObject({
      kind: "start_failed",
      message: expect.stringContaining("The port is taken"),
    });
    const free = await start({ dataDir: secondDir });
    expect(await query(free.url, "select 1 as one")).toEqual([{ one: 1 }]);
    await free.stop();
  } finally {
    rmSync(secondDir, { recursive: true, force: true });
  }
});

test.runIf(process.geteuid?.() === 0)(
  "a data directory below one that is closed to PostgreSQL's account is refused by name",
  async () => {
    const closed = join(dataDir, "closed");
    mkdirSync(closed, { mode: 0o700 });
    await expect(start({ dataDir: join(closed, "data") })).rejects.toMatchObject({
      kind: "data_dir_unusable",
      message: expect.stringContaining(`may not enter ${dataDir}`),
    });
  },
);
