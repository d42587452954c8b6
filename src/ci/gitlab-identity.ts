import type { JWTPayload } from "jose";
import { z } from "zod";
import type { Instant } from "../base/brand.ts";
import { parseCommitSha } from "../core/ids.ts";
import type { ExpectedJob } from "../ports/ci.ts";
import { httpJwks } from "./fetch-jwks.ts";
import type { GitlabApi } from "./gitlab-api.ts";
import { JOB_NAMES, readAllJobs } from "./gitlab-jobs.ts";
import { type ClaimsRead, createIdentityVerifier, type Identify } from "./identity.ts";

export interface IdentifierOptions {
  readonly api: GitlabApi;
  /** Where GitLab is; its keys are published there. */
  readonly url: string;
  /** Exactly as in `iss`, where the instance gives its tokens another one than its own address. */
  readonly issuer?: string | undefined;
  readonly now: () => Instant;
  /** CI files of a project that may start our job. */
  readonly ciFiles: readonly string[];
}

const digits = z.string().regex(/^\d{1,20}$/);
const text = z.string().min(1).max(2_000);

const claimsSchema = z.object({
  project_id: digits,
  project_path: text,
  /** Whom the job belongs to; `project_*` names the fork where a merge request of one is run. Newer than the others. */
  job_project_id: digits.optional(),
  job_project_path: text.optional(),
  pipeline_id: digits,
  pipeline_source: text,
  job_id: digits,
  ref_path: text,
  ref_protected: z.string().max(10),
  sha: text,
  /** Null where the CI file is not one of the project. */
  ci_config_ref_uri: text.nullish(),
  ci_config_sha: text.nullish(),
});

export type Claims = z.infer<typeof claimsSchema>;

/** The only way in which we start pipelines. */
const SOURCE = "api";

/** Verifies `id_tokens` of GitLab CI jobs. Who somebody is called (`user_login`, …) is not even read. */
export function createIdentifier(options: IdentifierOptions): Identify {
  const { api, url, now, ciFiles } = options;
  return createIdentityVerifier({
    issuer: options.issuer ?? url,
    fetchJwks: httpJwks(`${url}/oauth/discovery/keys`),
    now,
    read: async (payload, expected) => {
      const parsed = parseClaims(payload);
      if (typeof parsed === "string") return refused(parsed);
      const wrong = objection(parsed, expected, { host: hostOf(url), ciFiles });
      if (wrong !== undefined) return refused(wrong);
      return await confirm(api, parsed, expected);
    },
  });
}

/** The claims, or what is wrong with them. */
function parseClaims(payload: JWTPayload): Claims | string {
  const claims = claimsSchema.safeParse(payload);
  if (claims.success) return claims.data;
  const names = claims.error.issues.map((issue) => issue.path.join(".")).join(", ");
  return `its claims ${names} are missing or malformed`;
}

/**
 * Why this is no job of ours. Whom the job belongs to is said by ids, for paths change hands; the path in
 * `ci_config_ref_uri` is GitLab's own for the project of this id at this moment.
 */
export function objection(
  claims: Claims,
  expected: ExpectedJob,
  allowed: { readonly host: string; readonly ciFiles: readonly string[] },
): string | undefined {
  const { job_project_id: own, project_id: named, pipeline_source: source } = claims;
  if (own === undefined && source.includes("merge_request")) {
    return "its pipeline is of a merge request, and without the claim job_project_id its project could be a fork";
  }
  if ((own ?? named) !== expected.repository.id) return "its job belongs to another project";
  if (named !== expected.repository.id) return `its pipeline runs code of the fork ${named}`;
  if (source !== SOURCE) return `its pipeline was started by ${source}, not by us`;
  const ref = `refs/heads/${expected.defaultBranch}`;
  if (claims.ref_path !== ref) {
    return `its job runs on ${claims.ref_path}, and only CI code of the default branch ${expected.defaultBranch} is trusted`;
  }
  if (claims.ref_protected !== "true") {
    return `its branch ${expected.defaultBranch} is not protected, so whoever may push decides what the job does; protect it in the project's settings`;
  }
  return wrongFile(claims, ref, allowed);
}

function wrongFile(
  claims: Claims,
  ref: string,
  { host, ciFiles }: { readonly host: string; readonly ciFiles: readonly string[] },
): string | undefined {
  const { ci_config_ref_uri: file, ci_config_sha: commit } = claims;
  if (file === undefined || file === null) {
    return "its CI configuration is not a file of its project";
  }
  const path = claims.job_project_path ?? claims.project_path;
  const own = ciFiles.map((name) => `${host}/${path}//${name}@${ref}`);
  if (!own.includes(file)) return `its CI file is ${file}, which is none of ${own.join(", ")}`;
  if (commit !== claims.sha) {
    return `its CI file is of the commit ${commit ?? "(none)"}, and its job of ${claims.sha}`;
  }
  return undefined;
}

/** A job that still runs; a machine may ask before GitLab shows it as running. */
const AT_WORK: ReadonlySet<string> = new Set(["pending", "running"]);

/**
 * No claim says that a job was run again: its pipeline stays the same and its id is new. GitLab is asked which jobs
 * the pipeline has, so also one that was run again before anybody claimed is known for what it is.
 */
async function confirm(
  api: GitlabApi,
  claims: Claims,
  { repository }: ExpectedJob,
): Promise<ClaimsRead> {
  const { pipeline_id: pipeline, job_id: id } = claims;
  const jobs = await readAllJobs(api, repository, pipeline);
  if (jobs.kind === "not_found") return refused(`its pipeline ${pipeline} is none of its project`);
  if (jobs.kind !== "ok") return { kind: "unavailable", message: jobs.message };
  const job = jobs.value.find((one) => one.id === id);
  if (job === undefined) return refused(`its job ${id} is none of the pipeline ${pipeline}`);
  if (!JOB_NAMES.has(job.name)) {
    const names = [...JOB_NAMES].join(" and ");
    return refused(`its job is called ${job.name}, and only ${names} may claim`);
  }
  if (!AT_WORK.has(job.status)) return refused(`its job is ${job.status} already`);
  const ours = jobs.value.filter(({ name }) => JOB_NAMES.has(name));
  return {
    kind: "ok",
    job: {
      repositoryId: repository.id,
      ciRun: pipeline,
      ciRunAttempt: ours.indexOf(job) + 1,
      workflowSha: parseCommitSha(claims.sha),
    },
  };
}

/** As GitLab writes it into `ci_config_ref_uri`: its address without the scheme. */
export function hostOf(url: string): string {
  return url.replace(/^https?:\/\//, "");
}

function refused(because: string): Extract<ClaimsRead, { readonly kind: "refused" }> {
  return { kind: "refused", because };
}
