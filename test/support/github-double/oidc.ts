import { type TokenChange, TokenIssuer } from "../token-issuer.ts";
import { fullName, type WorkflowRun, type World } from "./world.ts";

const TOKEN_LIFE_SECONDS = 300;

/** GitHub Actions' identity provider: tokens with GitHub's claims. */
export class Oidc extends TokenIssuer {
  /** A token as a job of this run gets it; changed, for tests of what must be refused. */
  async token(
    world: World,
    run: WorkflowRun,
    audience: string,
    change?: TokenChange,
  ): Promise<string> {
    const now = Math.floor(world.now().getTime() / 1000);
    const own = {
      ...claimsOf(world, run),
      aud: audience,
      iss: issuerOf(world),
      iat: now,
      nbf: now - TOKEN_LIFE_SECONDS,
      exp: now + TOKEN_LIFE_SECONDS,
    };
    return await this.sign(own, change);
  }
}

/** Where GitHub Enterprise Server has it, so that one double serves API, git and identity. */
export function issuerOf(world: World): string {
  return `${world.origin}/_services/token`;
}

function claimsOf(world: World, run: WorkflowRun): Record<string, unknown> {
  const repository = run.repository;
  const name = fullName(repository);
  const workflowRef = `${name}/${run.workflow.path}@refs/heads/${run.ref}`;
  return {
    sub: `repo:${name}:ref:refs/heads/${run.ref}`,
    ref: `refs/heads/${run.ref}`,
    ref_protected: String(repository.protections.has(run.ref)),
    ref_type: "branch",
    sha: run.sha,
    repository: name,
    repository_id: String(repository.id),
    repository_owner: repository.owner.login,
    repository_owner_id: String(repository.owner.id),
    repository_visibility: repository.private ? "private" : "public",
    run_id: String(run.id),
    run_number: String(run.number),
    run_attempt: String(run.attempt),
    actor: run.actor.login,
    actor_id: String(run.actor.id),
    workflow: run.workflowName,
    workflow_ref: workflowRef,
    workflow_sha: run.sha,
    job_workflow_ref: workflowRef,
    job_workflow_sha: run.sha,
    head_ref: "",
    base_ref: "",
    event_name: run.event,
    runner_environment: "github-hosted",
    environment: undefined,
  };
}
