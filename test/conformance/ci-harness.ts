import type { Ci, CiIdentity, CiJob } from "../../src/ports/ci.ts";
import type { TokenChange } from "../support/token-issuer.ts";

/** What the suite needs to stand on the other side of a CI system. */
export interface CiHarness {
  readonly ci: Ci;
  /** A job that nobody has started; each has an attempt of its own. */
  newJob(): CiJob;
  /** How many times the CI system really ran the job. */
  starts(job: CiJob): Promise<number>;
  /** Lets a running job come to its end. */
  finish(job: CiJob, outcome: "success" | "failure"): Promise<void>;
  readonly identity: CiIdentityHarness;
  close(): Promise<void>;
}

export interface CiIdentityHarness {
  readonly audience: string;
  /** What the CI system would issue for this job now, with what the test changes about it. */
  token(job: CiJob, change?: TokenChange): Promise<string>;
  /** What the token proves, as far as it does not differ from token to token. */
  expected(job: CiJob): Omit<CiIdentity, "tokenId" | "expiresAtMs">;
  /** Each of these claims alone, changed so, must make the token worthless. */
  readonly worthless: readonly { readonly claim: string; readonly value: unknown }[];
  /** Moves the verifier's clock. */
  advance(ms: number): void;
}
