import { randomUUID } from "node:crypto";
import { present } from "../../src/base/assert.ts";
import type { Instant } from "../../src/base/brand.ts";
import {
  createGitlabPipelines,
  type GitlabPipelinesOptions,
} from "../../src/ci/gitlab-pipelines.ts";
import { type AttemptId, parseCommitSha } from "../../src/core/ids.ts";
import type { CiJob } from "../../src/ports/ci.ts";
import { createClient } from "../../src/vcs/gitlab/client.ts";
import { type GitLabDouble, startGitLabDouble } from "../support/gitlab-double/index.ts";
import {
  finishJob,
  type Job,
  newJob,
  type Pipeline,
  type Project,
  startJob,
} from "../support/gitlab-double/world.ts";
import type { CiHarness } from "./ci-harness.ts";

export interface GitlabCiHarness extends CiHarness {
  readonly double: GitLabDouble;
  readonly project: Project;
  pipelinesOf(job: CiJob): readonly Pipeline[];
  /** The machine's job of an attempt that was started. */
  jobOf(job: CiJob): Job;
  /** A job for the tokens of attempts that a rule does not start. */
  readonly idle: Job;
}

/** Our CI adapter on the double, with the CI files that we ship. */
export async function gitlabCiHarness(
  change: Partial<GitlabPipelinesOptions> & { readonly role?: "developer" | "maintainer" } = {},
): Promise<GitlabCiHarness> {
  let offset = 0;
  const now = () => (Date.now() + offset) as Instant;
  const double = await startGitLabDouble(() => new Date(now()));
  const { role = "maintainer", ...options } = change;
  const project = double.createProject("acme/platform/infra");
  const ci = createGitlabPipelines({
    api: createClient({
      url: double.url,
      token: double.token(role),
      userAgent: "test",
      now: Date.now,
    }),
    url: double.url,
    now,
    ...options,
  });
  // As on an idle machine: picked up at once, and stopped when asked to.
  double.world.onJob = (job) => {
    startJob(double.world, job);
    job.cancel.signal.addEventListener("abort", () => {
      if (job.status === "canceling") finishJob(double.world, job, "canceled");
    });
  };
  const pipelinesOf = ({ attempt }: CiJob) =>
    [...project.pipelines.values()].filter(
      ({ inputs, variables }) =>
        inputs["attempt"] === attempt || variables.some(({ value }) => value === attempt),
    );
  const jobOf = (job: CiJob) => {
    const [pipeline] = pipelinesOf(job);
    return present(pipeline?.jobs[0], "the job never ran");
  };
  const idle = idleJob(double, project);
  const tokenJob = (job: CiJob) => pipelinesOf(job)[0]?.jobs[0] ?? idle;
  const audience = "https://terrane.example.test/attempts/the-attempt";
  return {
    ci,
    double,
    project,
    pipelinesOf,
    jobOf,
    idle,
    newJob: () => newCiJob(project),
    starts: (job) => Promise.resolve(pipelinesOf(job).length),
    finish(job, outcome) {
      const reason = outcome === "failure" ? "script_failure" : undefined;
      finishJob(double.world, jobOf(job), outcome === "success" ? "success" : "failed", reason);
      return Promise.resolve();
    },
    identity: {
      audience,
      token: (job, tokenChange = {}) =>
        double.world.oidc.token(double.world, tokenJob(job), audience, tokenChange),
      expected: (job) => ({
        issuer: double.url,
        repositoryId: String(project.id),
        ciRun: String(tokenJob(job).pipeline.id),
        ciRunAttempt: 1,
        workflowSha: parseCommitSha(idle.pipeline.sha),
      }),
      worthless: worthlessClaims(double, project, idle),
      advance: (ms) => {
        offset += ms;
      },
    },
    close: () => double.close(),
  };
}

function newCiJob(project: Project): CiJob {
  return {
    repository: { installation: "acme", id: String(project.id), fullName: project.path },
    defaultBranch: project.defaultBranch,
    attempt: randomUUID() as AttemptId,
    serverUrl: "https://terrane.example.test",
    title: "Terrane plan #1.1",
    environment: undefined,
    runsOn: undefined,
  };
}

function idleJob(double: GitLabDouble, project: Project): Job {
  const { world } = double;
  const main = present(project.branches.get("main"), "no branch");
  const pipeline: Pipeline = {
    id: world.nextId++,
    project,
    ref: "main",
    sha: main.sha,
    source: "api",
    by: { id: 1, login: "terrane-bot", role: "maintainer" },
    name: "idle",
    inputs: {},
    variables: [],
    jobs: [],
    createdAt: world.now(),
    fork: undefined,
  };
  const job = newJob(world, pipeline, "terrane", {});
  pipeline.jobs.push(job);
  project.pipelines.set(pipeline.id, pipeline);
  startJob(world, job);
  return job;
}

function worthlessClaims(
  double: GitLabDouble,
  project: Project,
  idle: Job,
): CiHarness["identity"]["worthless"] {
  const host = double.url.replace("http://", "");
  const file = `${host}/${project.path}//`;
  return [
    { claim: "project_id", value: String(project.id + 1) },
    { claim: "project_id", value: project.path },
    { claim: "project_path", value: "" },
    { claim: "pipeline_id", value: String(idle.pipeline.id + 1_000) },
    { claim: "pipeline_id", value: "../../2" },
    { claim: "pipeline_source", value: "merge_request_event" },
    { claim: "pipeline_source", value: "web" },
    { claim: "job_id", value: String(idle.id + 1_000) },
    { claim: "ref_path", value: "refs/heads/change" },
    { claim: "ref_path", value: "refs/tags/main" },
    { claim: "ref_protected", value: "false" },
    { claim: "ref_protected", value: "" },
    { claim: "sha", value: "0".repeat(40) },
    { claim: "ci_config_sha", value: "0".repeat(40) },
    { claim: "ci_config_ref_uri", value: `${file}.gitlab-ci.yml@refs/heads/change` },
    { claim: "ci_config_ref_uri", value: `${file}other.yml@refs/heads/main` },
    { claim: "ci_config_ref_uri", value: `${host}/evil/infra//.gitlab-ci.yml@refs/heads/main` },
    { claim: "ci_config_ref_uri", value: null },
  ];
}
