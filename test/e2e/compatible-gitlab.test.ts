import { afterAll, beforeAll, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import { type ClientJob, runClient, type Script } from "../support/compatible-client.ts";
import { rootModule } from "../support/github-lab.ts";
import {
  EXISTING_FILE,
  EXISTING_TEMPLATE,
  EXISTING_TEMPLATE_PROJECT,
} from "../support/gitlab-double/existing.ts";
import { headOf, type MergeRequest } from "../support/gitlab-double/forge.ts";
import { addNote } from "../support/gitlab-double/merge-requests.ts";
import * as scene from "../support/gitlab-double/scene.ts";
import { finishJob, type Job, retryJob, startJob } from "../support/gitlab-double/world.ts";
import { type GitlabLab, gitlabLab } from "../support/gitlab-lab.ts";

/**
 * A project whose CI file is made for an existing runner, against the server as it is shipped. The job is played by a
 * client that is written from the wire contract alone; what terraform would say is a script.
 */
const FILES = {
  ".gitlab-ci.yml": EXISTING_FILE,
  ".gitlab/terrane.yml": undefined,
  ".terrane/config.yml": `version: "1"\n`,
};

const PLANS: Script = {
  plan: () => ({ plan: "bytes of the plan", text: "  # terraform_data.this", changes: true }),
};

let lab: GitlabLab;
let request: MergeRequest;
let script: Script = {};
let held: ((job: Job) => void) | undefined;
const started: Job[] = [];

beforeAll(async () => {
  lab = await gitlabLab(FILES);
  const { world } = lab.double;
  const template = lab.double.createProject(EXISTING_TEMPLATE_PROJECT);
  template.branches.set("main", {
    sha: "1".repeat(40),
    files: new Map([["template.yml", EXISTING_TEMPLATE]]),
  });
  world.onJob = (job) => {
    started.push(job);
    if (held === undefined) void work(job);
    else held(job);
  };
});

afterAll(() => lab.close());

/** What its entry point reads: the variables of the job, `CI_JOB_ID` and `CI_COMMIT_SHA`. */
function clientJob(job: Job): ClientJob {
  const variables = job.definition["variables"] as Readonly<Record<string, string>>;
  return {
    apiBaseUrl: variables["API_BASE_URL"] ?? "",
    workToken: variables["WORK_TOKEN"] ?? "",
    runId: String(job.id),
    sha: job.pipeline.sha,
    fetchesToken: false,
  };
}

async function work(job: Job): Promise<void> {
  const { world } = lab.double;
  startJob(world, job);
  const { code } = await runClient(clientJob(job), script);
  finishJob(world, job, code === 0 ? "success" : "failed");
}

async function opened(branch: string, dir: string): Promise<MergeRequest> {
  const { double, project, people, stateDir } = lab;
  const files = { [`${dir}/main.tf`]: rootModule(stateDir, dir, "two") };
  await scene.push(double.world, project, people.ann, branch, files);
  return await scene.open(double.world, project, { by: people.ann, head: branch, title: branch });
}

function notes(of: MergeRequest): string {
  return of.notes.map(({ body }) => body).join("\n");
}

test("the CI file is known by its inputs, and its pipeline started on the merge request's branch", async () => {
  script = PLANS;
  request = await opened("change", "net");
  await lab.until(1, "planned", (now) => now.dirspaces[0]?.phase === "planned");
  expect(started).toHaveLength(1);
  expect(started[0]).toMatchObject({ name: "infrastructure", status: "success" });
  expect(started[0]?.pipeline).toMatchObject({
    ref: "change",
    sha: headOf(request).head,
    inputs: { TERRATEAM_TRIGGER: "true", API_BASE_URL: `${lab.server.url}/api/gitlab` },
  });
  expect(notes(request)).toContain("not counted");
  expect(notes(request)).toContain("terraform_data.this");
});

test("a job that was run again is told that it is done, though GitLab gives it another id", async () => {
  const first = present(started[0], "no job");
  const done = new Promise<Job>((resolve) => {
    held = resolve;
  });
  retryJob(lab.double.world, first);
  const again = await done;
  held = undefined;
  expect(clientJob(again).runId).not.toBe(clientJob(first).runId);
  const told = await runClient(clientJob(again), script);
  expect(told).toMatchObject({ code: 0, log: ["manual re-runs not supported"] });
  finishJob(lab.double.world, again, "success");
});

test("an apply that fails is said, and the next plan is applied with its very bytes", async () => {
  const { double, people } = lab;
  const say = (text: string) => addNote(double.world, request, people.ann, text);
  script = { apply: () => ({ fails: "Error: quota exceeded" }) };
  say("terrane apply");
  await lab.until(1, "failed", (now) => now.dirspaces[0]?.phase === "apply_failed");
  expect(notes(request)).toContain("quota exceeded");
  script = PLANS;
  say("terrane plan");
  await lab.until(1, "planned", (now) => now.dirspaces[0]?.phase === "planned");
  const seen: string[] = [];
  script = {
    apply: (_, plan) => {
      seen.push(plan);
      return { text: "Apply complete!" };
    },
  };
  say("terrane apply");
  await lab.until(1, "applied", (now) => now.dirspaces[0]?.phase === "applied");
  expect(seen).toEqual(["bytes of the plan"]);
});

test("S26 a job of another pipeline that shows the token gets nothing", async () => {
  const waiting = new Promise<Job>((resolve) => {
    held = resolve;
  });
  script = PLANS;
  const second = await opened("dns", "dns");
  const ours = await waiting;
  held = undefined;
  // From when GitLab's answer is stored on, only jobs of that pipeline are let in.
  const isKnown = async () => (await lab.detail(second.iid))?.runs[0]?.ciUrl;
  await expect.poll(isKnown, { timeout: 30_000 }).toBeTypeOf("string");
  const other = present(started[0], "no other job");
  const theirs = await runClient({ ...clientJob(ours), runId: String(other.id) }, script);
  expect(theirs).toMatchObject({
    code: 1,
    log: [expect.stringContaining("belongs to the CI run")],
  });
  const unknown = await runClient({ ...clientJob(ours), runId: "999999999" }, script);
  expect(unknown).toMatchObject({
    code: 1,
    log: [expect.stringContaining("none of the repository")],
  });
  await work(ours);
  await lab.until(second.iid, "planned", (now) => now.dirspaces[0]?.phase === "planned");
});

test("a push between dispatch and start ends the job, and the new head is planned", async () => {
  const waiting = new Promise<Job>((resolve) => {
    held = resolve;
  });
  const third = await opened("app", "app");
  const early = await waiting;
  held = undefined;
  const { double, project, people, stateDir } = lab;
  const files = { "app/main.tf": rootModule(stateDir, "app", "three") };
  await scene.push(double.world, project, people.ann, "app", files);
  await lab.until(
    third.iid,
    "planned anew",
    (now) => now.headSha === headOf(third).head && now.dirspaces[0]?.phase === "planned",
  );
  const late = await runClient(clientJob(early), script);
  expect(late).toMatchObject({ code: 0, manifests: [{ type: "done" }] });
});

test("S3 a job that dies is noticed without a word from it", async () => {
  const waiting = new Promise<Job>((resolve) => {
    held = resolve;
  });
  const fourth = await opened("web", "web");
  const job = await waiting;
  held = undefined;
  startJob(lab.double.world, job);
  finishJob(lab.double.world, job, "failed", "runner_system_failure");
  await lab.until(fourth.iid, "over", (now) => now.runs[0]?.outcome === "failed");
});

test("everything that was said is in GitLab's documentation", () => {
  expect(lab.double.world.journal.violations).toEqual([]);
});
