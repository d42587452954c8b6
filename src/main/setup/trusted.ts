import type { TrustRequest } from "../../cli/setup/offer.ts";
import { trustedGithub } from "./trusted-github.ts";
import { trustedGitlab } from "./trusted-gitlab.ts";

export interface TrustedJobs {
  readonly role: "plan" | "apply";
  readonly environment: string | undefined;
  /** The claim `sub` of their tokens. */
  readonly subject: string;
}

/** What a cloud can compare of the tokens of a forge's jobs. */
export interface TrustedForge {
  readonly issuer: string;
  /** The jobs of both roles, as their tokens describe them. */
  readonly jobs: readonly [TrustedJobs, TrustedJobs];
  /** Whom the token of a job is made out to, for a cloud that is known by this one. */
  audience(own: string, job: TrustedJobs): string;
  /** For clouds that compare any claim, in their language: a subject, and what has to hold besides. */
  readonly shortSubject: string;
  readonly condition: string;
  /** What to know where a cloud compares nothing but the audience and the subject. */
  subjectNotes(audience: string): readonly string[];
  /** The same for clouds that compare any claim. */
  readonly environmentNotes: readonly string[];
  /** What the job needs to have a token for this audience at all. */
  tokenNotes(audience: string): readonly string[];
}

export function trustedForge(request: TrustRequest): TrustedForge {
  return request.forge === "gitlab" ? trustedGitlab(request) : trustedGithub(request);
}
