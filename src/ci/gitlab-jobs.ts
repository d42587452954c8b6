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

/** Our jobs of a pipeline, oldest first, also those that were run again. */
export async function readJobs(
  api: GitlabApi,
  repository: RepositoryRef,
  pipeline: string,
): Promise<VcsResult<readonly GitlabJob[]>> {
  const all = await readAllJobs(api, repository, pipeline);
  if (all.kind !== "ok") return all;
  return { kind: "ok", value: all.value.filter(({ name }) => JOB_NAMES.has(name)) };
}

/** Every job of a pipeline, oldest first. */
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

function byId(one: GitlabJob, other: GitlabJob): number {
  const difference = BigInt(one.id) - BigInt(other.id);
  return difference < 0n ? -1 : Number(difference > 0n);
}

export function unreadable(what: string): VcsFailure {
  const message = `GitLab's answer about ${what} cannot be read.`;
  return { kind: "unavailable", message, retryAfterMs: undefined };
}
