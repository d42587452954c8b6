import { type TokenChange, TokenIssuer } from "../token-issuer.ts";
import type { Job, World } from "./world.ts";

const NOT_BEFORE_SECONDS = 5;
/** The timeout of the job; five minutes where it has none. */
const TOKEN_LIFE_SECONDS = 3_600;

/** The identity provider of an instance: tokens with the claims that GitLab's own code puts in. */
export class Oidc extends TokenIssuer {
  /** The setting `ci_id_tokens.issuer_url` of an instance. */
  issuer: string | undefined;

  /** A token as this job gets it; changed, for tests of what must be refused. */
  async token(world: World, job: Job, audience: string, change?: TokenChange): Promise<string> {
    const now = Math.floor(world.now().getTime() / 1000);
    const own = {
      ...claimsOf(world, job),
      iss: this.issuer ?? world.origin,
      iat: now,
      nbf: now - NOT_BEFORE_SECONDS,
      exp: now + TOKEN_LIFE_SECONDS,
      aud: audience,
    };
    return await this.sign(own, change);
  }
}

/** `project_*` names the fork where its merge request is run, `job_project_*` whom the job belongs to. */
function claimsOf(world: World, job: Job): Record<string, unknown> {
  const { pipeline } = job;
  const { project, by } = pipeline;
  const source = pipeline.fork ?? project;
  const refPath = `refs/heads/${pipeline.ref}`;
  const host = world.origin.replace(/^https?:\/\//, "");
  const [namespace = ""] = source.path.split(/\/[^/]+$/);
  return {
    namespace_id: "7",
    namespace_path: namespace,
    project_id: String(source.id),
    project_path: source.path,
    job_namespace_id: "7",
    job_namespace_path: project.path.split(/\/[^/]+$/)[0],
    job_project_id: String(project.id),
    job_project_path: project.path,
    user_id: String(by.id),
    user_login: by.login,
    user_email: `${by.login}@example.test`,
    user_access_level: by.role,
    pipeline_id: String(pipeline.id),
    pipeline_source: pipeline.source,
    job_id: String(job.id),
    ref: pipeline.ref,
    ref_type: "branch",
    ref_path: refPath,
    ref_protected: String(project.protectedBranches.has(pipeline.ref)),
    runner_id: 1,
    runner_environment: "self-hosted",
    sha: pipeline.sha,
    project_visibility: "private",
    ci_config_ref_uri: `${host}/${project.path}//.gitlab-ci.yml@${refPath}`,
    ci_config_sha: pipeline.sha,
    sub: `project_path:${source.path}:ref_type:branch:ref:${pipeline.ref}`,
  };
}
