import { expect, test } from "vitest";
import { parse } from "yaml";
import { aTrustRequest } from "../../../test/support/trust-request.ts";
import type { SetupCloud, TrustRequest } from "../../cli/setup/offer.ts";
import { aws } from "./aws.ts";
import { azure } from "./azure.ts";
import { GITLAB_ROOT } from "./ci-files.gen.ts";
import { gcp } from "./gcp.ts";

const REQUEST = aTrustRequest({ forge: "gitlab", repository: "acme/platform/infra" });
const SUBJECT = "project_path:acme/platform/infra:ref_type:branch:ref:main";

function trustOf(cloud: SetupCloud, request: Partial<TrustRequest> = {}) {
  const trust = cloud.trust({ ...REQUEST, ...request });
  if (trust.kind === "missing") throw new Error(`${trust.option} is missing`);
  return trust;
}

/** What the CI file that is told of gives a job of this environment, as GitLab fills inputs in. */
function audienceOfJob(notes: readonly string[], environment: string): string {
  const from = notes.findIndex((line) => line.startsWith("  .terrane:"));
  const lines = notes.slice(from, from + 4).join("\n");
  const file = parse(lines) as {
    ".terrane": { id_tokens: Record<string, { aud: string }> };
  };
  const [token] = Object.values(file[".terrane"].id_tokens);
  return token?.aud.replace("$[[ inputs.environment ]]", environment) ?? "";
}

function audiencesOf(cloud: SetupCloud, request: Partial<TrustRequest> = {}): readonly string[] {
  const { text } = trustOf(cloud, request);
  if (cloud === azure) {
    return [...text.matchAll(/"audiences":\["([^"]+)"\]/g)].map(([, audience = ""]) => audience);
  }
  const policies = Object.values(JSON.parse(text) as Record<string, { Statement: Statement[] }>);
  return policies.map(
    ({ Statement: [one] }) => one?.Condition.StringEquals["gitlab.com:aud"] ?? "",
  );
}

interface Statement {
  readonly Condition: { readonly StringEquals: Readonly<Record<string, string>> };
}

test("AWS: project and branch are the subject, the issuer is the instance, and the audience is that of the role", () => {
  const url = "https://gitlab.example.com";
  const policies = JSON.parse(trustOf(aws, { url }).text) as Record<string, unknown>;
  const expected = (audience: string) => ({
    Statement: [
      {
        Principal: { Federated: "arn:aws:iam::123456789012:oidc-provider/gitlab.example.com" },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: { "gitlab.example.com:aud": audience, "gitlab.example.com:sub": SUBJECT },
        },
      },
    ],
  });
  expect(policies["plan"]).toMatchObject(expected("sts.amazonaws.com/none"));
  expect(policies["apply"]).toMatchObject(expected("sts.amazonaws.com/production"));
});

test("Azure: each application has one credential with the issuer, the subject and its audience", () => {
  const credentials = [...trustOf(azure).text.matchAll(/--parameters '(.*)'$/gm)].map(
    ([, json = ""]) => JSON.parse(json) as unknown,
  );
  const issuer = "https://gitlab.com";
  expect(credentials).toMatchObject([
    { issuer, subject: SUBJECT, audiences: ["api://AzureADTokenExchange/none"] },
    { issuer, subject: SUBJECT, audiences: ["api://AzureADTokenExchange/production"] },
  ]);
});

test("GCP: what the server itself asks of a job is asked for, and each account has its environment", () => {
  const { text, notes } = trustOf(gcp, { url: "https://gitlab.example.com" });
  expect(text).toContain("--issuer-uri=https://gitlab.example.com ");
  const condition = /--attribute-condition="([^"]+)"/.exec(text)?.[1]?.split(" && ");
  expect(condition).toEqual([
    "assertion.project_path == 'acme/platform/infra'",
    "assertion.ref_type == 'branch'",
    "assertion.ref == 'main'",
    "assertion.ref_protected == 'true'",
    "assertion.pipeline_source == 'api'",
    "assertion.ci_config_ref_uri == 'gitlab.example.com/acme/platform/infra//.gitlab-ci.yml@refs/heads/main'",
  ]);
  const [plan, apply] = text.split("\n").filter((line) => line.includes("add-iam-policy-binding"));
  expect(plan).toMatch(/terrane-plan@.*attribute\.environment\/none"$/);
  expect(apply).toMatch(/terrane-apply@.*attribute\.environment\/production"$/);
  expect(audienceOfJob(notes, "production")).toMatch(/workloadIdentityPools\/terrane\/providers\//);
});

test.each([aws, azure])(
  "$name: the token of a job fits the role of its environment alone",
  (cloud) => {
    const { notes } = trustOf(cloud);
    const [plan, apply] = audiencesOf(cloud);
    expect(audienceOfJob(notes, "none")).toBe(plan);
    expect(audienceOfJob(notes, "production")).toBe(apply);
    expect(plan).not.toBe(apply);
    expect(notes.join("\n")).toContain("Protect production");
    // The word for no environment, and the input, are those of the CI file that is shipped.
    const [header = ""] = GITLAB_ROOT.split("\n---");
    const { spec } = parse(header) as { spec: { inputs: Record<string, { default?: string }> } };
    expect(spec.inputs["environment"]?.default).toBe("none");
  },
);

test.each([aws, azure])("$name: roles that trust the same jobs are called that", (cloud) => {
  const { notes } = trustOf(cloud, { applyEnvironment: undefined });
  const [plan, apply] = audiencesOf(cloud, { applyEnvironment: undefined });
  expect(plan).toBe(apply);
  expect(audienceOfJob(notes, "none")).toBe(plan);
  expect(notes.join("\n")).toContain("Both roles trust the same jobs");
});

test.each([aws, gcp, azure])("$name: HCL says the same, with balanced brackets", (cloud) => {
  const { text } = trustOf(cloud, { format: "hcl" });
  expect(text).toContain("acme/platform/infra");
  expect(text).toContain("gitlab.com");
  expect(text).not.toContain("githubusercontent");
  for (const [open = "", close = ""] of ["{}", "()", "[]"].map((pair) => pair.split(""))) {
    expect(text.split(open).length).toBe(text.split(close).length);
  }
});
