import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, expect } from "vitest";
import type { PullRequestDetail } from "../../src/contract/views.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import {
  bundleServer,
  type ServerProcess,
  scratchDir,
  startServerProcess,
} from "../support/server-process.ts";
import { whereTerraform } from "../support/where-terraform.ts";

/**
 * The runner as it is shipped reads the code of a real git repository and plans what that affects, in one CI job:
 * callers of a module three levels up, and a directory that links to shared code.
 */
const PATIENCE_MS = 90_000;

const FILES: Readonly<Record<string, string>> = {
  ".terrane/config.yml": "indexer: {enabled: true}\n",
  "modules/net/main.tf": 'resource "terraform_data" "net" {}\n',
  "live/eu/app/main.tf": 'module "net" {\n  source = "../../../modules/net"\n}\n',
  "live/us/app/main.tf": 'resource "terraform_data" "app" {}\n',
  "shared/common.tf": 'resource "terraform_data" "common" {}\n',
  "other/main.tf": 'resource "terraform_data" "other" {}\n',
  "README.md": "Modules and links.\n",
};

let scratch: ReturnType<typeof scratchDir>;
let bundle: Awaited<ReturnType<typeof bundleServer>>;
let database: TestDatabase;
let server: ServerProcess;
let client: pg.Client;
let repository: string;
let clone: string;

beforeAll(async () => {
  scratch = scratchDir();
  database = await createTestDatabase();
  bundle = await bundleServer();
  const env = { XDG_CACHE_HOME: join(scratch.path, "cache") };
  server = await startServerProcess(bundle.program, join(scratch.path, "data"), database.url, env);
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const made = await server.api("createRepository", {}, { name: "infra" });
  if (made.kind !== "ok") throw new Error(JSON.stringify(made));
  repository = made.value.id;
  clone = join(scratch.path, "clone");
  for (const [path, text] of Object.entries(FILES)) write(path, text);
  symlinkSync("../../../shared/common.tf", join(clone, "live/us/app/common.tf"));
  git("init", "-q", "-b", "main");
  git("remote", "add", "origin", made.value.cloneUrl ?? "");
  commit("Begin");
  git("push", "-q", "origin", "main");
});

afterAll(async () => {
  await client.end();
  await server.end("SIGKILL");
  await database.drop();
  bundle.remove();
  scratch.remove();
});

function git(...args: readonly string[]): void {
  const identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"];
  execFileSync("git", [...identity, ...args], { cwd: clone, stdio: "pipe" });
}

function write(path: string, text: string): void {
  const full = join(clone, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
}

function commit(message: string): void {
  git("add", "--all");
  git("commit", "-qm", message);
}

/** A pull request from `main` as it began, and its number. */
async function open(branch: string, change: () => void): Promise<number> {
  git("checkout", "-q", "-B", branch, "main");
  change();
  commit(branch);
  git("push", "-q", "origin", branch);
  const wanted = { title: branch, head: branch, base: "main" };
  const opened = await server.api("openPullRequest", { repository }, wanted);
  if (opened.kind !== "ok") throw new Error(JSON.stringify(opened));
  return opened.value.number;
}

async function until(
  number: number,
  is: (now: PullRequestDetail) => boolean,
): Promise<PullRequestDetail> {
  const began = performance.now();
  for (;;) {
    const reply = await server.api("pullRequest", { repository, number });
    if (reply.kind === "ok" && is(reply.value)) return reply.value;
    if (performance.now() - began > PATIENCE_MS) {
      throw new Error(`not in time: ${JSON.stringify(reply)}\n${server.log().slice(-4_000)}`);
    }
    await sleep(200);
  }
}

/** The CI jobs of a pull request, and how each run ended. */
async function jobsOf(number: number): Promise<readonly unknown[]> {
  const { rows } = await client.query<Record<string, unknown>>(
    `select run.number, run.kind, run.outcome, attempt.failure from attempt
     join run on run.id = attempt.run_id join pull_request on pull_request.id = run.pull_request_id
     where pull_request.number = $1 order by run.number`,
    [number],
  );
  return rows;
}

const ONE_JOB = [{ number: 1, kind: "plan", outcome: "finished", failure: null }];

function isOver({ runs }: PullRequestDetail): boolean {
  return runs.length > 0 && runs.every((run) => run.state === "ended");
}

whereTerraform(
  "a root is planned where a module three levels up changes, in one CI job",
  async () => {
    const number = await open("module", () =>
      write("modules/net/main.tf", 'resource "terraform_data" "net" {\n  input = 2\n}\n'),
    );
    const shown = await until(number, isOver);
    expect(shown.dirspaces.map(({ key, phase }) => ({ key, phase }))).toEqual([
      { key: "live/eu/app:default", phase: "planned" },
    ]);
    expect(await jobsOf(number)).toEqual(ONE_JOB);
  },
);

whereTerraform("a root is planned where the code it links to changes, in one CI job", async () => {
  const number = await open("link", () =>
    write("shared/common.tf", 'resource "terraform_data" "common" {\n  input = 2\n}\n'),
  );
  const shown = await until(number, isOver);
  expect(shown.dirspaces.map(({ key }) => key)).toContain("live/us/app:default");
  expect(shown.dirspaces.map(({ key }) => key)).not.toContain("live/eu/app:default");
  expect(shown.dirspaces.every(({ phase }) => phase === "planned")).toBe(true);
  expect(await jobsOf(number)).toEqual(ONE_JOB);
});

whereTerraform("a job that finds nothing to plan ends green", async () => {
  const number = await open("words", () => write("README.md", "Other words.\n"));
  const shown = await until(number, isOver);
  expect(shown.dirspaces).toEqual([]);
  expect(await jobsOf(number)).toEqual(ONE_JOB);
  expect(shown.notice).toBeNull();
});

whereTerraform(
  "a base that moves while the code is read is merged with what is planned",
  async () => {
    const number = await open("late", () =>
      write("modules/net/extra.tf", 'output "late" {\n  value = 1\n}\n'),
    );
    git("checkout", "-q", "main");
    rmSync(join(clone, "README.md"));
    commit("Move the base");
    git("push", "-q", "origin", "main");
    const shown = await until(
      number,
      (now) => isOver(now) && now.dirspaces.some(({ phase }) => phase === "planned"),
    );
    expect(shown.dirspaces.map(({ key }) => key)).toEqual(["live/eu/app:default"]);
  },
);
