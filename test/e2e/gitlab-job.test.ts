import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HttpBindings, type ServerType, serve } from "@hono/node-server";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import type { Instant } from "../../src/base/brand.ts";
import { createGitlabPipelines } from "../../src/ci/gitlab-pipelines.ts";
import type { Ci } from "../../src/ports/ci.ts";
import type { RepositoryRef } from "../../src/ports/vcs.ts";
import { createClient } from "../../src/vcs/gitlab/client.ts";
import { runnerProgram } from "../support/built.ts";
import { type GitLabDouble, startGitLabDouble } from "../support/gitlab-double/index.ts";
import { type Job, type Project, retryJob } from "../support/gitlab-double/world.ts";
import { runGitlabJob } from "../support/gitlab-job.ts";
import { type HttpLab, httpLab } from "../support/http-lab.ts";

/**
 * The CI file that is shipped, as processes of the runner that is shipped, against the real door and database. Only the
 * forge is a fake, so there is no code to fetch, and that is where jobs end; `gitlab.test.ts` goes the whole way.
 */
const NO_CODE = "The commits of this run could not be fetched";

const folder = mkdtempSync(join(tmpdir(), "terrane-gitlab-"));
let http: HttpLab;
let server: ServerType;
let double: GitLabDouble;
let project: Project;
let number = 0;
/** Jobs that wait for a machine. */
let waiting: Job[] = [];

beforeAll(async () => {
  let host = "";
  http = await httpLab({ host: () => host, runnerPath: await runnerProgram() });
  const port = await new Promise<number>((resolve) => {
    const answer = (request: Request, env: unknown) => http.app.fetch(request, env as HttpBindings);
    server = serve({ fetch: answer, hostname: "127.0.0.1", port: 0 }, (info) => resolve(info.port));
  });
  host = `127.0.0.1:${port}`;
  double = await startGitLabDouble(() => new Date());
  double.world.onJob = (job) => waiting.push(job);
  project = double.createProject("acme/platform/infra");
  const ci = createGitlabPipelines({
    api: createClient({
      url: double.url,
      token: double.token("maintainer"),
      userAgent: "test",
      now: Date.now,
    }),
    url: double.url,
    now: () => Date.now() as Instant,
  });
  Object.assign(http.lab.ports, {
    ci: new Map([["fake", underItsId(ci)]]),
    serverUrl: () => `http://${host}`,
  });
  project.variables.set("TERRANE_URL", `http://${host}`);
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await double.close();
  await http.close();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  waiting = [];
});

/** The fake forge calls its one repository otherwise than the double calls its project. */
function underItsId(ci: Ci): Ci {
  const known = (ref: RepositoryRef) => ({ ...ref, id: String(project.id) });
  return {
    ...ci,
    start: (job) => ci.start({ ...job, repository: known(job.repository) }),
    cancel: (ref, attempt, run) => ci.cancel(known(ref), attempt, run),
    status: (ref, attempt, run) => ci.status(known(ref), attempt, run),
    identify: async (token, audience, expected) => {
      const repository = known(expected.repository);
      const who = await ci.identify(token, audience, { ...expected, repository });
      if (who.kind !== "ok") return who;
      return { kind: "ok", identity: { ...who.identity, repositoryId: expected.repository.id } };
    },
  };
}

/** The job of a pull request that was just opened. */
async function opened(): Promise<Job> {
  number += 1;
  const file = `app-${number}/main.tf`;
  http.lab.vcs.files = [...http.lab.vcs.files, file];
  await http.lab.open(number, [file]);
  return present(waiting.shift(), "no job was started");
}

const run = (job: Job) => runGitlabJob(double, job, folder);

test("T6 a job claims with the token that its CI file asks for, and its re-run is told that it cannot", async () => {
  const job = await opened();
  const ran = await run(job);
  expect(ran.log).toContain(NO_CODE);
  expect(ran.log).not.toContain("could not be claimed");
  expect(ran.code).toBe(1);
  retryJob(double.world, job);
  const again = await run(present(waiting.shift(), "nothing was run again"));
  expect(again.log).toContain("A re-run of a CI job cannot continue an old run");
  expect(again.code).toBe(1);
});

test("S26 a pipeline that somebody else starts with the id of the attempt gets nothing, and ours does", async () => {
  const ours = await opened();
  const started = await fetch(`${double.url}/api/v4/projects/${project.id}/pipeline`, {
    method: "POST",
    headers: {
      "private-token": double.token("maintainer"),
      "content-type": "application/json",
    },
    body: JSON.stringify({ ref: "main", inputs: ours.pipeline.inputs }),
  });
  expect(started.status).toBe(201);
  const theirs = await run(present(waiting.shift(), "no second pipeline"));
  expect(theirs.log).toContain(`This attempt belongs to the CI run ${ours.pipeline.id}`);
  expect((await run(ours)).log).toContain(NO_CODE);
});

test("T4 a job whose branch lost its protection is refused in words that say what to do", async () => {
  const job = await opened();
  project.protectedBranches.clear();
  const ran = await run(job);
  project.protectedBranches.add("main");
  expect(ran.log).toContain("protect it in the project's settings");
});

test("a project without the address of the server is told which variable to set", async () => {
  const job = await opened();
  const url = present(project.variables.get("TERRANE_URL"), "no address");
  project.variables.delete("TERRANE_URL");
  const ran = await run(job);
  project.variables.set("TERRANE_URL", url);
  expect(ran).toMatchObject({ code: 2, log: expect.stringContaining("TERRANE_URL is not set") });
});

test("P6 with a one-time code the job needs no identity token, and its log shows neither", async () => {
  Object.assign(http.lab.ports.limits, { codeMs: 60_000 });
  project.mayNotSetVariables = false;
  const job = await opened();
  const { id_tokens: tokens, ...definition } = job.definition;
  expect(tokens).toBeDefined();
  const [variable] = job.pipeline.variables;
  const ran = await run({ ...job, definition });
  Object.assign(http.lab.ports.limits, { codeMs: undefined });
  project.mayNotSetVariables = true;
  expect(ran.log).toContain(NO_CODE);
  expect(ran.log).not.toContain(present(variable, "no code").value);
});
