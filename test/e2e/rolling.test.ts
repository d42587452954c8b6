import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { prng } from "../../src/base/prng.ts";
import { serverProgram } from "../support/built.ts";
import { bundleServer } from "../support/bundle.ts";
import { freePort } from "../support/chaos/server.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import {
  acknowledged,
  duplicateEffects,
  lostOf,
  unacknowledged,
  unfinished,
  withDatabase,
} from "../support/faults/count.ts";
import { githubEnvironment, WEBHOOK_SECRET } from "../support/faults/fleet.ts";
import { workJob } from "../support/faults/job.ts";
import { type Ledger, openLedger } from "../support/faults/ledger.ts";
import { bringLoad, type Load } from "../support/faults/load.ts";
import { layWire, type Wire } from "../support/faults/wire.ts";
import { type GitHubDouble, startGitHubDouble } from "../support/github-double/index.ts";
import { botComments, comment, openPull, push } from "../support/github-double/scene.ts";
import { NEXT_MIGRATION, nextVersion } from "../support/next-version.ts";
import { type ServerProcess, scratchDir, startServerProcess } from "../support/server-process.ts";

const LIMIT_MS = 10 * 60_000;
const PATIENCE = { timeout: 120_000, interval: 200 };
/** What is under way gets 20 s, requests 5 s, and the rest is quick; machines are busy. */
const DRAIN_MS_MAX = 40_000;
const PACE = { pauseMs: 150, openMax: 3, patient: true };

type Bundle = Awaited<ReturnType<typeof bundleServer>>;

let today: string;
let next: Bundle;
let scratch: ReturnType<typeof scratchDir>;
let database: TestDatabase;
let double: GitHubDouble;
let front: Wire;
let load: Load;
let ledger: Ledger;
let env: Readonly<Record<string, string>>;
let servers: Map<ServerProcess, number>;
/** Where requests are led to. */
let ports: number[];

beforeAll(async () => {
  today = await serverProgram();
  next = await bundleServer([nextVersion()]);
});

afterAll(() => {
  next.remove();
});

beforeEach(async () => {
  scratch = scratchDir();
  database = await createTestDatabase();
  double = await startGitHubDouble();
  ledger = openLedger();
  servers = new Map();
  ports = [];
  front = await layWire(prng(1), () => ports);
  const url = `http://127.0.0.1:${front.port}`;
  env = {
    TERRANE_URL: url,
    TERRANE_TOKEN: randomBytes(32).toString("hex"),
    TERRANE_SECRET_KEY: randomBytes(32).toString("base64"),
    ...githubEnvironment(double),
  };
  load = await bringLoad(double, prng(2), PACE);
  double.sendWebhooksTo(`${url}/api/v1/webhooks/github`, WEBHOOK_SECRET);
});

afterEach(async () => {
  await Promise.all([...servers.keys()].map((server) => server.end("SIGTERM")));
  await front.close();
  await double.close();
  await database.drop();
  scratch.remove();
});

/** Starts one that requests are led to from now on. */
async function start(program: string): Promise<ServerProcess> {
  const port = await freePort();
  const dir = join(scratch.path, `server-${servers.size}`);
  const server = await startServerProcess(program, dir, database.url, env, port);
  servers.set(server, port);
  ports.push(port);
  return server;
}

function onlyTo(server: ServerProcess): void {
  ports = [...servers].filter(([one]) => one === server).map(([, port]) => port);
  front.cut(1);
}

/** Jobs of this GitHub plan and apply by writing into the ledger. */
function workJobs(onClaimed: () => Promise<void> = () => Promise.resolve()): void {
  const url = `http://127.0.0.1:${front.port}`;
  const machine = { double, url, ledger, random: prng(3), applyMs: 100, stormy: () => false };
  double.world.onRun = (run) => void workJob({ ...machine, onClaimed }, run);
}

async function expectNothingLost(): Promise<void> {
  for (const id of unacknowledged(double)) double.deliveries.redeliver(double.world, id);
  await expect.poll(() => withDatabase(database.url, unfinished), PATIENCE).toEqual([]);
  const lost = await withDatabase(database.url, (db) => lostOf(db, acknowledged(double)));
  const { repo, people } = load;
  expect({
    lost,
    doubleApplies: ledger.doubleApplies(),
    duplicates: duplicateEffects(double, repo, people.pulls, ledger).length,
  }).toEqual({ lost: [], doubleApplies: [], duplicates: 0 });
}

test(
  "S20 S25 L39 a server that is told to stop finishes what it began and ends in order, and another one goes on",
  async () => {
    const old = await start(today);
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let claims = 0;
    workJobs(async () => {
      claims += 1;
      await held;
    });
    const answer = double.faults.hold("issues/create-comment");
    const by = double.user("ann");
    await push(double, load.repo, { branch: "one", files: { "net/one.tf": "# one\n" }, by });
    const pull = await openPull(double, load.repo, { by, head: "one" });
    // A job has its work, and the comment is on its way to GitHub.
    await expect.poll(() => claims, PATIENCE).toBe(1);
    await expect.poll(() => answer.waiting(), PATIENCE).toBeGreaterThan(0);
    const other = await start(today);

    let talking = true;
    const talk = (async () => {
      for (; talking; await sleep(50)) comment(double, pull, by, "thanks");
    })();
    await sleep(500);
    const before = acknowledged(double).size;
    const asked = performance.now();
    const ended = old.end("SIGTERM");
    await sleep(500);
    answer.release();
    expect(await ended).toBe(0);
    expect(performance.now() - asked).toBeLessThan(DRAIN_MS_MAX);
    onlyTo(other);
    await expect.poll(() => acknowledged(double).size, PATIENCE).toBeGreaterThan(before + 5);
    talking = false;
    await talk;
    await double.settled();

    goOn();
    await expectNothingLost();
    // The one that was told to stop has noted that the comment is there: nobody wrote it a second time.
    expect(botComments(double, pull)).toHaveLength(1);
    expect(double.calls()["issues/create-comment"]).toBe(1);
    expect(botComments(double, pull)[0]?.body).toMatch(/1 to add|create/i);
  },
  LIMIT_MS,
);

test(
  "L38 a server goes on beside one of the next version, which brings its schema while events are decided",
  async () => {
    const old = await start(today);
    workJobs();
    let go = true;
    const acting = load.people.act(() => go);
    onTestFinished(() => {
      go = false;
    });
    await expect.poll(() => acknowledged(double).size, PATIENCE).toBeGreaterThan(5);
    const newer = await start(next.program);
    const migrated = await withDatabase(database.url, (db) =>
      db.query("select name from schema_migration order by number desc limit 1"),
    );
    expect(migrated.rows).toEqual([{ name: NEXT_MIGRATION }]);
    // Each of the two hears and decides by itself, and both at once.
    for (const server of [old, newer, old]) {
      onlyTo(server);
      const before = acknowledged(double).size;
      await expect.poll(() => acknowledged(double).size, PATIENCE).toBeGreaterThan(before + 5);
    }
    ports = [...servers.values()];
    go = false;
    await acting;
    await double.settled();
    const by = double.user("ann");
    await push(double, load.repo, { branch: "last", files: { "last/main.tf": "# new\n" }, by });
    const pull = await openPull(double, load.repo, { by, head: "last" });
    const body = () => botComments(double, pull)[0]?.body ?? "";
    await expect.poll(body, PATIENCE).toMatch(/terrane apply/);
    comment(double, pull, by, "terrane apply");
    await expect.poll(() => ledger.applies(), PATIENCE).toBeGreaterThan(0);
    await expectNothingLost();
    expect(await old.end("SIGTERM")).toBe(0);
    expect(await newer.end("SIGTERM")).toBe(0);
  },
  LIMIT_MS,
);
