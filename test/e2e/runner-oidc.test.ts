import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { WorkStep } from "../../src/contract/step.ts";
import { run, unit, useRunner } from "../support/runner-lab.ts";

const its = useRunner();
const engine = { name: "terraform", version: null, command: "sh", collectOutputs: true } as const;
const OIDC: Extract<WorkStep, { type: "oidc"; provider: "aws" }> = {
  type: "oidc",
  provider: "aws",
  roleArn: "arn:aws:iam::1:role/$WHICH",
  assumeRoleArn: null,
  audience: "sts.amazonaws.com",
  durationSeconds: 3_600,
  region: "eu-west-1",
  sessionName: "terrane",
};

/** A stand-in for the cloud's token service: it counts, and gives credentials for so many minutes. */
let roles: string[] = [];
let minutes = 60;
let refuseAfter = Number.POSITIVE_INFINITY;
const cloud = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => {
    body += String(chunk);
  });
  request.on("end", () => {
    const asked = new URLSearchParams(body);
    roles.push(asked.get("RoleArn") ?? "");
    const refused = asked.get("RoleArn")?.endsWith("/no") === true || roles.length > refuseAfter;
    const expires = new Date(Date.now() + minutes * 60_000).toISOString();
    response.writeHead(refused ? 403 : 200);
    response.end(
      refused
        ? "<E><Error><Code>AccessDenied</Code><Message>no</Message></Error></E>"
        : `<R><AccessKeyId>ID${roles.length}</AccessKeyId><SecretAccessKey>verysecret${roles.length}</SecretAccessKey><SessionToken>token${roles.length}</SessionToken><Expiration>${expires}</Expiration></R>`,
    );
  });
});
let endpoint = "";

beforeAll(async () => {
  await new Promise<void>((done) => cloud.listen(0, "127.0.0.1", done));
  endpoint = `http://127.0.0.1:${(cloud.address() as AddressInfo).port}`;
});

afterAll(() => {
  cloud.close();
});

const shown = run(["sh", "-c", 'echo "id $AWS_ACCESS_KEY_ID key $AWS_SECRET_ACCESS_KEY"'], {
  captureOutput: true,
});

async function job(dirs: readonly string[], steps: WorkStep[], which = "plan", more: object = {}) {
  roles = [];
  const repository = its.repository(Object.fromEntries(dirs.map((dir) => [`${dir}/x`, ""])));
  const headSha = repository.commit("feature", {});
  const units = dirs.map((dir) => unit(dir, { steps, engine }));
  const env = { AWS_ENDPOINT_URL_STS: endpoint, WHICH: which };
  return await its.job({ headSha, units, ...more }, repository.bare, env);
}

test("steps after an oidc step have the cloud's credentials, exchanged once for all dirspaces and never shown", async () => {
  minutes = 60;
  const ran = await job(["a", "b"], [OIDC, shown]);
  expect(ran.code, ran.log).toBe(0);
  expect(roles).toEqual(["arn:aws:iam::1:role/plan"]);
  for (const key of ["a default", "b default"]) {
    const { steps } = its.result(key, "planned");
    expect(steps?.at(-1)?.text).toBe("id ID1 key ***");
  }
  expect(ran.log).not.toContain("verysecret");
});

test("credentials of a hook hold for all dirspaces, and are renewed before a step when they are about to end", async () => {
  minutes = 1;
  const hooks = { pre: [OIDC], post: [shown] };
  const ran = await job(["a"], [shown, shown], "plan", { hooks });
  expect(ran.code, ran.log).toBe(0);
  const texts = its.result("a default", "planned").steps?.map(({ text }) => text) ?? [];
  expect(new Set(texts).size).toBe(2);
  expect(roles.length).toBeGreaterThanOrEqual(4);
});

test("a cloud that refuses fails the dirspace, and says what to look at", async () => {
  const ran = await job(["a"], [OIDC, shown], "no");
  expect(ran.code).toBe(1);
  const { failure } = its.result("a default", "failed");
  expect(failure.step).toBe("oidc");
  expect(failure.message).toMatch(/role\/no: AccessDenied.*trust policy/);
});

test("credentials that cannot be renewed fail the step that may need them, and not what runs after a failure", async () => {
  minutes = 1;
  refuseAfter = 1;
  const told = run(["echo", "told"], { runOn: "failure", captureOutput: true });
  const ran = await job(["a"], [OIDC, run(["echo", "never"]), told]);
  refuseAfter = Number.POSITIVE_INFINITY;
  expect(ran.code).toBe(1);
  const { failure, steps } = its.result("a default", "failed");
  expect(failure).toMatchObject({ step: "oidc" });
  expect(steps?.map(({ outcome }) => outcome)).toEqual(["succeeded", "failed", "succeeded"]);
  expect(steps?.at(-1)?.text).toMatch(/AccessDenied[^]*\ntold$/);
});
