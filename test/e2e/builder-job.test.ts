import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
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
 * The runner as it is shipped runs the builders of a real git repository and plans what they affect, in one CI job.
 * The list of files is made of a catalogue: each file is a directory and the version of what is in it.
 */
const PATIENCE_MS = 90_000;

const LIST_FILES = `#!/bin/sh
# Absolute paths, with the content as their id. The catalogue stands for what another tool would make.
printf '['
sep=
for file in catalogue/*; do
  printf '%s{"path": "%s/live/%s/main.tf", "id": "%s"}' "$sep" "$PWD" "\${file#catalogue/}" "$(cat "$file")"
  sep=,
done
printf ']\\n'
`;

const FILES: Readonly<Record<string, string>> = {
  ".terrane/config.yml": `tree_builder:
  enabled: true
  script: ./tools/list-files
config_builder:
  enabled: true
  script: |
    test -f broken && { echo "::add-mask::$(cat broken)"; echo "the key is $(cat broken)" >&2; exit 3; }
    test -f typo && echo 'paralel_runs: 3'
    # Whoever reads no input gets none.
    test "$(head -c 1)" = "{"
    echo 'parallel_runs: 5'
    for dir in live/*; do echo "dirs: {$dir: {tags: [built]}}"; break; done
`,
  "tools/list-files": LIST_FILES,
  "catalogue/a": "1\n",
  "catalogue/b": "1\n",
  "live/a/main.tf": 'resource "terraform_data" "a" {}\n',
  "live/b/main.tf": 'resource "terraform_data" "b" {}\n',
  "live/c/main.tf": 'resource "terraform_data" "c" {}\n',
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
  writeFileSync(full, text, { mode: path.startsWith("tools/") ? 0o755 : 0o644 });
}

function commit(message: string): void {
  git("add", "--all");
  git("commit", "-qm", message);
}

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

async function runsOf(number: number): Promise<readonly Record<string, unknown>[]> {
  const { rows } = await client.query<Record<string, unknown>>(
    `select run.number, run.outcome, run.parallel, run.message from attempt
     join run on run.id = attempt.run_id join pull_request on pull_request.id = run.pull_request_id
     where pull_request.number = $1 order by run.number`,
    [number],
  );
  return rows;
}

function isOver({ runs }: PullRequestDetail): boolean {
  return runs.length > 0 && runs.every((run) => run.state === "ended");
}

whereTerraform(
  "runner defect 20: files with another id than where the branch began are planned, by absolute paths, in one job",
  async () => {
    const number = await open("ids", () => {
      write("catalogue/b", "2\n");
      write("catalogue/c", "1\n");
    });
    const shown = await until(number, isOver);
    expect(shown.dirspaces.map(({ key, phase }) => ({ key, phase }))).toEqual([
      { key: "live/b:default", phase: "planned" },
      { key: "live/c:default", phase: "planned" },
    ]);
    expect(await runsOf(number)).toMatchObject([{ number: 1, outcome: "finished", parallel: 5 }]);
  },
);

whereTerraform("what the base gained since is no change of the branch", async () => {
  const number = await open("behind", () => write("catalogue/a", "2\n"));
  git("checkout", "-q", "main");
  write("catalogue/b", "9\n");
  commit("Move the base");
  git("push", "-q", "origin", "main");
  const shown = await until(
    number,
    (now) => isOver(now) && now.dirspaces.some(({ phase }) => phase === "planned"),
  );
  expect(shown.dirspaces.map(({ key }) => key)).toEqual(["live/a:default"]);
});

whereTerraform("a script that fails says why, and tells no secret", async () => {
  const number = await open("broken", () => {
    write("catalogue/a", "2\n");
    write("broken", "s3cr3t-catalogue\n");
  });
  const shown = await until(number, (now) => isOver(now) && now.notice !== null);
  const text = JSON.stringify(shown.notice);
  expect(text).toContain("not work");
  expect(text).toContain("exit code 3");
  expect(text).toContain("the key is ***");
  expect(JSON.stringify(await runsOf(number))).not.toContain("s3cr3t-catalogue");
});

whereTerraform("an error in what a script printed names it and the line", async () => {
  const number = await open("typo", () => {
    write("catalogue/a", "2\n");
    write("typo", "x\n");
  });
  const shown = await until(number, (now) => isOver(now) && now.notice !== null);
  expect(JSON.stringify(shown.notice)).toContain("built by config_builder, line 1");
});
