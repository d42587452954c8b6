import { mkdtempSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { WorkStep } from "../../contract/step.ts";
import { signature } from "./aws-signature.ts";
import { JobCredentials } from "./credentials.ts";
import type { Exchange } from "./exchange.ts";

type OidcStep = Extract<WorkStep, { type: "oidc" }>;

const AWS: OidcStep = {
  type: "oidc",
  provider: "aws",
  roleArn: "arn:aws:iam::1:role/plan",
  assumeRoleArn: null,
  audience: "sts.amazonaws.com",
  durationSeconds: 3_600,
  region: "eu-west-1",
  sessionName: "terrane run#1",
};
const GCP: OidcStep = {
  type: "oidc",
  provider: "gcp",
  serviceAccount: "plan@p.iam.gserviceaccount.com",
  workloadIdentityProvider: "projects/1/locations/global/workloadIdentityPools/p/providers/ci",
  accessTokenLifetimeSeconds: 600,
  accessTokenSubject: null,
  audience: null,
};
const AZURE: OidcStep = {
  type: "oidc",
  provider: "azure",
  clientId: "client",
  tenantId: "tenant",
  subscriptionId: "subscription",
  audience: "api://AzureADTokenExchange",
};

const START = Date.UTC(2026, 0, 1);

interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A cloud that keeps what it was asked; `answers` are given in their order, the last one from then on. */
class Cloud {
  readonly asked: Asked[] = [];
  readonly tokens: string[] = [];
  answers: { readonly status: number; readonly body: string }[] = [];
  now = START;
  readonly #server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += String(chunk);
    });
    request.on("end", () => {
      this.asked.push({ path: request.url ?? "", headers: request.headers, body });
      const next = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
      const { status, body: text } = next ?? { status: 500, body: "" };
      response.writeHead(status).end(text);
    });
  });

  async start(): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(0, "127.0.0.1", done));
  }

  get base(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  forget(): void {
    this.asked.length = 0;
    this.tokens.length = 0;
    this.answers = [];
    this.now = START;
  }

  stop(): void {
    this.#server.close();
  }
}

const cloud = new Cloud();

beforeAll(() => cloud.start());
afterAll(() => {
  cloud.stop();
});
beforeEach(() => {
  cloud.forget();
});

function credentials(): { readonly of: JobCredentials; readonly env: Exchange["env"] } {
  const { base } = cloud;
  const env = {
    AWS_ENDPOINT_URL_STS: base,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_STS: base,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS: base,
    TERRANE_GOOGLE_TOKEN_URL: `${base}/token`,
    ROLE: "arn:aws:iam::2:role/$NOT_AGAIN",
  };
  const of = new JobCredentials({
    identityToken: (audience) => {
      cloud.tokens.push(audience);
      return Promise.resolve(`jwt-${audience}`);
    },
    fetch,
    now: () => new Date(cloud.now),
    pause: () => Promise.resolve(),
    folder: mkdtempSync(join(tmpdir(), "terrane-oidc-")),
    env,
  });
  return { of, env };
}

function sts(name: string, minutes = 60): { readonly status: number; readonly body: string } {
  const expires = new Date(START + minutes * 60_000).toISOString();
  return {
    status: 200,
    body: `<R><Credentials><AccessKeyId>ID-${name}</AccessKeyId><SecretAccessKey>s&amp;${name}</SecretAccessKey><SessionToken>t-${name}</SessionToken><Expiration>${expires}</Expiration></Credentials></R>`,
  };
}

test("a request is signed as AWS's own test suite says (post-x-www-form-urlencoded)", () => {
  const keys = {
    accessKeyId: "AKIDEXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  };
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    host: "example.amazonaws.com",
  };
  const request = { region: "us-east-1", service: "service", headers, body: "Param1=value1" };
  expect(signature(keys, { ...request, at: new Date("2015-08-30T12:36:00Z") })).toEqual({
    "x-amz-date": "20150830T123600Z",
    authorization:
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
  });
});

test("AWS: the job's identity becomes the credentials of a role, without another program", async () => {
  cloud.answers = [sts("one")];
  const { of, env } = credentials();
  const got = await of.get({ ...AWS, roleArn: "$ROLE" }, env);
  expect(got.env).toEqual({
    AWS_ACCESS_KEY_ID: "ID-one",
    AWS_SECRET_ACCESS_KEY: "s&one",
    AWS_SESSION_TOKEN: "t-one",
    AWS_REGION: "eu-west-1",
    AWS_DEFAULT_REGION: "eu-west-1",
  });
  expect(got.secrets).toEqual(expect.arrayContaining(["jwt-sts.amazonaws.com", "s&one", "t-one"]));
  expect(Object.fromEntries(new URLSearchParams(cloud.asked[0]?.body))).toEqual({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    // Expanded once: a value is not looked at again.
    RoleArn: "arn:aws:iam::2:role/$NOT_AGAIN",
    RoleSessionName: "terrane-run-1",
    WebIdentityToken: "jwt-sts.amazonaws.com",
    DurationSeconds: "3600",
  });
});

test("AWS: a second role is assumed with the first one's credentials, signed", async () => {
  cloud.answers = [sts("one"), sts("two")];
  const { of, env } = credentials();
  const step = { ...AWS, assumeRoleArn: "arn:2", durationSeconds: 7_200 };
  expect((await of.get(step, env)).env).toMatchObject({ AWS_ACCESS_KEY_ID: "ID-two" });
  expect(cloud.asked[1]?.headers).toMatchObject({
    "x-amz-security-token": "t-one",
    authorization: expect.stringMatching(
      /^AWS4-HMAC-SHA256 Credential=ID-one\/20260101\/eu-west-1\/sts\//,
    ),
  });
  const body = Object.fromEntries(new URLSearchParams(cloud.asked[1]?.body));
  expect(body).toMatchObject({ Action: "AssumeRole", RoleArn: "arn:2", DurationSeconds: "3600" });
});

test("AWS: a refusal says which role, why, and what to look at", async () => {
  cloud.answers = [
    {
      status: 403,
      body: "<E><Error><Code>AccessDenied</Code><Message>Not authorized</Message></Error></E>",
    },
  ];
  const { of, env } = credentials();
  await expect(of.get(AWS, env)).rejects.toThrow(
    /assume arn:aws:iam::1:role\/plan: AccessDenied\. Not authorized.*trust policy/,
  );
});

test("what passes by itself is tried again, and a refusal is not remembered", async () => {
  cloud.answers = [{ status: 503, body: "" }, { status: 400, body: "" }, sts("one")];
  const { of, env } = credentials();
  await expect(of.get(AWS, env)).rejects.toThrow("HTTP 400");
  expect((await of.get(AWS, env)).env).toMatchObject({ AWS_ACCESS_KEY_ID: "ID-one" });
  expect(cloud.asked).toHaveLength(3);
});

test("many dirspaces ask once, and again shortly before the credentials end", async () => {
  cloud.answers = [sts("one"), sts("two", 120)];
  const { of, env } = credentials();
  const all = await Promise.all([1, 2, 3].map(() => of.get(AWS, env)));
  expect(new Set(all.map((one) => one.env["AWS_ACCESS_KEY_ID"]))).toEqual(new Set(["ID-one"]));
  cloud.now = START + 50 * 60_000;
  expect((await of.get(AWS, env)).env).toMatchObject({ AWS_ACCESS_KEY_ID: "ID-one" });
  cloud.now = START + 56 * 60_000;
  const again = await Promise.all([1, 2].map(() => of.get(AWS, env)));
  expect(again.map((one) => one.env["AWS_ACCESS_KEY_ID"])).toEqual(["ID-two", "ID-two"]);
  expect(cloud.asked).toHaveLength(2);
});

test("GCP: the identity is exchanged for the pool's, and that for the service account's", async () => {
  cloud.answers = [
    { status: 200, body: '{"access_token": "federated"}' },
    { status: 200, body: '{"accessToken": "token", "expireTime": "2026-01-01T00:10:00Z"}' },
  ];
  const { of, env } = credentials();
  const got = await of.get(GCP, env);
  expect(got.env["GOOGLE_OAUTH_ACCESS_TOKEN"]).toBe("token");
  expect(readFileSync(got.env["GOOGLE_OAUTH_ACCESS_TOKEN_FILE"] ?? "", "utf8")).toBe("token");
  expect(cloud.tokens).toEqual([
    "https://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/ci",
  ]);
  expect(cloud.asked.map(({ path }) => path)).toEqual([
    "/v1/token",
    "/v1/projects/-/serviceAccounts/plan%40p.iam.gserviceaccount.com:generateAccessToken",
  ]);
  expect(cloud.asked[1]?.headers.authorization).toBe("Bearer federated");
  expect(JSON.parse(cloud.asked[1]?.body ?? "")).toMatchObject({ lifetime: "600s" });
});

test("runner defect 14: GCP gives a token in the name of a person of the domain", async () => {
  cloud.answers = [
    { status: 200, body: '{"access_token": "federated"}' },
    { status: 200, body: '{"signedJwt": "signed"}' },
    { status: 200, body: '{"access_token": "personal"}' },
  ];
  const { of, env } = credentials();
  const got = await of.get({ ...GCP, accessTokenSubject: "ann@example.com" }, env);
  expect(got.env["GOOGLE_OAUTH_ACCESS_TOKEN"]).toBe("personal");
  const { payload } = JSON.parse(cloud.asked[1]?.body ?? "{}") as { payload: string };
  expect(JSON.parse(payload)).toMatchObject({ sub: "ann@example.com", iss: GCP.serviceAccount });
  expect(new URLSearchParams(cloud.asked[2]?.body).get("assertion")).toBe("signed");
});

test("GCP: two accounts of one job have a token file each", async () => {
  const { of, env } = credentials();
  const files: string[] = [];
  for (const name of ["plan", "apply"]) {
    cloud.answers = [
      { status: 200, body: '{"access_token": "federated"}' },
      { status: 200, body: `{"accessToken": "token of ${name}"}` },
    ];
    const serviceAccount = `${name}@p.iam.gserviceaccount.com`;
    const got = await of.get({ ...GCP, serviceAccount }, env);
    files.push(got.env["GOOGLE_OAUTH_ACCESS_TOKEN_FILE"] ?? "");
  }
  const texts = files.map((file) => readFileSync(file, "utf8"));
  expect(texts).toEqual(["token of plan", "token of apply"]);
});

test("Azure: its tools get a fresh identity to exchange by themselves", async () => {
  const { of, env } = credentials();
  const got = await of.get(AZURE, env);
  expect(got.env).toEqual({
    ARM_USE_OIDC: "true",
    ARM_CLIENT_ID: "client",
    ARM_TENANT_ID: "tenant",
    ARM_SUBSCRIPTION_ID: "subscription",
    ARM_OIDC_TOKEN: "jwt-api://AzureADTokenExchange",
  });
});

test("an option that names a variable which is not there says which", async () => {
  const { of, env } = credentials();
  await expect(of.get({ ...AZURE, clientId: "$CLIENT" }, env)).rejects.toThrow("$CLIENT");
  expect(cloud.tokens).toEqual([]);
});
