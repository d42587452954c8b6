import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { createClient, type GithubClient } from "./client.ts";

const VERSION = { "x-github-enterprise-version": "3.15.2" };
const NOW = Date.UTC(2026, 2, 1);
const REPO = { installation: "7" };
const COMMENT = "POST /repositories/1/issues/2/comments";

/** A server that answers everything, with these headers beside. */
function clientOf(headers: () => Readonly<Record<string, string>>): GithubClient {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  return createClient({
    apiUrl: "https://github.example.test/api/v3",
    appId: 1,
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    userAgent: "terrane-test",
    now: () => NOW,
    fetch: async (input) => {
      const isToken = new Request(input).url.endsWith("/access_tokens");
      const expires = new Date(Date.now() + 3_600_000).toISOString();
      const body = isToken ? { token: "t", expires_at: expires, permissions: {} } : {};
      return Response.json(body, { status: 201, headers: headers() });
    },
  });
}

async function burst(client: GithubClient, times: number): Promise<number> {
  let went = 0;
  for (let n = 0; n < times; n += 1) {
    const sent = await client.send(REPO, COMMENT, { body: "" });
    if (sent.kind === "ok") went += 1;
  }
  return went;
}

test("an Enterprise Server that tells no limit is asked without one from its first answer on", async () => {
  expect(
    await burst(
      clientOf(() => VERSION),
      200,
    ),
  ).toBe(200);
});

test("one whose operator set limits is asked as github.com is", async () => {
  const limited = { ...VERSION, "x-ratelimit-limit": "5000", "x-ratelimit-resource": "core" };
  expect(
    await burst(
      clientOf(() => limited),
      200,
    ),
  ).toBeLessThan(100);
});

test("github.com is never taken for one, whatever is missing beside an answer", async () => {
  expect(
    await burst(
      clientOf(() => ({})),
      200,
    ),
  ).toBeLessThan(100);
});

test("limits that come later hold from then on", async () => {
  let headers: Readonly<Record<string, string>> = VERSION;
  const client = clientOf(() => headers);
  expect(await burst(client, 200)).toBe(200);
  headers = { ...VERSION, "x-ratelimit-limit": "5000", "x-ratelimit-resource": "core" };
  expect(await burst(client, 200)).toBeLessThan(100);
});
