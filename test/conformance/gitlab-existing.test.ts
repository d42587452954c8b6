import { afterAll, beforeAll, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import type { CiJob, ExistingRunner } from "../../src/ports/ci.ts";
import {
  EXISTING_FILE,
  EXISTING_TEMPLATE,
  EXISTING_TEMPLATE_PROJECT,
} from "../support/gitlab-double/existing.ts";
import { finishJob, newJob, type Pipeline } from "../support/gitlab-double/world.ts";
import { type GitlabCiHarness, gitlabCiHarness } from "./gitlab-ci-harness.ts";

let harness: GitlabCiHarness;

beforeAll(async () => {
  harness = await withExisting();
});

afterAll(() => harness.close());

/** A project whose CI file is of an existing runner, on its default branch and on that of a merge request. */
async function withExisting(
  change: Parameters<typeof gitlabCiHarness>[0] = {},
): Promise<GitlabCiHarness> {
  const made = await gitlabCiHarness(change);
  const template = made.double.createProject(EXISTING_TEMPLATE_PROJECT);
  template.branches.set("main", {
    sha: "1".repeat(40),
    files: new Map([["template.yml", EXISTING_TEMPLATE]]),
  });
  for (const branch of ["main", "change"]) {
    const files = new Map([[".gitlab-ci.yml", EXISTING_FILE]]);
    made.project.branches.set(branch, { sha: "2".repeat(40), files });
  }
  return made;
}

const EXISTING: ExistingRunner = {
  workflow: ".gitlab-ci.yml",
  branch: "change",
  workToken: "the-token",
  apiBaseUrl: "https://terrane.example.test/api/gitlab",
};

function newestPipeline({ project }: GitlabCiHarness): Pipeline {
  return present([...project.pipelines.values()].at(-1), "no pipeline");
}

async function begun(): Promise<{ readonly job: CiJob; readonly pipeline: Pipeline }> {
  const job = { ...harness.newJob(), existing: EXISTING };
  expect(await harness.ci.start(job)).toMatchObject({ kind: "started" });
  return { job, pipeline: newestPipeline(harness) };
}

function message(of: object): string {
  return "message" in of ? String(of.message) : "";
}

test("its CI file is recognised by what it takes, and nothing is started before", async () => {
  const before = harness.project.pipelines.size;
  expect(await harness.ci.start(harness.newJob())).toEqual({
    kind: "existing_runner",
    workflow: ".gitlab-ci.yml",
    path: ".gitlab-ci.yml",
  });
  expect(harness.project.pipelines.size).toBe(before);
});

test("its pipeline starts on the branch of the merge request, with its own inputs alone", async () => {
  const job = { ...harness.newJob(), existing: EXISTING, runsOn: '["big"]' };
  const started = await harness.ci.start(job);
  const pipeline = newestPipeline(harness);
  expect(started).toMatchObject({ kind: "started", ciRun: String(pipeline.id) });
  expect(pipeline).toMatchObject({
    ref: "change",
    source: "api",
    variables: [],
    inputs: {
      TERRATEAM_TRIGGER: "true",
      WORK_TOKEN: "the-token",
      API_BASE_URL: "https://terrane.example.test/api/gitlab",
      RUNS_ON: ["big"],
    },
  });
  expect(pipeline.jobs.map(({ name }) => name)).toEqual(["infrastructure"]);
  expect(pipeline.jobs[0]?.definition).toMatchObject({
    tags: ["big"],
    variables: { WORK_TOKEN: "the-token", API_BASE_URL: EXISTING.apiBaseUrl },
  });
  const { inputs } = (await begun()).pipeline;
  expect(Object.keys(inputs)).toEqual(["TERRATEAM_TRIGGER", "WORK_TOKEN", "API_BASE_URL"]);
});

test("an instance without inputs for pipelines tells it the same by variables", async () => {
  const older = await withExisting({ parameters: "variables" });
  older.project.mayNotSetVariables = false;
  const found = await older.ci.start(older.newJob());
  expect(found).toMatchObject({ kind: "existing_runner" });
  expect(older.project.pipelines.size).toBe(1);
  const { files } = present(older.project.branches.get("change"), "no branch");
  // What its template makes of the default of an input is for GitLab; here the rule looks at the variable.
  files.set(
    ".gitlab-ci.yml",
    "infrastructure:\n  rules: [{ if: '$TERRATEAM_TRIGGER == \"true\"' }]\n  script: [x]\n",
  );
  const job = { ...older.newJob(), existing: EXISTING };
  expect(await older.ci.start(job)).toMatchObject({ kind: "started" });
  expect(newestPipeline(older).variables).toEqual([
    { key: "TERRATEAM_TRIGGER", value: "true", variable_type: "env_var" },
    { key: "WORK_TOKEN", value: "the-token", variable_type: "env_var" },
    { key: "API_BASE_URL", value: EXISTING.apiBaseUrl, variable_type: "env_var" },
  ]);
  const tagged = await older.ci.start({ ...older.newJob(), existing: EXISTING, runsOn: '"big"' });
  expect(tagged).toMatchObject({ kind: "rejected" });
  await older.close();
});

test.each<[string, Partial<CiJob>, RegExp]>([
  ["an environment", { environment: "production" }, /environment production/],
  ["machines that cannot be asked for", { runsOn: '{"group":"big"}' }, /neither a tag nor/],
  ["a branch that is gone", { existing: { ...EXISTING, branch: "gone" } }, /gone is gone: push/],
  [
    "a branch with another CI file",
    { existing: { ...EXISTING, branch: "old" } },
    /merge main into/,
  ],
])("%s is refused, and nothing is left out", async (_what, change, because) => {
  const files = new Map([[".gitlab-ci.yml", "test:\n  script: [test]\n"]]);
  harness.project.branches.set("old", { sha: "3".repeat(40), files });
  const refused = await harness.ci.start({ ...harness.newJob(), existing: EXISTING, ...change });
  expect(refused).toMatchObject({ kind: "rejected" });
  expect(message(refused)).toMatch(because);
});

test("while GitLab cannot show the CI file nothing is concluded from it", async () => {
  harness.double.answer("GET", /\/repository\/files\//, { status: 503 });
  expect(await harness.ci.start(harness.newJob())).toMatchObject({ kind: "unavailable" });
});

test("a GitLab that wants an account verified first says so with what to do", async () => {
  harness.double.answer("POST", /\/pipeline$/, {
    status: 400,
    body: '{"message":{"base":["Identity verification is required in order to run CI jobs"]}}',
  });
  const refused = await harness.ci.start({ ...harness.newJob(), existing: EXISTING });
  expect(message(refused)).toContain("sign in as that account");
});

test("its job says which job it is, and the pipeline follows; jobs of other projects are nobody's", async () => {
  const { ci, double } = harness;
  const runOfJob = present(ci.runOfJob, "cannot say");
  const { job, pipeline } = await begun();
  const mine = String(pipeline.jobs[0]?.id);
  expect(await runOfJob(job.repository, mine)).toEqual({ kind: "ok", value: String(pipeline.id) });
  // A job never moves: this is known, and GitLab is not asked again.
  double.answer("GET", /\/jobs\/\d+$/, { status: 503 });
  expect(await runOfJob(job.repository, mine)).toMatchObject({ kind: "ok" });
  expect(await runOfJob(job.repository, "999999")).toMatchObject({ kind: "unavailable" });
  for (const other of ["999999", "../1", "", String(pipeline.id)]) {
    expect(await runOfJob(job.repository, other)).toMatchObject({ kind: "not_found" });
  }
  const elsewhere = double.createProject("mallory/infra");
  const theirs = { ...job.repository, id: String(elsewhere.id) };
  expect(await runOfJob(theirs, mine)).toMatchObject({ kind: "not_found" });
});

test("S3 its pipeline is watched by all of its jobs, for any may be the one that works", async () => {
  const { ci, double } = harness;
  const { job, pipeline } = await begun();
  const [own] = pipeline.jobs;
  const more = newJob(double.world, pipeline, "lint", {});
  const later = newJob(double.world, pipeline, "deploy", {});
  later.status = "manual";
  pipeline.jobs.push(more, later);
  const asked = () => ci.status(job.repository, job.attempt, String(pipeline.id));
  finishJob(double.world, present(own, "no job"), "failed", "script_failure");
  expect(await asked()).toEqual({ kind: "pending" });
  finishJob(double.world, more, "success");
  expect(await asked()).toEqual({ kind: "ended", conclusion: "failure" });
});

test("a pipeline of it is cancelled by its id, and one whose id is not known proves nothing", async () => {
  const { ci } = harness;
  const { job, pipeline } = await begun();
  expect(await ci.cancel(job.repository, job.attempt, undefined)).toMatchObject({
    kind: "not_found",
  });
  expect(await ci.status(job.repository, job.attempt, undefined)).toMatchObject({
    kind: "unknown",
  });
  const ciRun = String(pipeline.id);
  expect(await ci.cancel(job.repository, job.attempt, ciRun)).toBeUndefined();
  expect(await ci.status(job.repository, job.attempt, ciRun)).toEqual({
    kind: "ended",
    conclusion: "cancelled",
  });
});

test("everything that was said is in GitLab's documentation", () => {
  expect(harness.double.world.journal.violations).toEqual([]);
});
