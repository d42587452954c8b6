import type { Forge, Group, User } from "./forge.ts";
import type { Deliveries } from "./hooks.ts";
import type { Oidc } from "./oidc.ts";
import type { Journal } from "./spec.ts";

/** What an instance knows: projects, their pipelines, and who may call. */
export interface World {
  /** Where it is; set once it listens. */
  origin: string;
  readonly now: () => Date;
  readonly projects: Map<number, Project>;
  readonly tokens: Map<string, Caller>;
  readonly oidc: Oidc;
  /** Before 16.3 pipelines have no name in the API. */
  namesPipelines: boolean;
  nextId: number;
  readonly users: Map<number, User>;
  readonly groups: Map<number, Group>;
  readonly deliveries: Deliveries;
  readonly journal: Journal;
  /** Looks at a merge request until it is known whether it can be merged. */
  mergeabilityReads: number;
  /** How a machine behaves that takes jobs. */
  onJob: (job: Job) => void;
  /** A job went from one state to another. */
  readonly onMove: (job: Job) => void;
}

export interface Caller {
  /** Until when its token is taken, as a day; undefined where GitLab does not say. */
  expiresAt?: string | null;
  readonly id: number;
  readonly login: string;
  readonly role: "reporter" | "developer" | "maintainer";
}

export interface Project {
  readonly id: number;
  path: string;
  defaultBranch: string;
  readonly protectedBranches: Set<string>;
  /** Text of the files of each branch, by path. */
  readonly branches: Map<string, { sha: string; readonly files: Map<string, string> }>;
  /** Variables of the project's settings. */
  readonly variables: Map<string, string>;
  mayNotSetVariables: boolean;
  readonly pipelines: Map<number, Pipeline>;
  readonly forge: Forge;
}

export interface Pipeline {
  readonly id: number;
  readonly project: Project;
  readonly ref: string;
  readonly sha: string;
  readonly source: string;
  readonly by: Caller;
  readonly name: string | undefined;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly variables: readonly PipelineVariable[];
  readonly jobs: Job[];
  readonly createdAt: Date;
  /** Where a merge request of a fork is run in this project. */
  readonly fork: Project | undefined;
}

export interface PipelineVariable {
  readonly key: string;
  readonly value: string;
  readonly variable_type: "env_var" | "file";
}

export interface Job {
  readonly id: number;
  readonly pipeline: Pipeline;
  readonly name: string;
  readonly definition: Readonly<Record<string, unknown>>;
  status: string;
  failureReason: string | undefined;
  startedAt: Date | undefined;
  finishedAt: Date | undefined;
  /** Version of the machine's program; from 17 on it says when a cancelled job has ended. */
  runnerVersion: string;
  retried: boolean;
  /** A cancelled job is told here. */
  readonly cancel: AbortController;
}

const OVER = new Set(["success", "failed", "canceled", "skipped"]);

export function isOver(job: Job): boolean {
  return OVER.has(job.status);
}

/** The state of a pipeline follows from its jobs; what was run again does not count. */
export function pipelineStatus({ jobs }: Pipeline): string {
  const states = jobs.filter((job) => !job.retried).map(({ status }) => status);
  const order = [
    "running",
    "canceling",
    "pending",
    "waiting_for_resource",
    "preparing",
    "created",
    "scheduled",
    "manual",
    "failed",
    "canceled",
  ];
  const found = order.find((state) => states.includes(state));
  if (found !== undefined) return found;
  return states.includes("success") ? "success" : "skipped";
}

export function startJob(world: World, job: Job): void {
  if (job.status !== "pending") return;
  job.status = "running";
  job.startedAt = world.now();
  world.onMove(job);
}

export function finishJob(world: World, job: Job, status: string, reason?: string): void {
  job.status = status;
  job.failureReason = reason;
  job.finishedAt = world.now();
  world.onMove(job);
}

/** Run again: another job with another id in the same pipeline. */
export function retryJob(world: World, job: Job): Job {
  job.retried = true;
  const again = newJob(world, job.pipeline, job.name, job.definition);
  job.pipeline.jobs.push(again);
  world.onJob(again);
  return again;
}

export function newJob(
  world: World,
  pipeline: Pipeline,
  name: string,
  definition: Readonly<Record<string, unknown>>,
): Job {
  return {
    id: world.nextId++,
    pipeline,
    name,
    definition,
    status: "pending",
    failureReason: undefined,
    startedAt: undefined,
    finishedAt: undefined,
    runnerVersion: "19.5.0",
    retried: false,
    cancel: new AbortController(),
  };
}

export function cancelPipeline(world: World, pipeline: Pipeline): void {
  for (const job of pipeline.jobs) {
    if (isOver(job) || job.status === "canceling") continue;
    const graceful = job.status === "running" && Number.parseInt(job.runnerVersion, 10) >= 17;
    if (graceful) job.status = "canceling";
    else finishJob(world, job, "canceled");
    job.cancel.abort();
  }
}
