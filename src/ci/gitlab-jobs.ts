import { z } from "zod";
import type { RepositoryRef, VcsFailure, VcsResult } from "../ports/vcs.ts";
import { type GitlabApi, projectPath } from "./gitlab-api.ts";

/**
 * Jobs of a pipeline that work for us, as the shipped CI file calls them. A pipeline that we start also has what
 * else its project's CI file adds to it.
 */
export const JOB_NAMES: ReadonlySet<string> = new Set(["terrane", "terrane:environment"]);

const PAGE = 100;
const PAGES_MAX = 10;

export const idSchema = z.union([z.number().int(), z.bigint()]).transform(String);

const jobSchema = z.object({
  id: idSchema,
  name: z.string(),
  status: z.string(),
  failure_reason: z.string().nullish(),
  started_at: z.string().nullish(),
  finished_at: z.string().nullish(),
  /** The program that ran it, with its version. */
  runner_manager: z.object({ version: z.string().nullish() }).nullish(),
});

export type GitlabJob = z.infer<typeof jobSchema>;

const jobsSchema = z.array(jobSchema);

export function isOurs({ name }: GitlabJob): boolean {
  return JOB_NAMES.has(name);
}

/** Every job of a pipeline, oldest first, also those that were run again. */
export async function readAllJobs(
  api: GitlabApi,
  repository: RepositoryRef,
  pipeline: string,
): Promise<VcsResult<readonly GitlabJob[]>> {
  const jobs: GitlabJob[] = [];
  for (let page = 1; page <= PAGES_MAX; page++) {
    const answer = await api.send(repository, {
      method: "GET",
      path: projectPath(repository.id, `/pipelines/${encodeURIComponent(pipeline)}/jobs`),
      query: { include_retried: "true", per_page: String(PAGE), page: String(page) },
    });
    if (answer.kind !== "ok") return answer;
    const parsed = jobsSchema.safeParse(answer.value);
    if (!parsed.success) return unreadable("jobs");
    jobs.push(...parsed.data);
    if (parsed.data.length < PAGE) return { kind: "ok", value: jobs.toSorted(byId) };
  }
  const message = `The pipeline ${pipeline} has more than ${PAGE * PAGES_MAX} jobs.`;
  return { kind: "rejected", message };
}

const ofPipelineSchema = z.object({ pipeline: z.object({ id: idSchema }) });
/** A job stays in its pipeline for ever, and whoever waits for an answer asks again and again. */
const KNOWN_MAX = 1_000;

/** Which pipeline a job is of; `not_found` where the project has no such job. */
export function pipelineOfJob(
  api: GitlabApi,
): (repository: RepositoryRef, job: string) => Promise<VcsResult<string>> {
  const known = new Map<string, string>();
  return async (repository, job) => {
    if (!/^\d{1,20}$/.test(job)) return { kind: "not_found", message: "That is no id of a job." };
    const key = `${repository.id} ${job}`;
    const before = known.get(key);
    if (before !== undefined) return { kind: "ok", value: before };
    const path = projectPath(repository.id, `/jobs/${job}`);
    const answer = await api.send(repository, { method: "GET", path });
    if (answer.kind !== "ok") return answer;
    const parsed = ofPipelineSchema.safeParse(answer.value);
    if (!parsed.success) return unreadable("a job");
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(key, parsed.data.pipeline.id);
    return { kind: "ok", value: parsed.data.pipeline.id };
  };
}

function byId(one: GitlabJob, other: GitlabJob): number {
  const difference = BigInt(one.id) - BigInt(other.id);
  return difference < 0n ? -1 : Number(difference > 0n);
}

export function unreadable(what: string): VcsFailure {
  const message = `GitLab's answer about ${what} cannot be read.`;
  return { kind: "unavailable", message, retryAfterMs: undefined };
}
