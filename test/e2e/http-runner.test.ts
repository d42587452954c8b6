import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ClaimReply } from "../../src/contract/work.ts";
import { ClaimReply as ClaimReplySchema, PLAN_BYTES_MAX } from "../../src/contract/work.ts";
import { COUNTS } from "../support/engine-lab.ts";
import { type Ask, type HttpLab, httpLab, TOKEN } from "../support/http-lab.ts";

let http: HttpLab;
let number = 0;

beforeAll(async () => {
  http = await httpLab();
});

afterAll(() => http.close());

/** A pull request with one planned job, claimed over HTTP. */
async function claimed(): Promise<ClaimReply & { readonly attempt: string }> {
  number += 1;
  const file = `r${number}/main.tf`;
  http.lab.vcs.files = [...http.lab.vcs.files, file];
  await http.lab.open(number, [file]);
  const attempt = http.lab.ci.started.at(-1)?.attempt ?? "";
  const response = await claim(attempt);
  expect(response.status).toBe(200);
  return { attempt, ...ClaimReplySchema.parse(await response.json()) };
}

function claim(attempt: string, ciRun = `ci-${attempt}`): Promise<Response> {
  const authorization = `Bearer repo-1/${ciRun}/${randomUUID()}`;
  const path = `/api/v1/runner/attempts/${encodeURIComponent(attempt)}/claim`;
  return http.ask(path, { method: "POST", headers: { authorization } });
}

function as(job: { readonly credential: string; readonly work: { readonly runId: string } }) {
  return (path: string, ask: Ask = {}) =>
    http.ask(`/api/v1/runner/runs/${encodeURIComponent(job.work.runId)}/${path}`, {
      ...ask,
      headers: { authorization: `Bearer ${job.credential}`, ...ask.headers },
    });
}

function unitOf(job: ClaimReply) {
  const { dir, workspace } = job.work.units[0] ?? { dir: "", workspace: "" };
  return { dir, workspace };
}

const DIGEST = "d".repeat(64);
const PLANNED = {
  outcome: "planned",
  changed: true,
  planDigest: DIGEST,
  counts: COUNTS,
  changes: [],
  text: "",
};

test("a job claims, works and ends through the door, and the pull request knows", async () => {
  const job = await claimed();
  const call = as(job);
  const unit = unitOf(job);
  expect(job.work.units[0]?.steps.map((step) => step.type)).toEqual(["init", "plan"]);
  expect((await call("heartbeat", { body: { running: [unit] } })).status).toBe(200);
  const output = await call("output", { body: { unit, seq: 0, text: "hello\0" } });
  expect(await output.json()).toEqual({ nextSeq: 1 });
  const put = { method: "PUT", bytes: Buffer.from("sealed") };
  expect((await call(`plans/${DIGEST}`, put)).status).toBe(204);
  const result = { format: 1, unit, result: PLANNED, durationMs: 12.7 };
  expect(await (await call("results", { body: result })).json()).toEqual({ recorded: true });
  expect((await call("finish", { body: { failure: null } })).status).toBe(204);
  await http.lab.drain();
  const run = await http.call(`/api/v1/runs/${encodeURIComponent(job.work.runId)}`);
  expect(await run.json()).toMatchObject({
    state: "ended",
    outcome: "finished",
    unitList: [{ state: "planned", changed: true, durationMs: 13, outputChunks: 1 }],
  });
});

test("S26 a second job cannot claim what another one has", async () => {
  const job = await claimed();
  expect((await claim(job.attempt, "ci-other")).status).toBe(409);
});

test("S28 the same result again is fine, another one is not", async () => {
  const job = await claimed();
  const call = as(job);
  const unit = unitOf(job);
  const body = { format: 1, unit, result: PLANNED, durationMs: 1 };
  expect(await (await call("results", { body })).json()).toEqual({ recorded: true });
  expect((await call("results", { body })).status).toBe(200);
  const other = { ...body, result: { outcome: "not_started", because: "no" } };
  expect((await call("results", { body: other })).status).toBe(409);
});

test("an unknown attempt and a claim without an identity get nothing", async () => {
  expect((await claim("no-such-attempt")).status).toBe(404);
  const bare = await http.ask("/api/v1/runner/attempts/x/claim", { method: "POST" });
  expect(bare.status).toBe(401);
});

test.each<[string, string, Ask]>([
  ["heartbeat", "heartbeat", { body: { running: [] } }],
  ["output", "output", { body: { unit: { dir: "a", workspace: "b" }, seq: 0, text: "" } }],
  ["result", "results", { body: {} }],
  ["grant", "grants", { body: {} }],
  ["finish", "finish", { body: { failure: null } }],
  ["plan up", `plans/${DIGEST}`, { method: "PUT", bytes: Buffer.from("x") }],
  ["plan down", `plans/${DIGEST}`, {}],
])("T16 %s is for the run's own credential only", async (_name, path, ask) => {
  const mine = await claimed();
  const other = await claimed();
  const bare = as(mine);
  for (const authorization of ["", `Bearer ${TOKEN}`, "Bearer wrong"]) {
    expect((await bare(path, { ...ask, headers: { authorization } })).status).toBe(401);
  }
  const crossed = as({ credential: other.credential, work: mine.work });
  expect((await crossed(path, ask)).status).toBe(404);
});

test("T22 a run's credential does not open the people's door", async () => {
  const { credential } = await claimed();
  const headers = { authorization: `Bearer ${credential}` };
  expect((await http.ask("/api/v1/server", { headers })).status).toBe(401);
});

test.each<[string, string, Ask, number]>([
  ["a digest that is none", "plans/XYZ", { method: "PUT", bytes: Buffer.from("x") }, 400],
  ["an empty plan", `plans/${DIGEST}`, { method: "PUT", bytes: new Uint8Array() }, 400],
  [
    "output of an unknown unit",
    "output",
    { body: { unit: { dir: "no", workspace: "no" }, seq: 0, text: "" } },
    404,
  ],
  [
    "a chunk that is too long",
    "output",
    { body: { unit: { dir: "a", workspace: "b" }, seq: 0, text: "x".repeat(64_001) } },
    400,
  ],
  ["a result of another format", "results", { body: { format: 2 } }, 400],
])("what the contract does not have is refused: %s", async (_name, path, ask, status) => {
  expect((await as(await claimed())(path, ask)).status).toBe(status);
});

test("a plan larger than any plan may be is refused while it comes", async () => {
  const job = await claimed();
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 1024 * 1024;
      controller.enqueue(new Uint8Array(1024 * 1024));
    },
  });
  const ask = { method: "PUT", bytes: endless as unknown as Uint8Array };
  expect((await as(job)(`plans/${DIGEST}`, ask)).status).toBe(413);
  expect(sent).toBeLessThan(PLAN_BYTES_MAX + 8 * 1024 * 1024);
});

test("a run that is over says so with the heartbeat", async () => {
  const job = await claimed();
  const call = as(job);
  expect((await call("finish", { body: { failure: null } })).status).toBe(204);
  await http.lab.drain();
  expect((await call("heartbeat", { body: { running: [] } })).status).toBe(410);
});

const EVENT = {
  deliveryId: "delivery-1",
  installation: "host",
  repository: { id: "repo-1", fullName: "acme/infra", defaultBranch: "main" },
  what: { kind: "review", number: 1 },
} as const;

test("S20 a delivery is answered with 2xx only once it is stored", async () => {
  http.received = { kind: "event", event: EVENT };
  const { pool } = http.lab.database;
  await pool.query("alter table delivery rename to delivery_elsewhere");
  const failed = await http.ask("/api/v1/webhooks/fake", { body: {} });
  await pool.query("alter table delivery_elsewhere rename to delivery");
  expect(failed.status).toBe(500);
  const stored = await http.ask("/api/v1/webhooks/fake", { body: {} });
  expect([stored.status, await stored.json()]).toEqual([200, { ok: true, as: "stored" }]);
  const again = await http.ask("/api/v1/webhooks/fake", { body: {} });
  expect(await again.json()).toMatchObject({ as: "duplicate" });
});

test("what is authentic and means nothing is kept with the reason", async () => {
  http.received = { kind: "ignored", deliveryId: "delivery-2", because: "a star" };
  expect((await http.ask("/api/v1/webhooks/fake", { body: {} })).status).toBe(202);
  const { rows } = await http.lab.database.pool.query(
    "select because from ignored_delivery where delivery_id = 'delivery-2'",
  );
  expect(rows).toEqual([{ because: "a star" }]);
});

test.each([400, 401, 413] as const)("what is not authentic is answered with %i", async (status) => {
  http.received = { kind: "rejected", status, because: "no" };
  expect((await http.ask("/api/v1/webhooks/fake", { body: {} })).status).toBe(status);
});

test("a VCS that is not configured has no webhook, and a delivery has a limit", async () => {
  expect((await http.ask("/api/v1/webhooks/other", { body: {} })).status).toBe(404);
  const bytes = new Uint8Array(26 * 1024 * 1024 + 1);
  const response = await http.ask("/api/v1/webhooks/fake", { method: "POST", bytes });
  expect(response.status).toBe(413);
});
