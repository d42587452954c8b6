import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import { createClient } from "../../src/vcs/gitlab/client.ts";
import { finishJob, isOver, newJob, retryJob, startJob } from "../support/gitlab-double/world.ts";
import { describeCi } from "./ci.ts";
import { type GitlabCiHarness, gitlabCiHarness } from "./gitlab-ci-harness.ts";

describeCi("gitlab-ci", gitlabCiHarness, { skip: [] });

let harness: GitlabCiHarness;

beforeAll(async () => {
  harness = await gitlabCiHarness();
});

afterAll(async () => {
  await harness.close();
});

const PIPELINE = /\/pipeline$/;

function message(of: object): string {
  return "message" in of ? String(of.message) : "";
}

/** Runs with another text of one file on the default branch. */
async function withFile<T>(
  path: string,
  text: string | undefined,
  run: () => Promise<T>,
): Promise<T> {
  const { files } = present(harness.project.branches.get("main"), "no branch");
  const before = present(files.get(path), path);
  if (text === undefined) files.delete(path);
  else files.set(path, text);
  try {
    return await run();
  } finally {
    files.set(path, before);
  }
}

test("P6 a job is told its attempt and nothing secret, on the default branch, as inputs", async () => {
  const job = { ...harness.newJob(), environment: "prod", runsOn: '["self-hosted","big"]' };
  const started = await harness.ci.start(job);
  const [pipeline] = harness.pipelinesOf(job);
  expect(started).toMatchObject({
    kind: "started",
    ciRun: String(pipeline?.id),
    url: expect.stringContaining("/-/pipelines/"),
  });
  expect(pipeline).toMatchObject({
    ref: "main",
    source: "api",
    variables: [],
    name: `Terrane plan #1.1 (${job.attempt})`,
    inputs: {
      attempt: job.attempt,
      server_url: job.serverUrl,
      title: "Terrane plan #1.1",
      environment: "prod",
      runs_on: ["self-hosted", "big"],
    },
  });
});

test("the CI file that is shipped makes one job, with the environment and the tags it was given", async () => {
  const plain = harness.newJob();
  await harness.ci.start(plain);
  const jobs = harness.pipelinesOf(plain)[0]?.jobs ?? [];
  expect(jobs.map(({ name }) => name)).toEqual(["terrane"]);
  expect(jobs[0]?.definition).toMatchObject({
    tags: [],
    id_tokens: { TERRANE_ID_TOKEN: { aud: `\${TERRANE_URL}/attempts/${plain.attempt}` } },
    variables: { TERRANE_ATTEMPT: plain.attempt, TERRANE_SERVER_URL: "$TERRANE_URL" },
  });
  expect(jobs[0]?.definition["environment"]).toBeUndefined();
  const guarded = { ...harness.newJob(), environment: "prod", runsOn: '"big"' };
  await harness.ci.start(guarded);
  const inside = harness.pipelinesOf(guarded)[0]?.jobs ?? [];
  expect(inside.map(({ name }) => name)).toEqual(["terrane:environment"]);
  expect(inside[0]?.definition).toMatchObject({ environment: { name: "prod" }, tags: ["big"] });
});

test.each([
  ['{"group":"big"}', "neither a tag nor a list of tags"],
  ["not JSON", "neither a tag nor a list of tags"],
])("machines that cannot be asked for are refused, not left out: %s", async (runsOn, because) => {
  const refused = await harness.ci.start({ ...harness.newJob(), runsOn });
  expect(refused).toMatchObject({ kind: "rejected" });
  expect(message(refused)).toContain(because);
});

test("an environment with the word for none is refused, for its job would have other secrets", async () => {
  const refused = await harness.ci.start({ ...harness.newJob(), environment: "none" });
  expect(refused).toMatchObject({ kind: "rejected" });
});

test("P6 a one-time code travels in a file of the one pipeline, and not as an input or in its name", async () => {
  const { project, ci } = harness;
  const job = { ...harness.newJob(), code: "terrane_code_secret" };
  const refused = await ci.start(job);
  expect(refused).toMatchObject({ kind: "rejected" });
  expect(message(refused)).toContain("Allow the token's role to set pipeline variables");
  project.mayNotSetVariables = false;
  const started = await ci.start(job);
  const [pipeline] = harness.pipelinesOf(job);
  project.mayNotSetVariables = true;
  expect(pipeline?.variables).toEqual([
    { key: "TERRANE_CODE_FILE", value: "terrane_code_secret", variable_type: "file" },
  ]);
  const elsewhere = [
    started,
    pipeline?.inputs,
    pipeline?.name,
    pipeline?.jobs.map((j) => j.definition),
  ];
  expect(JSON.stringify(elsewhere)).not.toContain("secret");
});

test("the CI file for older instances is told everything by variables, and is found by its name", async () => {
  const older = await gitlabCiHarness({ parameters: "variables" });
  older.project.mayNotSetVariables = false;
  const { files } = present(older.project.branches.get("main"), "no branch");
  files.set(".gitlab-ci.yml", readFileSync("deploy/gitlab/one-time-code.yml", "utf8"));
  const names = async (job: ReturnType<GitlabCiHarness["newJob"]>) => {
    expect(await older.ci.start(job)).toMatchObject({ kind: "started" });
    expect((await older.ci.status(job.repository, job.attempt, undefined)).kind).toBe("running");
    return older.pipelinesOf(job).flatMap(({ jobs }) => jobs.map(({ name }) => name));
  };
  expect(await names(older.newJob())).toEqual(["terrane"]);
  const guarded = { ...older.newJob(), environment: "prod" };
  expect(await names(guarded)).toEqual(["terrane:environment"]);
  const tagged = await older.ci.start({ ...older.newJob(), runsOn: '"big"' });
  expect(tagged).toMatchObject({ kind: "rejected" });
  await older.close();
});

test("S25 a pipeline whose answer was lost is found again instead of started again", async () => {
  const job = harness.newJob();
  harness.double.loseAnswer("POST", PIPELINE);
  expect(await harness.ci.start(job)).toMatchObject({ kind: "unavailable" });
  const [pipeline] = harness.pipelinesOf(job);
  expect(await harness.ci.start(job)).toMatchObject({
    kind: "started",
    ciRun: String(pipeline?.id),
  });
  expect(await harness.starts(job)).toBe(1);
});

test("S26 whoever copies the name of a pipeline is not taken for it", async () => {
  const job = harness.newJob();
  await harness.ci.start(job);
  const [ours] = harness.pipelinesOf(job);
  const copied = present(ours, "no pipeline");
  const id = harness.double.world.nextId++;
  harness.project.pipelines.set(id, { ...copied, id, inputs: {}, jobs: [] });
  expect(await harness.ci.start(job)).toMatchObject({ kind: "started", ciRun: String(copied.id) });
});

test("S3 while GitLab cannot be asked nothing is said of a job, and one of a GitLab that names no pipelines is unknown", async () => {
  const job = harness.newJob();
  await harness.ci.start(job);
  const { id } = present(harness.pipelinesOf(job)[0], "no pipeline");
  const asked = (ciRun: string | undefined) =>
    harness.ci.status(job.repository, job.attempt, ciRun);
  harness.double.answer("GET", /\/jobs$/, { status: 502, body: "<html>Bad gateway</html>" });
  expect((await asked(String(id))).kind).toBe("unavailable");
  expect((await asked(String(id))).kind).toBe("running");
  expect((await asked(undefined)).kind).toBe("running");
  harness.double.world.namesPipelines = false;
  expect((await asked(undefined)).kind).toBe("unknown");
  harness.double.world.namesPipelines = true;
  harness.project.pipelines.delete(id);
  expect((await asked(String(id))).kind).toBe("unknown");
});

test("S3 a job of an older runner is not over while it may still be stopping", async () => {
  const job = harness.newJob();
  await harness.ci.start(job);
  const machine = harness.jobOf(job);
  machine.runnerVersion = "16.9.0";
  const ciRun = String(machine.pipeline.id);
  expect(await harness.ci.cancel(job.repository, job.attempt, ciRun)).toBeUndefined();
  expect(machine.status).toBe("canceled");
  const asked = () => harness.ci.status(job.repository, job.attempt, ciRun);
  expect(await asked()).toEqual({ kind: "running" });
  machine.finishedAt = new Date(0);
  expect(await asked()).toEqual({ kind: "ended", conclusion: "cancelled" });
});

test.each([
  [".gitlab-ci.yml", undefined, "terrane setup gitlab"],
  [".gitlab-ci.yml", "test:\n  script: [test]\n", "does not take Terrane's inputs"],
  [".gitlab/terrane.yml", undefined, "does not exist"],
  [".gitlab/terrane.yml", "workflow: {}\n", "inputs not defined"],
])("a project whose %s is not ours (%s) is told what to do", async (path, text, advice) => {
  const refused = await withFile(path, text, () => harness.ci.start(harness.newJob()));
  expect(refused).toMatchObject({ kind: "rejected" });
  expect(message(refused)).toContain(advice);
});

test("jobs that a project adds to every pipeline neither end ours nor claim for it", async () => {
  const root = present(harness.project.branches.get("main")?.files.get(".gitlab-ci.yml"), "file");
  const job = harness.newJob();
  await withFile(".gitlab-ci.yml", `${root}\nlint:\n  script: [lint]\n`, () =>
    harness.ci.start(job),
  );
  const [pipeline] = harness.pipelinesOf(job);
  const { world } = harness.double;
  const lint = present(
    pipeline?.jobs.find(({ name }) => name === "lint"),
    "no lint",
  );
  finishJob(world, lint, "failed", "script_failure");
  const status = await harness.ci.status(job.repository, job.attempt, String(pipeline?.id));
  expect(status).toEqual({ kind: "running" });
  const { audience } = harness.identity;
  const stranger = newJob(world, present(pipeline, "pipeline"), "lint", {});
  pipeline?.jobs.push(stranger);
  startJob(world, stranger);
  const token = await world.oidc.token(world, stranger, audience);
  expect(await harness.ci.identify(token, audience, job)).toEqual({
    kind: "refused",
    because: "its job is called lint, and only terrane and terrane:environment may claim",
  });
});

test("a job that was run again says so, also when nobody claimed for the first", async () => {
  const { double, identity, ci } = harness;
  const job = harness.newJob();
  await ci.start(job);
  const first = harness.jobOf(job);
  finishJob(double.world, first, "failed", "runner_system_failure");
  const again = retryJob(double.world, first);
  const token = await double.world.oidc.token(double.world, again, identity.audience);
  expect(await ci.identify(token, identity.audience, job)).toMatchObject({
    kind: "ok",
    identity: { ciRun: String(first.pipeline.id), ciRunAttempt: 2 },
  });
  const old = await double.world.oidc.token(double.world, first, identity.audience);
  expect(await ci.identify(old, identity.audience, job)).toEqual({
    kind: "refused",
    because: "its job is failed already",
  });
});

test("a job of a fork's merge request is refused, with and without the newer claims", async () => {
  const { double, identity, ci, idle, project } = harness;
  const fork = double.createProject("mallory/infra");
  const pipeline = { ...idle.pipeline, fork, source: "merge_request_event" };
  const token = (claims: Readonly<Record<string, unknown>>) =>
    double.world.oidc.token(double.world, { ...idle, pipeline }, identity.audience, { claims });
  const job = harness.newJob();
  const said = async (claims: Readonly<Record<string, unknown>>) => {
    const who = await ci.identify(await token(claims), identity.audience, job);
    return who.kind === "refused" ? who.because : who.kind;
  };
  expect(await said({})).toBe(`its pipeline runs code of the fork ${fork.id}`);
  expect(await said({ job_project_id: undefined })).toContain("its project could be a fork");
  // Whoever wants to be taken for the project itself has to lie about the fork, and cannot sign that.
  expect(await said({ project_id: String(project.id) })).toContain("merge_request_event");
});

test("S3 while GitLab cannot say which jobs there are nobody is refused or let in", async () => {
  const { double, identity, ci } = harness;
  const job = harness.newJob();
  await ci.start(job);
  double.answer("GET", /\/jobs$/, { status: 503 });
  const token = await identity.token(job);
  expect((await ci.identify(token, identity.audience, job)).kind).toBe("unavailable");
  expect((await ci.identify(token, identity.audience, job)).kind).toBe("ok");
});

test("an instance that signs under an address of its own is believed where it is set, and else not", async () => {
  const issuer = "https://identity.example.test";
  const own = await gitlabCiHarness({ issuer });
  own.double.world.oidc.issuer = issuer;
  const job = own.newJob();
  const token = await own.identity.token(job);
  expect((await own.ci.identify(token, own.identity.audience, job)).kind).toBe("ok");
  await own.close();
  const stranger = await harness.identity.token(harness.newJob(), { claims: { iss: issuer } });
  const who = await harness.ci.identify(stranger, harness.identity.audience, harness.newJob());
  expect(who).toEqual({ kind: "refused", because: "its claim iss is not what it must be" });
});

test("keys that are rotated are found", async () => {
  const { double, identity, ci } = harness;
  const job = harness.newJob();
  expect((await ci.identify(await identity.token(job), identity.audience, job)).kind).toBe("ok");
  double.world.oidc.rotate();
  identity.advance(61_000);
  expect((await ci.identify(await identity.token(job), identity.audience, job)).kind).toBe("ok");
});

test("a pipeline that cannot be cancelled says why, and an ended one is as good as cancelled", async () => {
  const job = harness.newJob();
  await harness.ci.start(job);
  const machine = harness.jobOf(job);
  const ciRun = String(machine.pipeline.id);
  harness.double.answer("POST", /\/cancel$/, { status: 403, body: '{"message":"403 Forbidden"}' });
  const cancel = () => harness.ci.cancel(job.repository, job.attempt, ciRun);
  expect(await cancel()).toMatchObject({ kind: "forbidden" });
  finishJob(harness.double.world, machine, "success");
  expect(isOver(machine)).toBe(true);
  expect(await cancel()).toBeUndefined();
});

test.each([
  [401, {}, "forbidden", undefined],
  [403, {}, "forbidden", undefined],
  [404, {}, "not_found", undefined],
  [408, {}, "unavailable", undefined],
  [409, {}, "rejected", undefined],
  [429, { "retry-after": "7" }, "unavailable", 7_000],
  [429, {}, "unavailable", 60_000],
  [429, { "retry-after": "999999" }, "unavailable", 3_600_000],
  [500, {}, "unavailable", undefined],
])("an answer %d with %o is %s", async (status, headers, kind, retryAfterMs) => {
  harness.double.answer("GET", /\/pipelines$/, {
    status,
    headers,
    body: '{"message":{"base":["because",["of",{"this":"reason"}]]}}',
  });
  const api = createClient({
    url: harness.double.url,
    token: harness.double.token("maintainer"),
    userAgent: "test",
    now: Date.now,
  });
  const path = `/projects/${harness.project.id}/pipelines`;
  const answer = await api.send({ installation: "acme" }, { method: "GET", path });
  expect(answer).toMatchObject({ kind, message: expect.stringContaining("because; of; reason") });
  if (answer.kind === "unavailable") expect(answer.retryAfterMs).toBe(retryAfterMs);
  expect(JSON.stringify(answer)).not.toContain("glpat-");
});

test("a page of a proxy, a token that is unknown and an address where nobody listens are told apart", async () => {
  const { url } = harness.double;
  const send = (at: string, token: string) =>
    createClient({ url: at, token, userAgent: "test", now: Date.now }).send(
      { installation: "acme" },
      { method: "GET", path: `/projects/${harness.project.id}/pipelines` },
    );
  expect(await send(url, "wrong")).toMatchObject({ kind: "forbidden" });
  expect(await send("http://127.0.0.1:9", "any")).toMatchObject({ kind: "unavailable" });
  harness.double.answer("GET", /\/pipelines$/, { status: 200, body: "<html>" });
  expect(await send(url, harness.double.token("developer"))).toMatchObject({ kind: "unavailable" });
});
