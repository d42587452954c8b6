import { afterAll, beforeAll, expect, test } from "vitest";
import { routes } from "../../src/contract/api.ts";
import { fillPath } from "../../src/contract/client.ts";
import { ErrorReply } from "../../src/contract/work.ts";
import { hashSecret } from "../../src/http/auth.ts";
import { type Ask, HOST, type HttpLab, httpLab, TOKEN } from "../support/http-lab.ts";

let http: HttpLab;

beforeAll(async () => {
  http = await httpLab();
  http.lab.vcs.files = ["net/main.tf"];
  await http.lab.open(1, ["net/main.tf"]);
  await http.lab.plans(await http.lab.claim());
});

afterAll(() => http.close());

const NOWHERE = {
  repository: "00000000-0000-0000-0000-000000000000",
  number: 1,
  run: "x",
  unit: "y",
};
const BODIES: Readonly<Record<string, unknown>> = {
  createRepository: { name: "infra" },
  putPerson: { login: "bob", permission: "write" },
  putTeamMember: { team: "ops", login: "bob", member: true },
  openPullRequest: { title: "t", head: "h", base: "b" },
  comment: { body: "terrane plan" },
  review: { verdict: "approved" },
  setState: { state: "closed" },
  setIssueState: { state: "closed" },
  command: { command: "plan" },
  checkConfiguration: { text: "" },
  affected: { changed: "" },
};
const ROUTES = Object.entries(routes).map(([name, { method, path }]) => ({
  name,
  method,
  path: `/api/v1${fillPath(path, NOWHERE)}`,
  body: method === "GET" ? undefined : (BODIES[name] ?? {}),
}));

async function problem(response: Response): Promise<{ code: string; message: string }> {
  return ErrorReply.parse(await response.json()).error;
}

async function repositoryId(): Promise<string> {
  const [first] = (await (await http.call("/api/v1/repositories")).json()) as { id: string }[];
  return first?.id ?? "";
}

test.each(ROUTES)("T16 $name answers 401 without a token", async ({ method, path, body }) => {
  const response = await http.ask(path, { method, body });
  expect(response.status).toBe(401);
  expect((await problem(response)).code).toBe("UNAUTHENTICATED");
});

test.each(["/api/v1/events", "/api/v1/runs/x/output/y/stream", "/api/v1/nothing", "/api/none"])(
  "what is not in the contract answers 401 without a token as well: %s",
  async (path) => {
    expect((await http.ask(path)).status).toBe(401);
  },
);

test.each(["", "Bearer", "Bearer wrong", `Basic ${TOKEN}`, `Bearer ${TOKEN}x`])(
  "a wrong credential opens nothing: %j",
  async (authorization) => {
    const response = await http.ask("/api/v1/server", { headers: { authorization } });
    expect(response.status).toBe(401);
  },
);

const FOREIGN = ROUTES.filter(
  ({ path }) => /\/(?:repositories|runs)\//.test(path) && !path.endsWith("/repositories/adopt"),
);

test.each(FOREIGN)("T16 $name of a foreign id answers 404", async ({ method, path, body }) => {
  expect((await http.call(path, { method, body })).status).toBe(404);
});

test.each(["0", "-1", "1e3", "99999999999", "x", "1%00"])(
  "a pull request number that is none answers 404: %s",
  async (number) => {
    const path = `/api/v1/repositories/${await repositoryId()}/pulls/${number}`;
    expect((await http.call(path)).status).toBe(404);
  },
);

test("what people do at their own VCS is refused here with the way to do it there", async () => {
  const path = `/api/v1/repositories/${await repositoryId()}/pulls/1/comments`;
  const response = await http.call(path, { body: { body: "terrane plan" } });
  expect(response.status).toBe(409);
  expect(await response.json()).toMatchObject({
    error: { code: "NOT_LOCAL", next: expect.stringContaining("terrane") },
  });
});

test.each<[string, Ask, number]>([
  ["not JSON", { method: "POST", bytes: Buffer.from("{") }, 400],
  ["not UTF-8", { method: "POST", bytes: Buffer.from([0xff, 0xfe]) }, 400],
  ["a field too few", { body: { head: "h" } }, 400],
  ["a field of another type", { body: { title: 1, head: "h", base: "b" } }, 400],
  ["larger than it may be", { method: "POST", bytes: Buffer.alloc(1024 * 1024 + 1, 32) }, 413],
])("a body that cannot be used is refused: %s", async (_name, ask, status) => {
  const response = await http.call(`/api/v1/repositories/${NOWHERE.repository}/pulls`, ask);
  expect(response.status).toBe(status);
  await problem(response);
});

test("a body is measured as it comes, whatever its header says", async () => {
  const headers = { "content-length": "2" };
  const bytes = Buffer.alloc(2 * 1024 * 1024, 32);
  const response = await http.call("/api/v1/repositories", { method: "POST", bytes, headers });
  expect(response.status).toBe(413);
});

test.each(["evil.example", "127.0.0.1", "127.0.0.1:8081", "localhost:8080.evil.example"])(
  "T20 a name this server is not known by is refused: %s",
  async (host) => {
    const response = await http.call("/api/v1/server", { headers: { host } });
    expect(response.status).toBe(403);
    expect((await problem(response)).code).toBe("UNKNOWN_HOST");
  },
);

test.each(["/healthz", "/readyz"])("%s answers by any name and says nothing else", async (path) => {
  const response = await http.ask(path, { headers: { host: "10.0.0.7:8080" } });
  expect([response.status, await response.text()]).toEqual([200, "ok"]);
});

const scrape = (token: string): Ask => ({
  from: "10.0.0.7",
  headers: { authorization: `Bearer ${token}` },
});
const METRICS_TOKEN = "a-token-of-the-metrics-that-is-long-enough";
const THROUGH_PROXY: Ask = { headers: { "x-forwarded-for": "10.0.0.7" } };

test.each<[string, Ask, number]>([
  ["from this machine", {}, 200],
  ["from elsewhere", { from: "10.0.0.7" }, 404],
  ["from elsewhere with a token that nobody set", scrape(METRICS_TOKEN), 404],
  ["from elsewhere through a proxy here", THROUGH_PROXY, 404],
])("without a token metrics are told %s or not", async (_name, ask, status) => {
  const response = await http.ask("/metrics", ask);
  expect(response.status).toBe(status);
  if (status === 200) expect(await response.text()).toContain("terrane_http_request_seconds");
});

test("with a token metrics are told to whoever shows it, and to nobody else", async () => {
  const guarded = await httpLab({ metricsTokenHash: hashSecret(METRICS_TOKEN) });
  const status = async (ask: Ask) => (await guarded.ask("/metrics", ask)).status;
  expect(await status(scrape(METRICS_TOKEN))).toBe(200);
  expect(await status(scrape("x".repeat(40)))).toBe(404);
  // A proxy on this machine may not say for whom it asks.
  for (const ask of [{}, { from: "10.0.0.7" }, THROUGH_PROXY]) expect(await status(ask)).toBe(404);
  await guarded.close();
});

test("every answer forbids what a page of ours never needs", async () => {
  for (const path of ["/healthz", "/api/v1/server", "/nothing.js", "/"]) {
    const { headers } = await http.ask(path);
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cache-control")).not.toBeNull();
  }
});

test("an error says nothing about the inside", async () => {
  const { pool } = http.lab.database;
  await pool.query("alter table lock rename to lock_elsewhere");
  const response = await http.call("/api/v1/locks");
  await pool.query("alter table lock_elsewhere rename to lock");
  expect(response.status).toBe(500);
  expect(JSON.stringify(await response.json())).not.toMatch(/relation|lock/);
});

test("the issuer of local CI identities publishes its keys to everybody", async () => {
  const found = await http.ask("/.well-known/openid-configuration");
  expect(await found.json()).toMatchObject({ issuer: `http://${HOST}` });
  expect(await (await http.ask("/.well-known/jwks")).json()).toEqual({ keys: [] });
});
