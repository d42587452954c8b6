import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { PullRequestDetail } from "../../src/contract/views.ts";
import { serverProgram } from "./built.ts";
import { createTestDatabase } from "./database.ts";
import { CONFIG, rootModule } from "./github-lab.ts";
import type { User } from "./gitlab-double/forge.ts";
import { type GitLabDouble, shippedFiles, startGitLabDouble } from "./gitlab-double/index.ts";
import * as scene from "./gitlab-double/scene.ts";
import { newUser } from "./gitlab-double/users.ts";
import type { Project } from "./gitlab-double/world.ts";
import { type RanJob, runGitlabJob } from "./gitlab-job.ts";
import { type ServerProcess, scratchDir, startServerProcess } from "./server-process.ts";

const SIGNING = `whsec_${Buffer.from("the signing token of the webhook").toString("base64")}`;
const PATIENCE_MS = 90_000;

/** The server as it is shipped, on a GitLab of its own, with jobs that really run. */
export interface GitlabLab {
  readonly double: GitLabDouble;
  readonly server: ServerProcess;
  readonly project: Project;
  readonly people: Readonly<Record<"ann" | "bob", User>>;
  readonly stateDir: string;
  /** Jobs that came to their end, oldest first. */
  readonly jobs: readonly RanJob[];
  /** The merge request as it is now, once the server knows it. */
  detail(number: number): Promise<PullRequestDetail | undefined>;
  /** The merge request once nothing more happens by itself and `is` holds. */
  until(
    number: number,
    what: string,
    is: (detail: PullRequestDetail) => boolean,
  ): Promise<PullRequestDetail>;
  close(): Promise<void>;
}

/** `files`: beside or in the place of those of the default branch; undefined takes one away. */
export async function gitlabLab(
  files: Readonly<Record<string, string | undefined>> = {},
  env: Readonly<Record<string, string>> = {},
  tokenEnds?: string,
): Promise<GitlabLab> {
  const scratch = scratchDir();
  const database = await createTestDatabase();
  const stateDir = join(scratch.path, "state");
  const double = await startGitLabDouble(() => new Date());
  const { world } = double;
  const people = { ann: newUser(world, "ann"), bob: newUser(world, "bob") };
  const project = double.createProject("acme/platform/infra");
  for (const { id } of Object.values(people)) project.forge.members.set(id, { level: 30 });
  const all: Readonly<Record<string, string | undefined>> = {
    ...Object.fromEntries(shippedFiles()),
    ".terrane/config.yml": CONFIG,
    "net/main.tf": rootModule(stateDir, "net", "one"),
    ...files,
  };
  const there = Object.entries(all).flatMap(([path, text]) =>
    text === undefined ? [] : [[path, text] as const],
  );
  await scene.addCode(world, project, people.bob, Object.fromEntries(there));
  const token = double.token("maintainer");
  const caller = world.tokens.get(token);
  if (caller !== undefined && tokenEnds !== undefined) caller.expiresAt = tokenEnds;
  const server = await startServerProcess(
    await serverProgram(),
    join(scratch.path, "data"),
    database.url,
    {
      TERRANE_ACTOR: "ann",
      TERRANE_PROGRESS_SECONDS: "1",
      GITLAB_URL: double.url,
      GITLAB_TOKEN: token,
      GITLAB_WEBHOOK_SIGNING_TOKEN: SIGNING,
      ...env,
    },
  );
  project.variables.set("TERRANE_URL", server.url);
  const url = `${server.url}/api/v1/webhooks/gitlab`;
  scene.addHook(world, project, { url, signingToken: SIGNING });
  const jobs: RanJob[] = [];
  const running = new Set<Promise<unknown>>();
  world.onJob = (job) => {
    const ran = runGitlabJob(double, job, scratch.path).then((one) => jobs.push(one));
    running.add(ran);
    void ran.finally(() => running.delete(ran));
  };

  async function detail(number: number): Promise<PullRequestDetail | undefined> {
    const repositories = await server.api("repositories", {});
    if (repositories.kind !== "ok") return undefined;
    const found = repositories.value.find((one) => one.fullName === project.path);
    const got = await server.api("pullRequest", { repository: found?.id ?? "none", number });
    return got.kind === "ok" ? got.value : undefined;
  }

  return {
    double,
    server,
    project,
    people,
    stateDir,
    jobs,
    detail,
    async until(number, what, is) {
      const deadline = performance.now() + PATIENCE_MS;
      for (let last: PullRequestDetail | undefined; ; await sleep(200)) {
        last = await detail(number);
        if (last?.settled === true && is(last)) return last;
        if (performance.now() < deadline) continue;
        const logs = jobs.map((job) => job.log).join("\n---\n");
        const told = JSON.stringify(last, undefined, 1);
        throw new Error(`not in time: ${what}\n${told}\n${logs}\n${server.log().slice(-8_000)}`);
      }
    },
    async close() {
      await Promise.allSettled(running);
      await server.end("SIGTERM");
      await double.close();
      await database.drop();
      scratch.remove();
    },
  };
}
