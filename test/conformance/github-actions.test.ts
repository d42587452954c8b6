import { afterAll, beforeAll, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import { dispatch, findWorkflow } from "../support/github-double/domain/runs.ts";
import * as scene from "../support/github-double/scene.ts";
import { describeCi } from "./ci.ts";
import { type GithubCiHarness, githubCiHarness, PATH, WORKFLOW } from "./github-ci-harness.ts";

describeCi("github-actions", githubCiHarness, { skip: [] });

let harness: GithubCiHarness;

beforeAll(async () => {
  harness = await githubCiHarness();
});

afterAll(async () => {
  await harness.close();
});

/** Replaces the workflow file on the default branch; undefined takes it away. */
async function setWorkflow(text: string | undefined, path = PATH): Promise<void> {
  const { double, repo } = harness;
  const files = { [PATH]: null, [path]: text ?? null };
  await scene.push(double, repo, { branch: repo.defaultBranch, files, by: repo.owner });
}

test("P6 a job is told its attempt and nothing secret, on the default branch", async () => {
  const job = { ...harness.newJob(), environment: "prod", runsOn: '["self-hosted"]' };
  const started = await harness.ci.start(job);
  const run = present(harness.runsOf(job)[0], "no run");
  expect(started).toMatchObject({ kind: "started", ciRun: String(run.id) });
  expect(run.ref).toBe(harness.repo.defaultBranch);
  expect(run.inputs).toEqual({
    attempt: job.attempt,
    server_url: job.serverUrl,
    title: "plan #1",
    environment: "prod",
    runs_on: '["self-hosted"]',
  });
  expect(run.title).toBe(`plan #1 (${job.attempt})`);
});

test("an older server that returns no run details is asked for the run by its name", async () => {
  harness.double.world.returnsRunDetails = false;
  const job = harness.newJob();
  const started = await harness.ci.start(job);
  harness.double.world.returnsRunDetails = true;
  expect(started).toMatchObject({
    kind: "started",
    ciRun: String(present(harness.runsOf(job)[0], "no run").id),
  });
  expect(await harness.starts(job)).toBe(1);
});

test("S25 a dispatch whose answer was lost is found again instead of repeated", async () => {
  const job = harness.newJob();
  harness.double.faults.lostAnswer({ operation: "actions/create-workflow-dispatch" });
  expect(await harness.ci.start(job)).toMatchObject({ kind: "unavailable" });
  const run = present(harness.runsOf(job)[0], "no run");
  expect(await harness.ci.start(job)).toMatchObject({ kind: "started", ciRun: String(run.id) });
  expect(await harness.starts(job)).toBe(1);
});

test("a workflow with no inputs but the attempt is started all the same", async () => {
  await setWorkflow(WORKFLOW.replace(/ +(?:server_url|title|environment|runs_on):.*\n/g, ""));
  const job = harness.newJob();
  expect(await harness.ci.start(job)).toMatchObject({ kind: "started" });
  expect(present(harness.runsOf(job)[0], "no run").inputs).toEqual({ attempt: job.attempt });
  const guarded = await harness.ci.start({ ...harness.newJob(), environment: "prod" });
  // Without the environment its protection would be gone.
  expect(guarded).toMatchObject({ kind: "rejected" });
  await setWorkflow(WORKFLOW);
});

test("a repository without any of the workflows is told which file to add", async () => {
  await setWorkflow(undefined);
  const refused = await harness.ci.start(harness.newJob());
  expect(refused).toMatchObject({ kind: "rejected" });
  expect("message" in refused ? refused.message : "").toContain("terrane.yml");
  await setWorkflow(WORKFLOW, ".github/workflows/terrateam.yml");
  expect(await harness.ci.start(harness.newJob())).toMatchObject({ kind: "started" });
  await setWorkflow(WORKFLOW);
});

test("an older workflow file is told which input it lacks, and how to bring it up to date", async () => {
  await setWorkflow(WORKFLOW.replace(/ +environment:.*\n/, ""));
  const refused = await harness.ci.start({ ...harness.newJob(), environment: "prod" });
  expect(refused).toMatchObject({ kind: "rejected" });
  const message = "message" in refused ? refused.message : "";
  expect(message).toContain("does not know the input environment");
  expect(message).toContain("terrane setup github --force");
  await setWorkflow(WORKFLOW);
});

test.each([
  [422, "Actions has been disabled for this repository.", "rejected", "Switch it on"],
  [403, "Repository was archived so is read-only.", "forbidden", "Take it out of the archive"],
  [403, "Resource not accessible by integration", "forbidden", "Actions: write"],
] as const)(
  "a start that GitHub refuses with %i, %j, says what to do",
  async (status, said, kind, advice) => {
    harness.double.faults.refusesDispatch(status, said);
    const refused = await harness.ci.start(harness.newJob());
    harness.double.faults.clear();
    expect(refused).toMatchObject({ kind });
    expect("message" in refused ? refused.message : "").toContain(advice);
  },
);

test.each([
  ["startup_failure", "startup_failure"],
  ["skipped", "skipped"],
  ["timed_out", "timed_out"],
  ["cancelled", "cancelled"],
  ["action_required", "action_required"],
  ["neutral", "neutral"],
  ["stale", "stale"],
])("L34 a run that ends with %s is understood", async (conclusion, expected) => {
  const job = harness.newJob();
  await harness.ci.start(job);
  const run = present(harness.runsOf(job)[0], "no run");
  await scene.finishRun(harness.double, run, conclusion);
  expect(await harness.ci.status(job.repository, job.attempt, String(run.id))).toEqual({
    kind: "ended",
    conclusion: expected,
  });
});

test("S3 while GitHub cannot be asked nothing is said of a job, and a run that is gone is unknown", async () => {
  const job = harness.newJob();
  await harness.ci.start(job);
  const run = present(harness.runsOf(job)[0], "no run");
  harness.double.faults.badGateway({ operation: "actions/get-workflow-run" });
  const asked = () => harness.ci.status(job.repository, job.attempt, String(run.id));
  expect((await asked()).kind).toBe("unavailable");
  expect((await asked()).kind).toBe("running");
  harness.repo.runs.delete(run.id);
  expect((await asked()).kind).toBe("unknown");
});

test("keys that are rotated are found, and keys that cannot be read prove nothing", async () => {
  const job = harness.newJob();
  const { identity, ci, double } = harness;
  expect((await ci.identify(await identity.token(job), identity.audience, job)).kind).toBe("ok");
  double.oidc.rotate();
  const token = await identity.token(job);
  expect((await ci.identify(token, identity.audience, job)).kind).toBe("unavailable");
  identity.advance(61_000);
  expect((await ci.identify(token, identity.audience, job)).kind).toBe("ok");
});

test("a job in a reusable workflow may claim where the operator allows that workflow", async () => {
  const { double, repo, identity, newJob } = harness;
  const shared = "acme/shared/.github/workflows/run.yml@refs/tags/v1";
  const job = newJob();
  const token = await identity.token(job, { claims: { job_workflow_ref: shared } });
  expect(await harness.ci.identify(token, identity.audience, job)).toMatchObject({
    kind: "refused",
    because: expect.stringContaining(`${shared}, which is not among GITHUB_JOB_WORKFLOWS`),
  });
  const allowing = await githubCiHarness({ jobWorkflows: [shared] });
  const allowed = allowing.newJob();
  const good = await allowing.identity.token(allowed, { claims: { job_workflow_ref: shared } });
  expect((await allowing.ci.identify(good, identity.audience, allowed)).kind).toBe("ok");
  await allowing.close();
  expect(repo.defaultBranch).toBe("main");
  expect(double.violations()).toEqual([]);
});

test("a job of a repository that went to another owner is refused until GitHub says so too", async () => {
  const { double, repo, identity, newJob, ci } = harness;
  const job = newJob();
  const claims = { repository_owner_id: String(double.user("eve").id) };
  const token = await identity.token(job, { claims });
  expect(await ci.identify(token, identity.audience, job)).toEqual({
    kind: "refused",
    because: "its repository belongs to another owner",
  });
  double.faults.badGateway({ operation: "repos/get" });
  expect((await ci.identify(token, identity.audience, job)).kind).toBe("unavailable");
  expect(repo.owner.login).toBe("acme");
});

test("the owner is asked for once in ten minutes, and by those who were refused", async () => {
  const { double, identity, newJob, ci } = harness;
  const asked = () => double.calls()["repos/get"] ?? 0;
  identity.advance(601_000);
  const job = newJob();
  const before = asked();
  for (let n = 0; n < 3; n++) {
    const token = await identity.token(job);
    expect((await ci.identify(token, identity.audience, job)).kind).toBe("ok");
  }
  expect(asked()).toBe(before + 1);
});

test("whoever copies the name of a run is not taken for it", async () => {
  const { double, repo, ci, newJob, runsOf } = harness;
  const job = newJob();
  await ci.start(job);
  const workflow = await findWorkflow(double.world, repo, "terrane.yml");
  const inputs = { attempt: job.attempt };
  await dispatch(double.world, repo, workflow, double.user("mallory"), { ref: "main", inputs });
  const [ours] = runsOf(job);
  expect(await ci.start(job)).toMatchObject({ kind: "started", ciRun: String(ours?.id) });
});

test("all that was said to GitHub about jobs is what its descriptions allow", async () => {
  await harness.double.settled();
  expect(harness.double.violations()).toEqual([]);
});

const EXISTING = `name: Terrateam Workflow
on:
  workflow_dispatch:
    inputs:
      work-token: { required: true }
      api-base-url: { required: true }
jobs: {}
`;

test.each([".github/workflows/terrateam.yml", ".github/workflows/infra.yml"])(
  "the workflow file of an existing runner is told apart, in %s",
  async (path) => {
    await setWorkflow(EXISTING, path);
    const { repo, ci } = harness;
    const job = harness.newJob();
    const found = await ci.start(job);
    expect(found).toMatchObject({ kind: "existing_runner", path });
    expect(harness.runsOf(job)).toEqual([]);
    const existing = {
      workflow: found.kind === "existing_runner" ? found.workflow : "",
      branch: repo.defaultBranch,
      workToken: "the-token",
      apiBaseUrl: "https://terrane.example.test/api/github",
    };
    expect(await ci.start({ ...job, existing })).toMatchObject({ kind: "started" });
    expect([...repo.runs.values()].at(-1)?.inputs).toEqual({
      "work-token": "the-token",
      "api-base-url": existing.apiBaseUrl,
    });
    // Its job would have other secrets than those of the environment.
    const guarded = { ...job, existing, environment: "production" };
    expect(await ci.start(guarded)).toMatchObject({ kind: "rejected" });
    const gone = { ...job, existing: { ...existing, branch: "gone" } };
    expect(await ci.start(gone)).toMatchObject({ kind: "rejected" });
    await setWorkflow(WORKFLOW);
  },
);

test("where both workflow files are there, the native one is used", async () => {
  await setWorkflow(EXISTING, ".github/workflows/terrateam.yml");
  await setWorkflow(WORKFLOW);
  expect(await harness.ci.start(harness.newJob())).toMatchObject({ kind: "started" });
});
