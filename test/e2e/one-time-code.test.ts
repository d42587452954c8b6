import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import { serverProgram } from "../support/built.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { isOver, pullRequestOnce } from "../support/pull-request-once.ts";
import { type ServerProcess, scratchDir, startServerProcess } from "../support/server-process.ts";

/** A step that says all it sees, as scripts of people do. */
const CONFIG = `workflows:
  - tag_query: ""
    plan:
      - type: run
        cmd: [sh, -c, "env; echo asked"]
        capture_output: true
`;

let scratch: ReturnType<typeof scratchDir>;
let program: string;
let database: TestDatabase;
let server: ServerProcess;

beforeAll(async () => {
  scratch = scratchDir();
  database = await createTestDatabase();
  program = await serverProgram();
  server = await startServerProcess(program, join(scratch.path, "data"), database.url, {
    TERRANE_ONE_TIME_CODE_MINUTES: "5",
  });
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

function commit(clone: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(clone, path)), { recursive: true });
    writeFileSync(join(clone, path), text);
  }
  git(clone, "add", ".");
  git(clone, "commit", "-qm", "Change");
}

async function made<T>(reply: Promise<{ readonly kind: string; readonly value?: T }>): Promise<T> {
  const got = await reply;
  return present(got.value, JSON.stringify(got));
}

test("P6 a real job claims with its code, which is used up, and which nothing that it runs or says shows", async () => {
  const { id, cloneUrl } = await made(server.api("createRepository", {}, { name: "infra" }));
  const clone = join(scratch.path, "clone");
  mkdirSync(clone);
  git(clone, "init", "-q", "-b", "main");
  commit(clone, { ".terrane/config.yml": CONFIG, "app/main.tf": "" });
  git(clone, "push", "-q", cloneUrl ?? "", "main");
  git(clone, "checkout", "-qb", "change");
  commit(clone, { "app/main.tf": "# changed\n" });
  git(clone, "push", "-q", cloneUrl ?? "", "change");
  const wanted = { title: "Change it", head: "change", base: "main" };
  await made(server.api("openPullRequest", { repository: id }, wanted));
  await pullRequestOnce(server, { repository: id, number: 1 }, isOver);
  const jobs = join(server.dataDir, "ci");
  const [attempt] = readdirSync(jobs, { withFileTypes: true }).filter((one) => one.isDirectory());
  const log = readFileSync(join(jobs, present(attempt, "no job").name, "log"), "utf8");
  expect(log).toContain("asked");
  expect(log).not.toMatch(/terrane_code_|TERRANE_CODE/);
  expect(server.log()).not.toContain("terrane_code_");
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<{ token_id: string }>("select token_id from used_token");
  await client.end();
  // Its identity token was never shown.
  expect(rows.map(({ token_id }) => token_id)).toEqual([
    expect.stringMatching(/^code:[0-9a-f]{64}$/),
  ]);
});
