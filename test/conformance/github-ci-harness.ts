import { randomUUID } from "node:crypto";
import { present } from "../../src/base/assert.ts";
import type { Instant } from "../../src/base/brand.ts";
import { createGithubActions, DEFAULT_WORKFLOWS } from "../../src/ci/github-actions.ts";
import type { AttemptId } from "../../src/core/ids.ts";
import { parseCommitSha } from "../../src/core/ids.ts";
import type { CiJob } from "../../src/ports/ci.ts";
import { createClient } from "../../src/vcs/github/client.ts";
import { dispatch, findWorkflow } from "../support/github-double/domain/runs.ts";
import { type GitHubDouble, startGitHubDouble } from "../support/github-double/index.ts";
import * as scene from "../support/github-double/scene.ts";
import type { Repository, WorkflowRun } from "../support/github-double/world.ts";
import { fullName } from "../support/github-double/world.ts";
import type { CiHarness } from "./ci-harness.ts";

/** The workflow file as our documentation gives it, as far as starting goes. */
export const WORKFLOW = `name: Terrane
run-name: "\${{ inputs.title }} (\${{ inputs.attempt }})"
on:
  workflow_dispatch:
    inputs:
      attempt: { required: true, type: string }
      server_url: { type: string }
      title: { type: string }
      environment: { type: string }
      runs_on: { type: string }
jobs: {}
`;

export const PATH = ".github/workflows/terrane.yml";

export interface GithubCiHarness extends CiHarness {
  readonly double: GitHubDouble;
  readonly repo: Repository;
  runsOf(job: CiJob): readonly WorkflowRun[];
}

/** Our CI adapter on the double, whose workflow runs do nothing until a test ends them. */
export async function githubCiHarness(
  change: { readonly jobWorkflows?: readonly string[] } = {},
): Promise<GithubCiHarness> {
  let offset = 0;
  const now = () => (Date.now() + offset) as Instant;
  const double = await startGitHubDouble({ now: () => new Date(now()) });
  const acme = double.organization("acme").account;
  const installation = double.install(acme);
  const repo = await scene.createRepository(double, acme, "infra", { files: { [PATH]: WORKFLOW } });
  const client = createClient({
    apiUrl: double.apiUrl,
    appId: double.app.id,
    privateKey: double.app.privateKey,
    userAgent: "terrane-test",
    now,
  });
  const ci = createGithubActions({
    api: client,
    issuer: double.issuer,
    now,
    workflows: DEFAULT_WORKFLOWS,
    ...change,
  });
  // As on an idle runner: picked up at once, and stopped when asked to.
  double.world.onRun = (run) => {
    void scene.startRun(double, run);
    run.cancel.signal.addEventListener(
      "abort",
      () => void scene.finishRun(double, run, "cancelled"),
    );
  };
  const runsOf = (job: CiJob) =>
    [...repo.runs.values()].filter((run) => run.inputs["attempt"] === job.attempt);
  const audience = "https://terrane.example.test/the-attempt";
  const idle = await startedFor(double, repo);
  return {
    ci,
    double,
    repo,
    runsOf,
    newJob: () => ({
      repository: {
        installation: String(installation.id),
        id: String(repo.id),
        fullName: fullName(repo),
      },
      defaultBranch: repo.defaultBranch,
      attempt: randomUUID() as AttemptId,
      serverUrl: "https://terrane.example.test",
      title: "plan #1",
      environment: undefined,
      runsOn: undefined,
    }),
    starts: (job) => Promise.resolve(runsOf(job).length),
    finish: async (job, outcome) => {
      await scene.finishRun(double, present(runsOf(job)[0], "the job never ran"), outcome);
    },
    identity: {
      audience,
      token: (job, change = {}) =>
        double.oidc.token(double.world, runsOf(job)[0] ?? idle, audience, change),
      expected: (job) => ({
        issuer: double.issuer,
        repositoryId: String(repo.id),
        ciRun: String((runsOf(job)[0] ?? idle).id),
        ciRunAttempt: 1,
        workflowSha: parseCommitSha(idle.sha),
      }),
      worthless: [
        { claim: "repository_id", value: "acme/infra" },
        { claim: "repository_id", value: String(repo.id + 1) },
        { claim: "repository_owner_id", value: String(acme.id + 1) },
        { claim: "repository", value: "acme/infra-2" },
        { claim: "ref", value: "refs/heads/change" },
        { claim: "ref", value: "refs/tags/main" },
        { claim: "workflow_ref", value: `acme/infra/${PATH}@refs/heads/change` },
        { claim: "workflow_ref", value: `acme/other/${PATH}@refs/heads/main` },
        { claim: "workflow_ref", value: "acme/infra/.github/workflows/ci.yml@refs/heads/main" },
        { claim: "job_workflow_ref", value: "acme/shared/.github/workflows/x.yml@refs/heads/main" },
        { claim: "run_id", value: 7 },
        { claim: "run_attempt", value: "first" },
        { claim: "event_name", value: "pull_request_target" },
      ],
      advance: (ms) => {
        offset += ms;
      },
    },
    close: () => double.close(),
  };
}

/** A run for the tokens of jobs that a rule does not start. */
async function startedFor(double: GitHubDouble, repo: Repository): Promise<WorkflowRun> {
  const workflow = await findWorkflow(double.world, repo, "terrane.yml");
  return await dispatch(double.world, repo, workflow, double.world.app.bot, {
    ref: repo.defaultBranch,
    inputs: { attempt: "idle" },
  });
}
