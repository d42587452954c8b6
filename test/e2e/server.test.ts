import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BodyOf, Params, ReplyOf, RouteName } from "../../src/contract/api.ts";
import type { PullRequestDetail } from "../../src/contract/views.ts";
import { serverProgram } from "../support/built.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { readEvents } from "../support/http-lab.ts";
import { pullRequestOnce } from "../support/pull-request-once.ts";
import { type ServerProcess, scratchDir, startServerProcess } from "../support/server-process.ts";

let scratch: ReturnType<typeof scratchDir>;
let program: string;
let database: TestDatabase;
let server: ServerProcess;
let repository: string;

beforeAll(async () => {
  scratch = scratchDir();
  database = await createTestDatabase();
  program = await serverProgram();
  server = await startServerProcess(program, join(scratch.path, "data"), database.url);
});

afterAll(async () => {
  await server.end("SIGKILL");
  await database.drop();
  scratch.remove();
});

function git(cwd: string, ...args: readonly string[]): void {
  const identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"];
  execFileSync("git", [...identity, ...args], { cwd, stdio: "pipe" });
}

/** The value; asked for again while the server says that it cannot answer at the moment. */
async function ok<N extends RouteName>(
  name: N,
  params: Params,
  body?: BodyOf<N>,
): Promise<ReplyOf<N>> {
  for (let tried = 1; ; tried++) {
    if (server.ended()) throw new Error(`the server ended:\n${server.log().slice(-4_000)}`);
    const got = await server.api(name, params, body);
    if (got.kind === "ok") return got.value;
    if (got.status !== 503 || tried === 20) throw new Error(JSON.stringify(got));
    await sleep(250);
  }
}

function detail(
  number: number,
  is: (detail: PullRequestDetail) => boolean,
): Promise<PullRequestDetail> {
  return pullRequestOnce(server, { repository, number }, is);
}

test("the first start makes a token that only its owner reads", () => {
  expect(server.token).toMatch(/^trn_[\w-]{43}$/);
  for (const file of ["token", join("keys", "secret")]) {
    expect(statSync(join(server.dataDir, file)).mode & 0o777).toBe(0o600);
  }
});

test("a server that is up says that it is alive and ready", async () => {
  for (const path of ["/healthz", "/readyz"]) {
    expect((await fetch(server.url + path)).status).toBe(200);
  }
  expect(await ok("server", {})).toMatchObject({
    vcs: ["local"],
    actor: "ann",
    database: "external",
  });
});

test("a push, a pull request, and the plan's job follow each other without a hand", async () => {
  const made = await ok("createRepository", {}, { name: "infra" });
  repository = made.id;
  const clone = join(scratch.path, "clone");
  mkdirSync(join(clone, "net"), { recursive: true });
  git(clone, "init", "-q", "-b", "main");
  writeFileSync(join(clone, "net", "main.tf"), "");
  git(clone, "add", ".");
  git(clone, "commit", "-qm", "Begin");
  git(clone, "push", "-q", made.cloneUrl ?? "", "main");
  git(clone, "checkout", "-qb", "change");
  writeFileSync(join(clone, "net", "main.tf"), "# changed\n");
  git(clone, "commit", "-qam", "Change");
  git(clone, "push", "-q", made.cloneUrl ?? "", "change");
  const wanted = { title: "Change it", head: "change", base: "main" };
  const opened = await ok("openPullRequest", { repository }, wanted);
  expect(opened).toMatchObject({ number: 1, author: "ann", state: "open" });
  const shown = await detail(1, (now) => now.runs.length > 0 && now.dirspaces.length > 0);
  expect(shown.dirspaces.map((one) => one.key)).toEqual(["net:default"]);
  expect((await ok("diff", { repository, number: 1 })).text).toContain("# changed");
});

test("people answer in the page, and the page hears of it live", async () => {
  const headers = { authorization: `Bearer ${server.token}` };
  const stream = await fetch(`${server.url}/api/v1/events`, { headers });
  const reading = readEvents(stream, (events) => events.length > 1);
  await ok("comment", { repository, number: 1 }, { body: "terrane help", as: "bob" });
  expect((await reading).map((one) => one.event)).toContain("changed");
  const shown = await detail(1, (now) => now.notice?.actor === "bob");
  expect(shown.local?.conversation).toContainEqual(
    expect.objectContaining({ kind: "comment", author: "bob", markdown: "terrane help" }),
  );
});

test("a command needs no comment", async () => {
  const command = { command: "help", as: "cleo" };
  await ok("command", { repository, number: 1 }, command);
  await detail(1, (now) => now.notice?.actor === "cleo");
});

test("what the forge refuses is said in its words", async () => {
  const review = server.api(
    "review",
    { repository, number: 1 },
    { verdict: "approved", as: "ann" },
  );
  expect(await review).toMatchObject({ kind: "error", status: 409, code: "REJECTED" });
});

test("a database that drops every connection, again and again, is only an interruption", async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  for (let round = 0; round < 15; round++) {
    // Jobs are under way when their connections go: then the queue cannot say that they are done.
    const asked = [1, 2, 3].map(() =>
      server.api("command", { repository, number: 1 }, { command: "help", as: "bob" }),
    );
    await sleep(20 * round);
    await client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    );
    await Promise.allSettled(asked);
  }
  await client.end();
  await ok("command", { repository, number: 1 }, { command: "help", as: "dora" });
  await detail(1, (now) => now.notice?.actor === "dora");
});

test("a server that is killed loses nothing: the next one goes on with what it left", async () => {
  await ok("command", { repository, number: 1 }, { command: "help", as: "eve" });
  await server.end("SIGKILL");
  const { token } = server;
  server = await startServerProcess(program, server.dataDir, database.url);
  expect(server.token).toBe(token);
  await detail(1, (now) => now.notice?.actor === "eve");
});

test("a server stops in order when asked, with pages still open", async () => {
  const headers = { authorization: `Bearer ${server.token}` };
  const stream = await fetch(`${server.url}/api/v1/events`, { headers });
  const reading = readEvents(stream, () => false);
  expect(await server.end("SIGTERM")).toBe(0);
  await reading;
  expect(existsSync(join(server.dataDir, "server.json"))).toBe(false);
});
