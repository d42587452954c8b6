import type { JWTPayload } from "jose";
import { z } from "zod";
import type { Instant } from "../base/brand.ts";
import { parseCommitSha } from "../core/ids.ts";
import { httpJwks } from "./fetch-jwks.ts";
import { type ClaimsRead, createIdentityVerifier, type Identify } from "./identity.ts";

/** Of github.com; an Enterprise Server has it at `https://<host>/_services/token`. */
export const GITHUB_ISSUER = "https://token.actions.githubusercontent.com";

const digits = z.string().regex(/^\d{1,20}$/);

const claimsSchema = z.object({
  repository_id: digits,
  run_id: digits,
  run_attempt: digits,
  event_name: z.string().max(100),
  workflow_sha: z.string().optional(),
});

/** Verifies identity tokens of GitHub Actions jobs. */
export function createIdentifier(issuer: string, now: () => Instant): Identify {
  const fetchJwks = httpJwks(`${issuer}/.well-known/jwks`);
  return createIdentityVerifier({ issuer, fetchJwks, now, read: readClaims });
}

/** Names of repositories and branches are in there too, but names change hands: only ids are read. */
export function readClaims(payload: JWTPayload): ClaimsRead {
  const claims = claimsSchema.safeParse(payload);
  if (!claims.success) {
    const names = claims.error.issues.map((issue) => issue.path.join(".")).join(", ");
    return { kind: "refused", because: `its claims ${names} are missing or malformed` };
  }
  const { event_name: event, repository_id, run_id, run_attempt, workflow_sha } = claims.data;
  // We start jobs in this one way; any other event can carry code of a pull request.
  if (event !== "workflow_dispatch") {
    return { kind: "refused", because: `its job was started by ${event}, not by us` };
  }
  return {
    kind: "ok",
    job: {
      repositoryId: repository_id,
      ciRun: run_id,
      ciRunAttempt: Number(run_attempt),
      workflowSha: parseCommitSha(workflow_sha ?? ""),
    },
  };
}
