import type { SetupCloud, Trust, TrustRequest } from "../../cli/setup/offer.ts";
import { environmentNotes, ISSUER, subjectNotes, type TrustedJobs, trustedJobs } from "./jobs.ts";

const AUDIENCE = "sts.amazonaws.com";
const HOST = ISSUER.replace("https://", "");

export const aws: SetupCloud = { name: "aws", trust };

function trust(request: TrustRequest): Trust {
  const { account, format } = request;
  if (account === undefined) return { kind: "missing", option: "--account" };
  const jobs = trustedJobs(request);
  const policies = Object.fromEntries(jobs.map((one) => [one.role, policy(account, one)]));
  const notes = [
    ...subjectNotes(request),
    ...environmentNotes(request),
    `The provider ${ISSUER} with the audience ${AUDIENCE} has to be in the account once.`,
    "Give the role that plans read access to what the code manages, and both access to the state.",
  ];
  const text = format === "hcl" ? hcl(account, jobs) : JSON.stringify(policies, undefined, 2);
  return { kind: "ok", text, notes };
}

function policy(account: string, { subject }: TrustedJobs): object {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${HOST}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        // Compared as they are: a pattern would also fit what somebody else can choose.
        Condition: { StringEquals: { [`${HOST}:aud`]: AUDIENCE, [`${HOST}:sub`]: subject } },
      },
    ],
  };
}

function hcl(account: string, jobs: readonly TrustedJobs[]): string {
  const roles = jobs.map(
    (one) => `resource "aws_iam_role" "terrane_${one.role}" {
  name               = "terrane-${one.role}"
  assume_role_policy = jsonencode(${indented(policy(account, one))})
}
`,
  );
  return roles.join("\n");
}

/** JSON is an expression of the language too. */
function indented(value: object): string {
  return JSON.stringify(value, undefined, 2).replaceAll("\n", "\n  ");
}
