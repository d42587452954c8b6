import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import pg from "pg";
import type { PullRequestDetail } from "../../src/contract/views.ts";
import { serverProgram } from "./built.ts";
import { createTestDatabase } from "./database.ts";
import { pullRequestOnce } from "./pull-request-once.ts";
import { scratchDir, startServerProcess } from "./server-process.ts";

/** A server as people start it, a repository on it, and the clone of somebody who works there. */
export interface RepositoryScene {
  /** The folder of the clone. */
  readonly clone: string;
  git(...args: readonly string[]): void;
  write(path: string, text: string): void;
  /** All that is there. */
  commit(message: string): void;
  /** A pull request from `main` as it is in the clone, and its number. */
  open(branch: string, change: () => void): Promise<number>;
  until(number: number, is: (now: PullRequestDetail) => boolean): Promise<PullRequestDetail>;
  /** The CI jobs of a pull request, and how the run of each ended. */
  jobsOf(number: number): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}

/** `begin` says what the repository holds first. */
export async function repositoryScene(
  begin: (scene: Pick<RepositoryScene, "clone" | "write">) => void,
): Promise<RepositoryScene> {
  const scratch = scratchDir();
  const database = await createTestDatabase();
  const env = { XDG_CACHE_HOME: join(scratch.path, "cache") };
  const dataDir = join(scratch.path, "data");
  const server = await startServerProcess(await serverProgram(), dataDir, database.url, env);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const made = await server.api("createRepository", {}, { name: "infra" });
  if (made.kind !== "ok") throw new Error(JSON.stringify(made));
  const { id: repository, cloneUrl } = made.value;
  const { clone, git, write, commit } = workIn(join(scratch.path, "clone"));
  begin({ clone, write });
  git("init", "-q", "-b", "main");
  git("remote", "add", "origin", cloneUrl ?? "");
  commit("Begin");
  git("push", "-q", "origin", "main");
  return {
    clone,
    git,
    write,
    commit,
    async open(branch, change) {
      git("checkout", "-q", "-B", branch, "main");
      change();
      commit(branch);
      git("push", "-q", "origin", branch);
      const wanted = { title: branch, head: branch, base: "main" };
      const opened = await server.api("openPullRequest", { repository }, wanted);
      if (opened.kind !== "ok") throw new Error(JSON.stringify(opened));
      return opened.value.number;
    },
    until: (number, is) => pullRequestOnce(server, { repository, number }, is),
    async jobsOf(number) {
      const { rows } = await client.query<Record<string, unknown>>(
        `select run.number, run.kind, run.outcome, run.parallel, run.message, attempt.failure
         from attempt join run on run.id = attempt.run_id
         join pull_request on pull_request.id = run.pull_request_id
         where pull_request.number = $1 order by run.number`,
        [number],
      );
      return rows;
    },
    async close() {
      await client.end();
      await server.end("SIGKILL");
      await database.drop();
      scratch.remove();
    },
  };
}

function workIn(clone: string): Pick<RepositoryScene, "clone" | "git" | "write" | "commit"> {
  const git = (...args: readonly string[]) => {
    const identity = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"];
    execFileSync("git", [...identity, ...args], { cwd: clone, stdio: "pipe" });
  };
  return {
    clone,
    git,
    write(path, text) {
      const full = join(clone, path);
      mkdirSync(dirname(full), { recursive: true });
      // Scripts are run as they are.
      writeFileSync(full, text, { mode: text.startsWith("#!") ? 0o755 : 0o644 });
    },
    commit(message) {
      git("add", "--all");
      git("commit", "-qm", message);
    },
  };
}
