import type { SetupCloud, Trust, TrustRequest } from "../../cli/setup/offer.ts";
import { type TrustedForge, type TrustedJobs, trustedForge } from "./trusted.ts";

const AUDIENCE = "sts.amazonaws.com";

export const aws: SetupCloud = { name: "aws", trust };

function trust(request: TrustRequest): Trust {
  const { account, format } = request;
  if (account === undefined) return { kind: "missing", option: "--account" };
  const forge = trustedForge(request);
  const { issuer, jobs } = forge;
  const policies = Object.fromEntries(jobs.map((one) => [one.role, policy(account, forge, one)]));
  const audiences = new Set(jobs.map((one) => forge.audience(AUDIENCE, one)));
  const notes = [
    ...forge.subjectNotes(AUDIENCE),
    `The provider ${issuer} with the audience ${[...audiences].join(" and ")} has to be in the account once.`,
    "Give the role that plans read access to what the code manages, and both access to the state.",
  ];
  const text = format === "hcl" ? hcl(account, forge) : JSON.stringify(policies, undefined, 2);
  return { kind: "ok", text, notes };
}

function policy(account: string, forge: TrustedForge, job: TrustedJobs): object {
  const host = forge.issuer.replace("https://", "");
  const audience = forge.audience(AUDIENCE, job);
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${host}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        // Compared as they are: a pattern would also fit what somebody else can choose.
        Condition: { StringEquals: { [`${host}:aud`]: audience, [`${host}:sub`]: job.subject } },
      },
    ],
  };
}

function hcl(account: string, forge: TrustedForge): string {
  const roles = forge.jobs.map(
    (one) => `resource "aws_iam_role" "terrane_${one.role}" {
  name               = "terrane-${one.role}"
  assume_role_policy = jsonencode(${indented(policy(account, forge, one))})
}
`,
  );
  return roles.join("\n");
}

/** JSON is an expression of the language too. */
function indented(value: object): string {
  return JSON.stringify(value, undefined, 2).replaceAll("\n", "\n  ");
}
