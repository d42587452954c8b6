import type { JWTPayload } from "jose";
import { z } from "zod";
import type { Instant } from "../base/brand.ts";
import { parseCommitSha } from "../core/ids.ts";
import type { ExpectedJob } from "../ports/ci.ts";
import { httpJwks } from "./fetch-jwks.ts";
import type { ActionsApi } from "./github-actions-api.ts";
import { createOwners } from "./github-actions-owner.ts";
import { type ClaimsRead, createIdentityVerifier, type Identify } from "./identity.ts";

export interface IdentifierOptions {
  readonly api: ActionsApi;
  readonly issuer: string;
  readonly now: () => Instant;
  /** File names below `.github/workflows`. */
  readonly workflows: readonly string[];
  /** Reusable workflows, `owner/repo/path@ref`. */
  readonly jobWorkflows?: readonly string[];
}

const digits = z.string().regex(/^\d{1,20}$/);
const text = z.string().min(1).max(2_000);

const claimsSchema = z.object({
  repository: text,
  repository_id: digits,
  repository_owner_id: digits,
  run_id: digits,
  run_attempt: digits,
  event_name: z.string().max(100),
  ref: text,
  workflow_ref: text,
  job_workflow_ref: text,
  workflow_sha: z.string().optional(),
});

type Claims = z.infer<typeof claimsSchema>;

/** Verifies identity tokens of GitHub Actions jobs. */
export function createIdentifier(options: IdentifierOptions): Identify {
  const fetchJwks = httpJwks(`${options.issuer}/.well-known/jwks`);
  const owners = createOwners(options.api, options.now);
  return createIdentityVerifier({
    issuer: options.issuer,
    fetchJwks,
    now: options.now,
    read: async (payload, expected) => {
      const parsed = parseClaims(payload);
      if (typeof parsed === "string") return { kind: "refused", because: parsed };
      const wrong = objection(parsed, expected, options);
      if (wrong !== undefined) return { kind: "refused", because: wrong };
      const owned = await owners.check(expected.repository, parsed.repository_owner_id);
      return owned.kind === "ok" ? { kind: "ok", job: jobOf(parsed) } : owned;
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
 * Why this is no job of ours. Whom the job belongs to is said by ids, for names change hands; the names in
 * `workflow_ref` are GitHub's own for the repository of this id at this moment.
 */
export function objection(
  claims: Claims,
  expected: ExpectedJob,
  allowed: Pick<IdentifierOptions, "workflows" | "jobWorkflows">,
): string | undefined {
  if (claims.repository_id !== expected.repository.id)
    return "its job belongs to another repository";
  // We start jobs in this one way; any other event can carry code of a pull request.
  if (claims.event_name !== "workflow_dispatch") {
    return `its job was started by ${claims.event_name}, not by us`;
  }
  const ref = `refs/heads/${expected.defaultBranch}`;
  if (claims.ref !== ref) {
    return `its job runs on ${claims.ref}, and only workflow code of the default branch ${expected.defaultBranch} is trusted`;
  }
  const own = allowed.workflows.map(
    (file) => `${claims.repository}/.github/workflows/${file}@${ref}`,
  );
  if (!own.includes(claims.workflow_ref)) {
    return `its workflow is ${claims.workflow_ref}, which is none of ${own.join(", ")}`;
  }
  const reusable = allowed.jobWorkflows ?? [];
  if (claims.job_workflow_ref === claims.workflow_ref) return undefined;
  if (reusable.includes(claims.job_workflow_ref)) return undefined;
  return `its job is in the workflow ${claims.job_workflow_ref}, which is not among GITHUB_JOB_WORKFLOWS`;
}

function jobOf(claims: Claims): Extract<ClaimsRead, { kind: "ok" }>["job"] {
  return {
    repositoryId: claims.repository_id,
    ciRun: claims.run_id,
    ciRunAttempt: Number(claims.run_attempt),
    workflowSha: parseCommitSha(claims.workflow_sha ?? ""),
  };
}
