import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeAll, beforeEach, test } from "vitest";
import type * as z from "zod/mini";
import type { WorkStep } from "../../src/contract/step.ts";
import type { UnitResult, WorkItem, WorkUnit } from "../../src/contract/work.ts";
import { runnerProgram } from "./built.ts";
import { ATTEMPT, ID_TOKEN, type RunnerServer, startRunnerServer } from "./runner-server.ts";

export type Files = Readonly<Record<string, string | null>>;

function hasTerraform(): boolean {
  try {
    execFileSync("terraform", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A test that needs terraform: left out, with a message, on machines without it. */
export function terraform(name: string, body: () => Promise<void>): void {
  test(name, { skip: !HAS_TERRAFORM }, body);
}

const HAS_TERRAFORM = hasTerraform();
if (!HAS_TERRAFORM) process.stderr.write("Tests are left out: terraform is not on PATH.\n");

/** A bare repository on disk with a `main` branch and pull requests made by tests. */
export class Repository {
  readonly bare: string;
  readonly #work: string;

  constructor(folder: string, files: Files) {
    this.bare = join(folder, "origin.git");
    this.#work = join(folder, "author");
    git(folder, "init", "-q", "--bare", "-b", "main", this.bare);
    git(folder, "init", "-q", "-b", "main", this.#work);
    git(this.#work, "remote", "add", "origin", this.bare);
    this.commit("main", files);
  }

  /** Commits on a branch, made from `main` if new; null deletes. */
  commit(branch: string, files: Files): string {
    const known = git(this.#work, "branch", "--list", branch).trim() !== "";
    if (known) git(this.#work, "checkout", "-q", branch);
    else if (branch !== "main") git(this.#work, "checkout", "-q", "-b", branch, "main");
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.#work, name);
      mkdirSync(dirname(path), { recursive: true });
      if (text === null) rmSync(path);
      else writeFileSync(path, text, { mode: text.startsWith("#!") ? 0o755 : 0o644 });
    }
    git(this.#work, "add", "-A");
    git(this.#work, "commit", "-q", "--allow-empty", "-m", `${branch}: change`);
    git(this.#work, "push", "-q", "origin", branch);
    return git(this.#work, "rev-parse", "HEAD").trim();
  }
}

export function git(cwd: string, ...args: string[]): string {
  const identity = ["-c", "user.name=Author", "-c", "user.email=author@example.com"];
  return execFileSync("git", [...identity, ...args], { cwd, encoding: "utf8" });
}

export const PLAN_STEPS: WorkStep[] = [
  { type: "init", extraArgs: [], env: {} },
  { type: "plan", extraArgs: [], env: {}, mode: "strict" },
];
export const APPLY_STEPS: WorkStep[] = [
  { type: "init", extraArgs: [], env: {} },
  { type: "apply", extraArgs: [], env: {}, retry: null },
];

export function run(
  cmd: string[],
  more: Partial<Extract<WorkStep, { type: "run" }>> = {},
): WorkStep {
  return {
    type: "run",
    cmd,
    env: {},
    captureOutput: false,
    ignoreErrors: false,
    runOn: "success",
    visibleOn: "failure",
    format: { type: "code" },
    gates: [],
    ...more,
  };
}

export function unit(dir: string, more: Partial<WorkUnit> = {}): WorkUnit {
  return {
    dir,
    workspace: "default",
    steps: PLAN_STEPS,
    engine: { name: "terraform", version: null, command: null, collectOutputs: true },
    createAndSelectWorkspace: true,
    after: [],
    planDigest: null,
    ...more,
  };
}

export const SEAL_KEY = randomBytes(32).toString("base64");

export function workItem(
  more: Partial<z.input<typeof WorkItem>> & Pick<z.input<typeof WorkItem>, "headSha" | "units">,
  cloneUrl: string | null,
): z.input<typeof WorkItem> {
  return {
    runId: "run-1",
    kind: "plan",
    repository: { fullName: "acme/infra", cloneUrl },
    pullRequest: { number: 7, headRef: "feature", baseRef: "main" },
    baseSha: more.headSha,
    reviewedSha: more.headSha,
    parallel: 3,
    sealKey: SEAL_KEY,
    heartbeatSeconds: 0.2,
    dashboardUrl: null,
    ...more,
  };
}

export interface Ran {
  readonly code: number | null;
  readonly signal: string | null;
  readonly log: string;
}

export interface Job {
  readonly process: ChildProcess;
  readonly ended: Promise<Ran>;
  /** Everything said so far. */
  readonly log: () => string;
}

export class Lab {
  readonly folder: string;
  readonly stateDir: string;
  readonly workDir: string;
  readonly #runner: string;
  readonly #jobs: ChildProcess[] = [];

  constructor(runner: string) {
    this.#runner = runner;
    this.folder = mkdtempSync(join(tmpdir(), "terrane runner "));
    this.stateDir = join(this.folder, "state ${x}");
    this.workDir = join(this.folder, "work");
  }

  start(server: RunnerServer, env: Record<string, string> = {}): Job {
    const child = spawn(process.execPath, [this.#runner], {
      cwd: env["PWD"] ?? this.folder,
      // A group of its own, so that a test can kill the whole job as a CI system does.
      detached: true,
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: this.folder,
        TF_CLI_CONFIG_FILE: join(this.folder, "is-not-there"),
        TERRANE_SERVER_URL: server.url,
        TERRANE_ATTEMPT: ATTEMPT,
        TERRANE_ID_TOKEN: ID_TOKEN,
        TERRANE_WORK_DIR: this.workDir,
        TERRANE_STATE_DIR: this.stateDir,
        TERRANE_STOP_GRACE_SECONDS: "2",
        // Nothing is fetched from the real sites by a test.
        TERRANE_ENGINE_MIRROR: "file:///is-not-there",
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#jobs.push(child);
    let log = "";
    child.stdout.on("data", (data: Buffer) => (log += data.toString("utf8")));
    child.stderr.on("data", (data: Buffer) => (log += data.toString("utf8")));
    const ended = new Promise<Ran>((done) => {
      child.once("close", (code, signal) => done({ code, signal, log }));
    });
    return { process: child, ended, log: () => log };
  }

  close(): void {
    for (const child of this.#jobs) killGroup(child, "SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Signals all processes of a job, tools included. */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // The whole group is gone already.
  }
}

export type Outcome = UnitResult["outcome"];

/** A laboratory and a server for each test of a file, and the bundle for all of them. */
export function useRunner() {
  let program = "";
  let current: { lab: Lab; server: RunnerServer } | undefined;
  const now = () => {
    if (current === undefined) throw new Error("only inside a test");
    return current;
  };
  beforeAll(async () => {
    program = await runnerProgram();
  });
  beforeEach(async () => {
    const server = await startRunnerServer();
    current = { lab: new Lab(program), server };
  });
  afterEach(async () => {
    now().lab.close();
    await now().server.close();
  });
  return {
    get lab() {
      return now().lab;
    },
    get server() {
      return now().server;
    },
    repository: (files: Files) => new Repository(now().lab.folder, files),
    start: (env: Record<string, string> = {}) => now().lab.start(now().server, env),
    /** Offers the work, runs one job to its end. */
    job: async (work: Parameters<typeof workItem>[0], bare: string | null, env = {}) => {
      now().server.offer(workItem(work, bare));
      return await now().lab.start(now().server, env).ended;
    },
    /** The result of a unit, which must have this outcome. */
    result: <O extends Outcome>(key: string, outcome: O) => {
      const result = now().server.results.get(key);
      if (result?.outcome !== outcome) throw new Error(`${key}: ${JSON.stringify(result)}`);
      return result as Extract<UnitResult, { outcome: O }>;
    },
  };
}

export function resource(name: string, input: string): string {
  return `resource "terraform_data" "${name}" {\n  input = ${JSON.stringify(input)}\n}\n`;
}

export async function until(what: string, condition: () => boolean, ms = 20_000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ${ms} ms in vain: ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}
