import { expect, test } from "vitest";
import { aTrustRequest } from "../../../test/support/trust-request.ts";
import type { TrustRequest } from "../../cli/setup/offer.ts";
import { aws } from "./aws.ts";
import { azure } from "./azure.ts";
import { gcp } from "./gcp.ts";

const REQUEST = aTrustRequest({ forge: "github", repository: "acme/infra" });
const WORKFLOW = "acme/infra/.github/workflows/terrane.yml@refs/heads/main";

function textOf(cloud: typeof aws, request: Partial<TrustRequest> = {}) {
  const trust = cloud.trust({ ...REQUEST, ...request });
  if (trust.kind === "missing") throw new Error(`${trust.option} is missing`);
  return trust;
}

test("AWS: each role compares audience and subject exactly, and the subject names the workflow file", () => {
  const policies = JSON.parse(textOf(aws).text) as Record<string, unknown>;
  const expected = (context: string) => ({
    Statement: [
      {
        Effect: "Allow",
        Principal: {
          Federated: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
        },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": `repo:acme/infra:${context}:job_workflow_ref:${WORKFLOW}`,
          },
        },
      },
    ],
  });
  expect(policies["plan"]).toMatchObject(expected("ref:refs/heads/main"));
  expect(policies["apply"]).toMatchObject(expected("environment:production"));
});

test("GCP: repository, branch and workflow file are asked for, and each account has its environment", () => {
  const { text } = textOf(gcp);
  expect(text).toContain(
    `--attribute-condition="assertion.repository == 'acme/infra' && assertion.ref == 'refs/heads/main' && assertion.job_workflow_ref == '${WORKFLOW}'"`,
  );
  const [plan, apply] = text.split("\n").filter((line) => line.includes("add-iam-policy-binding"));
  expect(plan).toMatch(/terrane-plan@.*attribute\.environment\/none"$/);
  expect(apply).toMatch(/terrane-apply@.*attribute\.environment\/production"$/);
});

test("Azure: each application has one credential with its subject", () => {
  const credentials = [...textOf(azure).text.matchAll(/--parameters '(.*)'$/gm)].map(
    ([, json = ""]) => JSON.parse(json) as unknown,
  );
  expect(credentials).toMatchObject([
    { subject: `repo:acme/infra:ref:refs/heads/main:job_workflow_ref:${WORKFLOW}` },
    { subject: `repo:acme/infra:environment:production:job_workflow_ref:${WORKFLOW}` },
  ]);
});

test.each([aws, gcp, azure])("$name: HCL says the same, with balanced brackets", (cloud) => {
  const { text } = textOf(cloud, { format: "hcl" });
  expect(text).toContain(WORKFLOW);
  for (const [open = "", close = ""] of ["{}", "()", "[]"].map((pair) => pair.split(""))) {
    expect(text.split(open).length).toBe(text.split(close).length);
  }
});

test.each([aws, azure])(
  "$name: where the workflow is not in the subject, that is said",
  (cloud) => {
    const { text, notes } = textOf(cloud, { plainSubject: true });
    expect(text).not.toContain("job_workflow_ref");
    expect(notes.join("\n")).toContain("Every workflow of this branch or environment is trusted");
  },
);

test.each([aws, gcp, azure])("$name: roles that trust the same jobs are called that", (cloud) => {
  const { notes } = textOf(cloud, { applyEnvironment: undefined });
  expect(notes.join("\n")).toContain("Both roles trust the same jobs");
});

test.each([
  [aws, "--account"],
  [gcp, "--project"],
  [azure, "--tenant"],
] as const)("%o: what it cannot do without is named", (cloud, option) => {
  const none = { account: undefined, project: undefined, tenant: undefined };
  expect(cloud.trust({ ...REQUEST, ...none })).toEqual({ kind: "missing", option });
});
