import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { z } from "zod";
import { createClient, type GithubClient } from "./client.ts";
import { permitting } from "./permitting.ts";

const privateKey = generateKeyPairSync("rsa", { modulusLength: 2048 })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();
const CALLER = { installation: "1" };

type Answers = (url: string, asked: RequestInit) => Response | Promise<Response>;

function client(host: string, answers: Answers, callTimeoutMs = 20_000) {
  return createClient({
    apiUrl: `https://${host}/api/v3`,
    appId: 7,
    privateKey,
    userAgent: "terrane-test",
    now: () => 0,
    callTimeoutMs,
    fetch: async (input, init = {}) => await answers(new Request(input, init).url, init),
  });
}

function json(data: unknown, headers: Record<string, string> = {}, status = 200): Response {
  return Response.json(data, { status, headers });
}

function tokenOf({ headers }: RequestInit): string {
  return new Headers(headers).get("authorization") ?? "";
}

test("T9 two hosts with an installation of the same number each get a token of their own", async () => {
  const seen: string[] = [];
  const answersOf =
    (host: string): Answers =>
    (url, asked) => {
      if (url.endsWith("/access_tokens")) return json({ token: `ghs_${host}` }, {}, 201);
      seen.push(`${host} ${tokenOf(asked)}`);
      return json({ id: 1 });
    };
  const clients = ["one.example", "two.example"].map((host) => client(host, answersOf(host)));
  await Promise.all(clients.map((one) => one.send(CALLER, "GET /repositories/1", {})));
  expect(seen.sort()).toEqual([
    "one.example bearer ghs_one.example",
    "two.example bearer ghs_two.example",
  ]);
});

test("L36 a host that takes the question for a token and never answers is given up in time", async () => {
  const silent = client(
    "slow.example",
    (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason as Error));
      }),
    50,
  );
  expect(await silent.send(CALLER, "GET /repositories/1", {})).toMatchObject({
    kind: "unavailable",
  });
});

test("L37 what did not change costs nothing of the hour, and its old headers say nothing of this one", async () => {
  const hour = (left: number, resetsAt: number) => ({
    "x-ratelimit-limit": "5000",
    "x-ratelimit-remaining": String(left),
    "x-ratelimit-reset": String(resetsAt),
    "x-ratelimit-resource": "core",
  });
  const asked: string[] = [];
  const github = client("api.example", (url, init) => {
    if (url.endsWith("/access_tokens")) return json({ token: "ghs_1" }, {}, 201);
    const etag = new Headers(init.headers).get("if-none-match");
    asked.push(etag ?? "anew");
    if (etag === null) return json({ id: 1 }, { etag: '"1"', ...hour(4_000, 3_600) });
    return new Response(null, { status: 304, headers: { etag, ...hour(3_000, 7_200) } });
  });
  const look = () => github.call(CALLER, "GET /repositories/1", {}, z.object({ id: z.number() }));
  await look();
  for (let again = 0; again < 3; again += 1) expect(await look()).toMatchObject({ kind: "ok" });
  expect(asked).toEqual(["anew", '"1"', '"1"', '"1"']);
  const calls = github.budgets()[0]?.allowances.find(({ unit }) => unit === "calls");
  expect(calls).toMatchObject({ left: 3_000, resetsAt: 7_200_000 });
});

test("L37 what an apply waits for is asked while everything else waits for the next hour", async () => {
  const hour = {
    "x-ratelimit-limit": "5000",
    "x-ratelimit-remaining": "900",
    "x-ratelimit-reset": "3600",
    "x-ratelimit-resource": "core",
  };
  const github = client("api.example", (url) =>
    url.endsWith("/access_tokens") ? json({ token: "ghs_1" }, {}, 201) : json([], hour),
  );
  const urgent = permitting(github);
  const list = (by: GithubClient) =>
    by.pages(CALLER, "GET /repositories/1/commits/abc/check-runs", {}, z.array(z.unknown()));
  const one = (by: GithubClient) => by.call(CALLER, "GET /repositories/1", {}, z.unknown());
  expect(await one(github)).toMatchObject({ kind: "ok" });
  expect(await one(github)).toMatchObject({ kind: "unavailable" });
  expect(await list(github)).toMatchObject({ kind: "unavailable" });
  expect(await one(urgent)).toMatchObject({ kind: "ok" });
  expect(await list(urgent)).toMatchObject({ kind: "ok" });
});
