import type { CommitFacts } from "../git-read.ts";
import { utc } from "../git-read.ts";
import type { Json } from "../spec/description.ts";
import {
  fullName,
  nodeId,
  type Repository,
  type Workflow,
  type WorkflowRun,
  type World,
} from "../world.ts";
import { simpleUser } from "./account.ts";
import { person } from "./commit.ts";
import { minimalRepository, repositoryUrl } from "./repository.ts";

export function workflowShape(
  world: World,
  repo: Repository,
  workflow: Workflow,
  name: string,
): Json {
  return {
    id: workflow.id,
    node_id: nodeId("W", workflow.id),
    name,
    path: workflow.path,
    state: "active",
    created_at: repo.createdAt.toISOString(),
    updated_at: repo.createdAt.toISOString(),
    url: `${repositoryUrl(world, repo)}/actions/workflows/${workflow.id}`,
    html_url: `${world.origin}/${fullName(repo)}/blob/${repo.defaultBranch}/${workflow.path}`,
    badge_url: `${world.origin}/${fullName(repo)}/workflows/${encodeURIComponent(name)}/badge.svg`,
  };
}

export function runUrl(world: World, run: WorkflowRun): string {
  return `${repositoryUrl(world, run.repository)}/actions/runs/${run.id}`;
}

export function runHtmlUrl(world: World, run: WorkflowRun): string {
  return `${world.origin}/${fullName(run.repository)}/actions/runs/${run.id}`;
}

export function runShape(world: World, run: WorkflowRun, commit: CommitFacts): Json {
  const url = runUrl(world, run);
  const repo = run.repository;
  return {
    id: run.id,
    name: run.workflowName,
    node_id: nodeId("WFR", run.id),
    head_branch: run.ref,
    head_sha: run.sha,
    path: run.workflow.path,
    display_title: run.title,
    run_number: run.number,
    event: run.event,
    status: run.state,
    conclusion: run.conclusion,
    workflow_id: run.workflow.id,
    check_suite_id: run.id,
    check_suite_node_id: nodeId("CS", run.id),
    url,
    html_url: runHtmlUrl(world, run),
    pull_requests: [],
    created_at: utc(run.createdAt),
    updated_at: utc(run.updatedAt),
    actor: simpleUser(world, run.actor),
    run_attempt: run.attempt,
    referenced_workflows: [],
    run_started_at: utc(run.createdAt),
    triggering_actor: simpleUser(world, run.actor),
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${repositoryUrl(world, repo)}/check-suites/${run.id}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: null,
    workflow_url: `${repositoryUrl(world, repo)}/actions/workflows/${run.workflow.id}`,
    head_commit: {
      id: commit.sha,
      tree_id: commit.tree,
      message: commit.message,
      timestamp: commit.committer.date,
      author: person(commit.author),
      committer: person(commit.committer),
    },
    repository: minimalRepository(world, repo),
    head_repository: minimalRepository(world, repo),
  };
}

/** The one job that each run of the double has. */
export function jobShape(world: World, run: WorkflowRun): Json {
  const started = run.state === "queued" ? undefined : run.updatedAt;
  return {
    id: run.jobId,
    run_id: run.id,
    workflow_name: run.workflowName,
    head_branch: run.ref,
    run_url: runUrl(world, run),
    run_attempt: run.attempt,
    node_id: nodeId("J", run.jobId),
    head_sha: run.sha,
    url: `${repositoryUrl(world, run.repository)}/actions/jobs/${run.jobId}`,
    html_url: `${runHtmlUrl(world, run)}/job/${run.jobId}`,
    status: run.state,
    conclusion: run.conclusion,
    created_at: utc(run.createdAt),
    started_at: utc(started ?? run.createdAt),
    completed_at: run.state === "completed" ? utc(run.updatedAt) : null,
    name: "terrane",
    steps: [],
    check_run_url: `${repositoryUrl(world, run.repository)}/check-runs/${run.jobId}`,
    labels: ["ubuntu-latest"],
    runner_id: run.state === "queued" ? null : 1,
    runner_name: run.state === "queued" ? null : "GitHub Actions 1",
    runner_group_id: run.state === "queued" ? null : 0,
    runner_group_name: run.state === "queued" ? null : "GitHub Actions",
  };
}
