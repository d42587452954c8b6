import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { WorkStep } from "../../src/contract/step.ts";
import { run, unit, useRunner } from "../support/runner-lab.ts";

const its = useRunner();
const engine = { name: "terraform", version: null, command: "sh", collectOutputs: true } as const;

interface Heard {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

let heard: Heard[] = [];
let answers: number[] = [];
let listener: Server;
let address = "";

beforeEach(async () => {
  heard = [];
  answers = [];
  listener = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString("utf8")));
    request.on("end", () => {
      heard.push({ path: request.url ?? "", headers: request.headers, body });
      response.writeHead(answers.shift() ?? 200);
      response.end("what it says");
    });
  });
  await new Promise<void>((done) => listener.listen(0, "127.0.0.1", done));
  address = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
});
afterEach(() => {
  listener.closeAllConnections();
  listener.close();
});

const slack = (message: string): WorkStep => ({ type: "slack", message, runOn: "success" });
const webhook = (more: Partial<Extract<WorkStep, { type: "webhook" }>>): WorkStep => ({
  type: "webhook",
  url: `${address}/hook`,
  headers: {},
  body: null,
  runOn: "success",
  ...more,
});

async function ran(steps: WorkStep[], env: Record<string, string> = {}) {
  const repository = its.repository({ "a/x": "" });
  const headSha = repository.commit("feature", {});
  return await its.job({ headSha, units: [unit("a", { steps, engine })] }, repository.bare, env);
}

test("a message goes to Slack with its variables, which make no links, and without secrets", async () => {
  const job = await ran(
    [slack("$TERRANE_DIR: <https://a.example|see> $WHO for $$5, ${DB_PASSWORD}")],
    {
      SLACK_WEBHOOK_URL: `${address}/services/T0/B0/5ecret-path`,
      WHO: "<!channel>",
      DB_PASSWORD: "hunter2-5ecret",
    },
  );
  expect(job, job.log).toMatchObject({ code: 0 });
  expect(heard).toHaveLength(1);
  expect(heard[0]).toMatchObject({ path: "/services/T0/B0/5ecret-path" });
  expect(JSON.parse(heard[0]?.body ?? "")).toEqual({
    text: "a: <https://a.example|see> &lt;!channel&gt; for $5, ***",
  });
  expect(its.server.everything()).not.toContain("5ecret-path");
});

test("without an address the step says which secret to set", async () => {
  await ran([slack("hi")]);
  expect(its.result("a default", "failed").failure).toMatchObject({
    step: "slack",
    message: expect.stringContaining("Set the secret SLACK_WEBHOOK_URL"),
  });
});

test("a webhook that says nothing itself tells what ran", async () => {
  const job = await ran([webhook({})]);
  expect(job, job.log).toMatchObject({ code: 0 });
  expect(heard[0]).toMatchObject({
    path: "/hook",
    headers: { "content-type": "application/json" },
  });
  expect(JSON.parse(heard[0]?.body ?? "")).toEqual({
    operation: "plan",
    repository: "acme/infra",
    pull_request: "7",
    run_kind: "pr",
    dir: "a",
    workspace: "default",
  });
});

test("no value breaks out of a body that is JSON, and headers have variables", async () => {
  const body = '{"text": "$WHO", "list": ["${WHO}"], "n": 1}';
  const headers = { Authorization: "Bearer $HOOK_AUTH" };
  const who = 'x", "admin": "yes';
  const job = await ran(
    [webhook({ url: "$HOOK", body, headers }), run(["echo", "$HOOK_AUTH $HOOK"])],
    {
      HOOK: `${address}/5ecret-hook`,
      HOOK_AUTH: "auth-5ecret",
      WHO: who,
    },
  );
  expect(job, job.log).toMatchObject({ code: 0 });
  expect(heard[0]).toMatchObject({
    path: "/5ecret-hook",
    headers: { authorization: "Bearer auth-5ecret" },
  });
  expect(JSON.parse(heard[0]?.body ?? "")).toEqual({ text: who, list: [who], n: 1 });
  expect(its.server.everything()).not.toContain("5ecret");
  expect(job.log).not.toContain("5ecret");
});

test("a busy receiver is asked again", async () => {
  answers = [503, 200];
  const busy = await ran([webhook({ body: "plain $TERRANE_DIR" })]);
  expect(busy, busy.log).toMatchObject({ code: 0 });
  expect(heard.map(({ body }) => body)).toEqual(["plain a", "plain a"]);
  expect(heard[0]?.headers["content-type"]).toContain("text/plain");
});

test("a receiver that refuses fails the step with its words", async () => {
  answers = [403];
  await ran([webhook({})]);
  expect(its.result("a default", "failed").failure.message).toBe(
    "The webhook was not called. It answered HTTP 403: what it says.",
  );
});
