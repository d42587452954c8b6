import { z } from "zod";
import type { Instant } from "../base/brand.ts";
import type { AttemptId } from "../core/ids.ts";
import type { Ci, CiJob, CiStart, CiStatus, ExistingRunner } from "../ports/ci.ts";
import type { RepositoryRef, VcsFailure, VcsResult } from "../ports/vcs.ts";
import { type GitlabApi, projectPath } from "./gitlab-api.ts";
import { existingAdvice, findExistingRunner, toldExisting } from "./gitlab-existing.ts";
import { createIdentifier } from "./gitlab-identity.ts";
import { idSchema, isOurs, pipelineOfJob, readAllJobs, unreadable } from "./gitlab-jobs.ts";
import { stageOf, statusOfAnyJobs, statusOfEmptyPipeline, statusOfJobs } from "./gitlab-states.ts";
import { type Parameters, told } from "./gitlab-told.ts";
import { namesAttempt } from "./names-attempt.ts";
import { startOnce } from "./start-once.ts";
import { statusOfFailure } from "./status-of-failure.ts";

export interface GitlabPipelinesOptions {
  readonly api: GitlabApi;
  /** Where GitLab is, without `/api/v4` and without a slash at the end. */
  readonly url: string;
  /** Who signs the identity tokens of the jobs, where it is not `url`. */
  readonly issuer?: string;
  readonly now: () => Instant;
  readonly parameters?: Parameters;
  /** CI files of a project that may start our job. */
  readonly ciFiles?: readonly string[];
}

const CI_FILES = [".gitlab-ci.yml"];
/** As many of the newest pipelines are looked through for an attempt. */
const PIPELINES_LOOKED_AT = 100;

const pipelineSchema = z.object({
  id: idSchema,
  status: z.string(),
  web_url: z.string(),
  name: z.string().nullish(),
});

type Pipeline = z.infer<typeof pipelineSchema>;

/** Runs jobs as GitLab CI pipelines, always with the CI file of the default branch. */
export function createGitlabPipelines(options: GitlabPipelinesOptions): Ci {
  const { api, now, ciFiles = CI_FILES, parameters = "inputs" } = options;
  return {
    kind: "gitlab-ci",
    files: [...ciFiles, ".gitlab/terrane.yml"],
    // In a variable of the one pipeline that it is for; a variable of the project would be seen by all of its jobs.
    deliversCodes: true,
    start: startOnce((job) => {
      const how = { parameters, ciFiles };
      return job.existing === undefined
        ? start(api, job, how)
        : startExisting(api, job, job.existing, parameters);
    }),
    status: (repo, attempt, ciRun) => status(api, now, repo, attempt, ciRun),
    cancel: (repo, attempt, ciRun) => cancel(api, repo, attempt, ciRun),
    runOfJob: pipelineOfJob(api),
    identify: createIdentifier({ ...options, ciFiles }),
  };
}

interface How {
  readonly parameters: Parameters;
  readonly ciFiles: readonly string[];
}

async function start(api: GitlabApi, job: CiJob, how: How): Promise<CiStart> {
  // The answer to an earlier call may have been lost: then the pipeline is there.
  const earlier = await findPipeline(api, job.repository, job.attempt);
  if (earlier.kind !== "ok") return earlier;
  if (earlier.value !== undefined) return started(earlier.value);
  const { repository, defaultBranch } = job;
  const { parameters, ciFiles } = how;
  const find = () => findExistingRunner(api, repository, defaultBranch, ciFiles);
  // Variables that a CI file does not know are no reason for GitLab to refuse, and other jobs may be in it.
  const existing = parameters === "variables" ? await find() : undefined;
  if (existing !== undefined) return existing;
  const words = told(job, parameters);
  if (typeof words === "string") return { kind: "rejected", message: words };
  const answer = await create(api, job, defaultBranch, words);
  if (answer.kind !== "rejected") return answer;
  const other = parameters === "inputs" ? await find() : undefined;
  return other ?? { ...answer, message: withAdvice(answer.message) };
}

/** Its name says nothing of the attempt, so an earlier pipeline of it cannot be found; only one of them gets the work. */
async function startExisting(
  api: GitlabApi,
  job: CiJob,
  existing: ExistingRunner,
  parameters: Parameters,
): Promise<CiStart> {
  const words = toldExisting(job, existing, parameters);
  if (typeof words === "string") return { kind: "rejected", message: words };
  const answer = await create(api, job, existing.branch, words);
  if (answer.kind !== "rejected") return answer;
  const advice = existingAdvice(answer.message, existing.branch, job.defaultBranch);
  const message = advice === "" ? withAdvice(answer.message) : `${answer.message} ${advice}`;
  return { ...answer, message };
}

async function create(
  api: GitlabApi,
  { repository }: CiJob,
  ref: string,
  words: Readonly<Record<string, unknown>>,
): Promise<Exclude<CiStart, { kind: "existing_runner" }>> {
  const answer = await api.send(repository, {
    method: "POST",
    path: projectPath(repository.id, "/pipeline"),
    body: { ref, ...words },
  });
  if (answer.kind !== "ok") return answer;
  const pipeline = pipelineSchema.safeParse(answer.value);
  return pipeline.success ? started(pipeline.data) : unreadable("the new pipeline");
}

function started(pipeline: Pipeline): Extract<CiStart, { kind: "started" }> {
  return { kind: "started", ciRun: pipeline.id, url: pipeline.web_url };
}

/** What people can do about a refusal that they meet while they set a project up. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /Missing .*CI.* (?:file|config)/i,
    "Run `terrane setup gitlab` in a checkout and push what it writes to the default branch.",
  ],
  [
    /inputs not defined|required value has not been provided|unknown input/i,
    "The project's .gitlab-ci.yml does not take Terrane's inputs: `terrane setup gitlab` says which lines to add.",
  ],
  [
    /set pipeline variables/i,
    "Allow the token's role to set pipeline variables: Settings, CI/CD, Variables.",
  ],
  [
    /identity verification/i,
    "GitLab wants the account that the server's token belongs to verified before it runs jobs: sign in as that account and follow what GitLab shows.",
  ],
  [
    /rules configuration|would have been empty|No stages/i,
    "The project's CI file leaves out the job `terrane`: look at the rules of its workflow.",
  ],
];

function withAdvice(message: string): string {
  const advice = ADVICE.find(([pattern]) => pattern.test(message))?.[1];
  return advice === undefined ? message : `${message} ${advice}`;
}

/** The pipeline of an attempt by its name, which the CI file sets from its input (`workflow:name`). */
async function findPipeline(
  api: GitlabApi,
  repository: RepositoryRef,
  attempt: AttemptId,
): Promise<VcsResult<Pipeline | undefined>> {
  const answer = await api.send(repository, {
    method: "GET",
    path: projectPath(repository.id, "/pipelines"),
    query: { source: "api", order_by: "id", sort: "desc", per_page: String(PIPELINES_LOOKED_AT) },
  });
  if (answer.kind !== "ok") return answer;
  const list = z.array(pipelineSchema).safeParse(answer.value);
  if (!list.success) return unreadable("pipelines");
  // Newest first. Whoever can start pipelines can copy a name, but only after ours was there to be read.
  const found = list.data.findLast(({ name }) => namesAttempt(name ?? "", attempt));
  return { kind: "ok", value: found };
}

async function readPipeline(
  api: GitlabApi,
  repository: RepositoryRef,
  attempt: AttemptId,
  ciRun: string | undefined,
): Promise<VcsResult<Pipeline | undefined>> {
  if (ciRun === undefined) return await findPipeline(api, repository, attempt);
  const path = projectPath(repository.id, `/pipelines/${encodeURIComponent(ciRun)}`);
  const answer = await api.send(repository, { method: "GET", path });
  if (answer.kind !== "ok") return answer;
  const pipeline = pipelineSchema.safeParse(answer.value);
  return pipeline.success ? { kind: "ok", value: pipeline.data } : unreadable("a pipeline");
}

const NOT_FOUND = "No pipeline carries the id of this attempt.";

async function status(
  api: GitlabApi,
  now: () => Instant,
  repository: RepositoryRef,
  attempt: AttemptId,
  ciRun: string | undefined,
): Promise<CiStatus> {
  const pipeline = await readPipeline(api, repository, attempt, ciRun);
  if (pipeline.kind !== "ok") return statusOfFailure(pipeline);
  if (pipeline.value === undefined) return { kind: "unknown", message: NOT_FOUND };
  const { id, name, status: state } = pipeline.value;
  const jobs = await readAllJobs(api, repository, id);
  if (jobs.kind !== "ok") return statusOfFailure(jobs);
  const [ours, ...others] = jobs.value.filter(isOurs);
  if (ours !== undefined) return statusOfJobs([ours, ...others], now());
  // The job of an existing runner is called as people like, and nothing in its pipeline names the attempt.
  const [first, ...more] = namesAttempt(name ?? "", attempt) ? [] : jobs.value;
  if (first === undefined) return statusOfEmptyPipeline(state);
  return statusOfAnyJobs([first, ...more], now());
}

/** A pipeline that is over already is as good as cancelled. */
async function cancel(
  api: GitlabApi,
  repository: RepositoryRef,
  attempt: AttemptId,
  ciRun: string | undefined,
): Promise<void | VcsFailure> {
  const pipeline = await readPipeline(api, repository, attempt, ciRun);
  if (pipeline.kind !== "ok") return pipeline;
  if (pipeline.value === undefined) return { kind: "not_found", message: NOT_FOUND };
  const { id, status: state } = pipeline.value;
  if (stageOf(state) === "over") return undefined;
  const path = projectPath(repository.id, `/pipelines/${id}/cancel`);
  const answer = await api.send(repository, { method: "POST", path });
  return answer.kind === "ok" ? undefined : answer;
}
