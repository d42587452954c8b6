import { createPublicKey, generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { fullName, type WorkflowRun, type World } from "./world.ts";

interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
}

export interface TokenChange {
  /** `undefined` removes the claim. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Another key under the issuer's key id, or under one that the issuer does not publish. */
  readonly signedBy?: "issuer" | "other_key" | "unknown_key";
}

const TOKEN_LIFE_SECONDS = 300;

/** GitHub Actions' identity provider: keys that rotate, tokens with GitHub's claims. */
export class Oidc {
  readonly #keys: SigningKey[] = [newKey()];

  /** New tokens are signed with a new key; `forget` also takes the old one out of the published set. */
  rotate(forget = false): void {
    if (forget) this.#keys.length = 0;
    this.#keys.unshift(newKey());
  }

  keySet(): { readonly keys: readonly unknown[] } {
    return {
      keys: this.#keys.map((key) => ({
        ...createPublicKey(key.privateKey).export({ format: "jwk" }),
        kid: key.kid,
        use: "sig",
        alg: "RS256",
      })),
    };
  }

  /** A token as a job of this run gets it; changed, for tests of what must be refused. */
  async token(
    world: World,
    run: WorkflowRun,
    audience: string,
    { claims = {}, signedBy = "issuer" }: TokenChange = {},
  ): Promise<string> {
    const own = this.#keys[0] ?? newKey();
    const signer = signedBy === "issuer" ? own : newKey();
    const kid = signedBy === "unknown_key" ? signer.kid : own.kid;
    const now = Math.floor(world.now().getTime() / 1000);
    return await new SignJWT({
      ...claimsOf(world, run),
      jti: randomUUID(),
      aud: audience,
      iss: issuerOf(world),
      iat: now,
      nbf: now - TOKEN_LIFE_SECONDS,
      exp: now + TOKEN_LIFE_SECONDS,
      ...claims,
    })
      .setProtectedHeader({ alg: "RS256", typ: "JWT", kid })
      .sign(signer.privateKey);
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

function newKey(): SigningKey {
  return {
    kid: randomUUID(),
    privateKey: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
  };
}
