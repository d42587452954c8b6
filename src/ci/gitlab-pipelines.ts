import { z } from "zod";
import type { Instant } from "../base/brand.ts";
import type { AttemptId } from "../core/ids.ts";
import type { Ci, CiJob, CiStart, CiStatus } from "../ports/ci.ts";
import type { RepositoryRef, VcsFailure, VcsResult } from "../ports/vcs.ts";
import { type GitlabApi, projectPath } from "./gitlab-api.ts";
import { createIdentifier } from "./gitlab-identity.ts";
import { idSchema, readJobs, unreadable } from "./gitlab-jobs.ts";
import { stageOf, statusOfEmptyPipeline, statusOfJobs } from "./gitlab-states.ts";
import { startOnce } from "./start-once.ts";

export interface GitlabPipelinesOptions {
  readonly api: GitlabApi;
  /** Where GitLab is, without `/api/v4` and without a slash at the end. */
  readonly url: string;
  /** Who signs the identity tokens of the jobs, where it is not `url`. */
  readonly issuer?: string;
  readonly now: () => Instant;
  /**
   * How a job is told its attempt. `inputs` change nothing but what the CI file declares; `variables` are for a
   * GitLab before 17.10 and override whatever has the same name.
   */
  readonly parameters?: "inputs" | "variables";
  /** CI files of a project that may start our job. */
  readonly ciFiles?: readonly string[];
}

const CI_FILES = [".gitlab-ci.yml"];
const TITLE_CHARS_MAX = 200;
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
    start: startOnce((job) => start(api, job, parameters)),
    status: (repo, attempt, ciRun) => status(api, now, repo, attempt, ciRun),
    cancel: (repo, attempt, ciRun) => cancel(api, repo, attempt, ciRun),
    identify: createIdentifier({ ...options, ciFiles }),
  };
}

async function start(
  api: GitlabApi,
  job: CiJob,
  parameters: "inputs" | "variables",
): Promise<CiStart> {
  // The answer to an earlier call may have been lost: then the pipeline is there.
  const earlier = await findPipeline(api, job.repository, job.attempt);
  if (earlier.kind !== "ok") return earlier;
  if (earlier.value !== undefined) return started(earlier.value);
  const words = told(job, parameters);
  if (typeof words === "string") return { kind: "rejected", message: words };
  const answer = await api.send(job.repository, {
    method: "POST",
    path: projectPath(job.repository.id, "/pipeline"),
    body: { ref: job.defaultBranch, ...words },
  });
  if (answer.kind === "rejected") return { ...answer, message: withAdvice(answer.message) };
  if (answer.kind !== "ok") return answer;
  const pipeline = pipelineSchema.safeParse(answer.value);
  return pipeline.success ? started(pipeline.data) : unreadable("the new pipeline");
}

function started(pipeline: Pipeline): CiStart {
  return { kind: "started", ciRun: pipeline.id, url: pipeline.web_url };
}

/**
 * What the job is told, or why it cannot be. The attempt says which job it is and opens nothing by itself (P6). An
 * environment or a machine that cannot be asked for is never left out: the job would have other secrets.
 */
function told(
  job: CiJob,
  parameters: "inputs" | "variables",
): Readonly<Record<string, unknown>> | string {
  if (job.environment === NO_ENVIRONMENT) {
    return `An environment cannot be called ${NO_ENVIRONMENT}: that is how the CI file is told that there is none.`;
  }
  const tags = job.runsOn === undefined ? undefined : tagsOf(job.runsOn);
  if (typeof tags === "string") return tags;
  const inputs = {
    attempt: job.attempt,
    server_url: job.serverUrl,
    title: job.title.slice(0, TITLE_CHARS_MAX),
    ...(job.environment === undefined ? {} : { environment: job.environment }),
  };
  const secret = job.code === undefined ? [] : [codeVariable(job.code)];
  if (parameters === "inputs") {
    const variables = secret.length === 0 ? {} : { variables: secret };
    return { inputs: { ...inputs, ...(tags && { runs_on: tags }) }, ...variables };
  }
  if (tags !== undefined) {
    return "The tags of `runs_on` travel as an input only, and this server is set to use variables.";
  }
  const entries = Object.entries(inputs);
  const plain = entries.map(([name, value]) => ({ key: VARIABLES[name], value }));
  return { variables: [...plain, ...secret] };
}

/** As a file: then the environment of the job, which scripts like to print, has its place and not what is in it. */
function codeVariable(value: string): Readonly<Record<string, string>> {
  return { key: "TERRANE_CODE_FILE", value, variable_type: "file" };
}

const NO_ENVIRONMENT = "none";
const tagsSchema = z.union([
  z.string().transform((tag) => [tag]),
  z.array(z.string().min(1).max(255)).max(100),
]);

/** `runs_on` is the name of a runner or a list of its labels; here that is a list of tags. */
function tagsOf(runsOn: string): readonly string[] | string {
  try {
    const tags = tagsSchema.safeParse(JSON.parse(runsOn));
    if (tags.success) return tags.data;
  } catch {
    // Said below.
  }
  return `\`runs_on\` is ${runsOn}, which is neither a tag nor a list of tags.`;
}

/** The names that the CI file with variables reads. */
const VARIABLES: Readonly<Record<string, string>> = {
  attempt: "TERRANE_ATTEMPT",
  server_url: "TERRANE_STARTED_BY",
  title: "TERRANE_TITLE",
  environment: "TERRANE_ENVIRONMENT",
};

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
  const found = list.data.findLast(({ name }) => name?.includes(attempt) === true);
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
  if (pipeline.kind !== "ok") return { kind: "unknown", message: pipeline.message };
  if (pipeline.value === undefined) return { kind: "unknown", message: NOT_FOUND };
  const jobs = await readJobs(api, repository, pipeline.value.id);
  if (jobs.kind !== "ok") return { kind: "unknown", message: jobs.message };
  const [first, ...others] = jobs.value;
  if (first === undefined) return statusOfEmptyPipeline(pipeline.value.status);
  return statusOfJobs([first, ...others], now());
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
