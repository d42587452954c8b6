import { type JWTPayload, SignJWT } from "jose";
import type { Instant } from "../../base/brand.ts";
import type { CiJob } from "../../ports/ci.ts";
import type { ClaimsRead } from "../identity.ts";
import type { SigningKey } from "./signing-key.ts";

/** Long enough for a machine that is slow to start; the runner trades it in at once. */
export const TOKEN_SECONDS = 3_600;

export interface TokenDraft {
  readonly job: CiJob;
  readonly issuer: string;
  readonly audience: string;
  readonly id: string;
  readonly now: Instant;
}

/** The identity of a local job: the same claims that hosted CI systems give, signed by our own key. */
export function issueToken(key: SigningKey, draft: TokenDraft): Promise<string> {
  const { job } = draft;
  const now = Math.floor(draft.now / 1000);
  return new SignJWT({
    repository_id: job.repository.id,
    run_id: job.attempt,
    run_attempt: "1",
    event_name: "terrane",
    ref: `refs/heads/${job.defaultBranch}`,
  })
    .setProtectedHeader({ alg: "RS256", kid: key.kid, typ: "JWT" })
    .setIssuer(draft.issuer)
    .setSubject(`repository:${job.repository.id}:attempt:${job.attempt}`)
    .setAudience(draft.audience)
    .setJti(draft.id)
    .setIssuedAt(now)
    .setNotBefore(now)
    .setExpirationTime(now + TOKEN_SECONDS)
    .sign(key.sign);
}

/** The same claims read back. A job that was started again by hand is another job. */
export function readLocalClaims(claims: JWTPayload): ClaimsRead {
  const repositoryId = claims["repository_id"];
  const ciRun = claims["run_id"];
  if (typeof repositoryId !== "string" || repositoryId === "") return missing("repository_id");
  if (typeof ciRun !== "string" || ciRun === "") return missing("run_id");
  if (claims["run_attempt"] !== "1") return missing("run_attempt");
  if (claims["event_name"] !== "terrane") return missing("event_name");
  return {
    kind: "ok",
    job: { repositoryId, ciRun, ciRunAttempt: 1, workflowSha: undefined },
  };
}

function missing(claim: string): ClaimsRead {
  return { kind: "refused", because: `its claim ${claim} is not what it must be` };
}
