import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { LockView, PullRequestDetail } from "../../src/contract/views.ts";
import { serverProgram } from "./built.ts";
import { createTestDatabase } from "./database.ts";
import { type GitHubDouble, startGitHubDouble } from "./github-double/index.ts";
import { botComments, checksAt, createRepository } from "./github-double/scene.ts";
import type { Account, Pull, Repository, WorkflowRun } from "./github-double/world.ts";
import { type RanJob, runJob } from "./github-job.ts";
import { type ServerProcess, scratchDir, startServerProcess } from "./server-process.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const SECRET = "a-webhook-secret-of-the-test";
const PATIENCE_MS = 90_000;
/** Nothing was called or sent for this long, and nothing waits to be done: a cycle is over. */
const QUIET_MS = 700;
/** A server that still has something to do for this long hangs, which some tests want. */
const BUSY_MS_MAX = 15_000;

export type Counts = Readonly<Record<string, number>>;

/** The server as it is shipped, on a GitHub of its own, with jobs that really run. */
export interface GithubLab {
  readonly double: GitHubDouble;
  readonly server: ServerProcess;
  readonly databaseUrl: string;
  readonly repo: Repository;
  readonly people: Readonly<Record<"ann" | "bob" | "mallory", Account>>;
  readonly secret: string;
  readonly webhookUrl: string;
  readonly stateDir: string;
  /** Jobs that came to their end, oldest first. */
  readonly jobs: readonly RanJob[];
  /** Keeps the next job from running and gives it to the test. */
  hold(): Promise<WorkflowRun>;
  /** Runs a job that was held. */
  run(run: WorkflowRun): Promise<RanJob>;
  /** Called while a job works, once all that follows from its claim was shown. */
  onWorking: (() => void) | undefined;
  detail(number: number): Promise<PullRequestDetail | undefined>;
  /** The pull request once nothing more happens by itself and `is` holds. */
  until(
    number: number,
    what: string,
    is?: (detail: PullRequestDetail) => boolean,
  ): Promise<PullRequestDetail>;
  locks(): Promise<readonly LockView[]>;
  /** Resolves when neither side has said anything for a while and no job runs. */
  quiet(): Promise<void>;
  /** The API calls that `work` causes, until all is quiet again. */
  callsOf(work: () => Promise<unknown>): Promise<Counts>;
  comments(pull: Pull): readonly string[];
  checks(sha: string): Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export const CONFIG = `version: "1"
apply_requirements:
  checks:
    - tag_query: ""
      approved: {enabled: true, any_of_count: 1}
`;

/** As `docs/operating/github.md` says, and no more. */
const PERMISSIONS = {
  actions: "write",
  checks: "write",
  statuses: "read",
  contents: "read",
  issues: "write",
  metadata: "read",
  pull_requests: "write",
} as const;
const EVENTS = [
  "pull_request",
  "issue_comment",
  "pull_request_review",
  "push",
  "workflow_run",
] as const;

export function workflowFile(): string {
  return readFileSync(join(ROOT, "deploy", "github", "terrane.yml"), "utf8");
}

/** An organization with a repository, two people who may write, and the app as documented. */
export async function makeWorld(
  stateDir: string,
  files: Files = {},
): Promise<{ readonly double: GitHubDouble; readonly repo: Repository }> {
  const double = await startGitHubDouble();
  const { account } = double.organization("acme", { ann: "member", bob: "member" });
  double.install(account, { permissions: PERMISSIONS, events: EVENTS });
  const repo = await createRepository(double, account, "infra", {
    collaborators: { ann: "write", bob: "write" },
    files: present({
      ".github/workflows/terrane.yml": workflowFile(),
      ".terrane/config.yml": CONFIG,
      "net/main.tf": rootModule(stateDir, "net", "one"),
      "dns/main.tf": rootModule(stateDir, "dns", "one"),
      ...files,
    }),
  });
  return { double, repo };
}

function present(files: Files): Readonly<Record<string, string>> {
  const there = Object.entries(files).filter(([, text]) => text !== undefined);
  return Object.fromEntries(there) as Readonly<Record<string, string>>;
}

/** `undefined` takes one away. */
type Files = Readonly<Record<string, string | undefined>>;

function environmentOf({ app, apiUrl, issuer }: GitHubDouble): Readonly<Record<string, string>> {
  return {
    TERRANE_ACTOR: "ann",
    GITHUB_APP_ID: String(app.id),
    GITHUB_PRIVATE_KEY: app.privateKey.replaceAll("\n", "\\n"),
    GITHUB_WEBHOOK_SECRET: SECRET,
    GITHUB_API_URL: apiUrl,
    GITHUB_OIDC_ISSUER: issuer,
    // A test waits for each of them.
    TERRANE_PROGRESS_SECONDS: "1",
  };
}

/** `files` are added to those of the default branch, or take their place. */
export async function githubLab(
  files: Files = {},
  env: Readonly<Record<string, string>> = {},
): Promise<GithubLab> {
  const scratch = scratchDir();
  const database = await createTestDatabase();
  const stateDir = join(scratch.path, "state");
  const { double, repo } = await makeWorld(stateDir, files);
  const environment = { ...environmentOf(double), ...env };
  const dataDir = join(scratch.path, "data");
  const server = await startServerProcess(
    await serverProgram(),
    dataDir,
    database.url,
    environment,
  );
  const webhookUrl = `${server.url}/api/v1/webhooks/github`;
  double.sendWebhooksTo(webhookUrl, SECRET);

  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const jobs: RanJob[] = [];
  const running = new Set<Promise<unknown>>();
  const holders: ((run: WorkflowRun) => void)[] = [];
  const machine = {
    double,
    dir: scratch.path,
    variables: { TERRANE_URL: server.url },
    beforeTerraform: async () => {
      await still(double, client);
      lab.onWorking?.();
    },
    afterScript: () => still(double, client),
  };
  double.world.onRun = (run) => {
    const holder = holders.shift();
    if (holder === undefined) void start(run);
    else holder(run);
  };

  function start(run: WorkflowRun): Promise<RanJob> {
    const job = startWhenQuiet(run);
    running.add(job);
    return job.finally(() => running.delete(job));
  }

  /** After what the dispatch caused, so that the number of calls is the same each time. */
  async function startWhenQuiet(run: WorkflowRun): Promise<RanJob> {
    await still(double, client);
    const ran = await runJob(machine, run);
    jobs.push(ran);
    return ran;
  }

  async function detail(number: number): Promise<PullRequestDetail | undefined> {
    const repositories = await server.api("repositories", {});
    if (repositories.kind !== "ok") return undefined;
    const repository =
      repositories.value.find((one) => one.fullName === "acme/infra")?.id ?? "none";
    const got = await server.api("pullRequest", { repository, number });
    return got.kind === "ok" ? got.value : undefined;
  }

  const lab: GithubLab = {
    double,
    server,
    databaseUrl: database.url,
    repo,
    people: { ann: double.user("ann"), bob: double.user("bob"), mallory: double.user("mallory") },
    secret: SECRET,
    webhookUrl,
    stateDir,
    jobs,
    hold: () => new Promise((resolve) => holders.push(resolve)),
    run: start,
    onWorking: undefined,
    detail,
    async until(number, what, is = () => true) {
      const deadline = performance.now() + PATIENCE_MS;
      for (let last: PullRequestDetail | undefined; ; await sleep(200)) {
        last = await detail(number);
        if (last?.settled === true && is(last)) return last;
        if (performance.now() < deadline) continue;
        const { notice, settled, runs, dirspaces } = last ?? {};
        const told = JSON.stringify({ notice, settled, runs, dirspaces }, undefined, 1);
        const logs = jobs.map((job) => job.log).join("\n---\n");
        throw new Error(`not in time: ${what}\n${told}\n${logs}\n${server.log().slice(-8_000)}`);
      }
    },
    async locks() {
      const got = await server.api("locks", {});
      if (got.kind !== "ok") throw new Error(JSON.stringify(got));
      return got.value;
    },
    async quiet() {
      do {
        await Promise.all(running);
        await still(double, client);
      } while (running.size > 0);
    },
    async callsOf(work) {
      await lab.quiet();
      const before = double.calls();
      await work();
      await lab.quiet();
      return difference(double.calls(), before);
    },
    comments: (pull) => botComments(double, pull).map((one) => one.body),
    checks: (sha) =>
      Object.fromEntries(
        checksAt(repo, sha).map((one) => [one.name, one.conclusion ?? one.status]),
      ),
    async close() {
      await Promise.allSettled(running);
      await server.end("SIGTERM");
      await double.close();
      await client.end();
      await database.drop();
      scratch.remove();
    },
  };
  return lab;
}

/** Neither side has said anything for a while, and the server has nothing to do. */
async function still(double: GitHubDouble, client: pg.Client): Promise<void> {
  const started = performance.now();
  let before = "";
  for (let since = started; performance.now() - since < QUIET_MS; await sleep(50)) {
    await double.settled();
    const now = JSON.stringify([double.calls(), double.events()]);
    const isPatient = performance.now() - started < BUSY_MS_MAX;
    if (now !== before || (isPatient && (await hasWork(client)))) since = performance.now();
    before = now;
  }
}

/** Something is to be decided or done in a moment: a machine that is busy elsewhere comes to it late. */
async function hasWork(client: pg.Client): Promise<boolean> {
  const soon = "now() + interval '2 seconds'";
  const { rowCount } = await client.query(`
    select from event where state = 'pending' and (not_before is null or not_before <= ${soon})
    union all
    select from outbox where done < wanted and not dead and not rests and not_before <= ${soon}
    limit 1
  `);
  return rowCount !== 0;
}

export function rootModule(stateDir: string, name: string, input: string): string {
  return `terraform {
  backend "local" { path = ${JSON.stringify(join(stateDir, `${name}.tfstate`))} }
}
resource "terraform_data" "this" { input = ${JSON.stringify(input)} }
`;
}

function difference(now: Counts, before: Counts): Counts {
  const entries = Object.entries(now).map(([name, n]) => [name, n - (before[name] ?? 0)] as const);
  return Object.fromEntries(entries.filter(([, n]) => n !== 0));
}
