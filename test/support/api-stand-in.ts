import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { pathToFileURL } from "node:url";
import { serve } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import * as z from "zod/mini";
import { assert, present } from "../../src/base/assert.ts";
import { type ReplyOf, type RouteName, routes } from "../../src/contract/api.ts";
import type { ConversationEntry, PullRequestDetail } from "../../src/contract/views.ts";
import { appRoutes } from "./api-stand-in-apps.ts";
import { configurationRoutes } from "./api-stand-in-configuration.ts";
import { exampleWorld } from "./api-stand-in-data.ts";
import { HEAD, type World } from "./api-stand-in-make.ts";
import { whyExample } from "./api-stand-in-why.ts";

/**
 * The API without an engine: enough for developing and testing the dashboard. Each reply passes the contract's schema,
 * so that the dashboard is never tested against something that the server could not send.
 */
export interface StandIn {
  readonly url: string;
  readonly world: World;
  /** What the dashboard asked to do, oldest first. */
  readonly received: readonly Received[];
  /** Tells all open pages that these pull requests changed. */
  readonly changed: (...numbers: readonly number[]) => void;
  readonly print: (run: string, unit: string, text: string) => void;
  readonly endOutput: (run: string, unit: string) => void;
  /** Cuts every stream, as a proxy or a deployment does. */
  readonly cutStreams: () => void;
  readonly openStreams: () => number;
  readonly close: () => Promise<void>;
}

export interface Received {
  readonly route: string;
  readonly number: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Stricter than the server has to be: what passes here needs neither inline code nor Trusted Types exceptions. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const COOKIE = "terrane_session=1";

class Streams {
  readonly #open = new Map<SSEStreamingApi, string>();

  get size(): number {
    return this.#open.size;
  }

  async hold(stream: SSEStreamingApi, topic: string): Promise<void> {
    this.#open.set(stream, topic);
    await new Promise<void>((resolve) => {
      stream.onAbort(resolve);
    });
    this.#open.delete(stream);
  }

  send(topic: string, event: string, data: unknown): void {
    for (const [stream, its] of this.#open) {
      if (its === topic) void stream.writeSSE({ event, data: JSON.stringify(data) });
    }
  }

  cut(): void {
    for (const stream of this.#open.keys()) stream.abort();
    this.#open.clear();
  }
}

interface State {
  readonly world: World;
  readonly streams: Streams;
  readonly received: Received[];
  readonly token: string | undefined;
  cursor: number;
}

export async function startApiStandIn(
  options: {
    readonly world?: World;
    /** With a token the API wants a session. */
    readonly token?: string;
    /** A built dashboard to serve. */
    readonly webDir?: string;
    readonly port?: number;
  } = {},
): Promise<StandIn> {
  const state: State = {
    world: options.world ?? exampleWorld(),
    streams: new Streams(),
    received: [],
    token: options.token,
    cursor: 1,
  };
  const app = new Hono();
  app.route("/api/v1", api(state));
  if (options.webDir !== undefined) {
    const { webDir } = options;
    app.get("*", (c) => page(c, webDir));
  }
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const started = serve(
      { fetch: app.fetch, port: options.port ?? 0, hostname: "127.0.0.1" },
      () => resolve(started),
    );
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    world: state.world,
    received: state.received,
    changed: (...numbers) => tell(state, numbers),
    print: (run, unit, text) => print(state, run, unit, text),
    endOutput: (run, unit) => {
      outputOf(state, run, unit).ended = true;
      state.streams.send(`${run} ${unit}`, "end", {});
    },
    cutStreams: () => state.streams.cut(),
    openStreams: () => state.streams.size,
    close: async () => {
      state.streams.cut();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      });
    },
  };
}

function api(state: State): Hono {
  const { world } = state;
  const app = new Hono();
  app.use(async (c, next) => {
    const unsafe = c.req.method !== "GET";
    if (unsafe && c.req.header("x-terrane") !== "1") {
      return refuse(c, 403, "CSRF", "The request has no `x-terrane` header.");
    }
    const open = c.req.path.endsWith("/session") || state.token === undefined;
    if (!open && !(c.req.header("cookie") ?? "").includes(COOKIE)) {
      return refuse(c, 401, "SIGN_IN", "Nobody is signed in.", "Sign in with a token.");
    }
    await next();
    return undefined;
  });
  app.post("/session", async (c) => {
    const { token } = await c.req.json<{ token?: string }>();
    if (token !== state.token) return refuse(c, 401, "BAD_TOKEN", "Unknown token.");
    c.header("set-cookie", `${COOKIE}; HttpOnly; SameSite=Lax; Path=/`);
    return c.json({ ok: true });
  });
  app.delete("/session", (c) => {
    c.header("set-cookie", "terrane_session=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0");
    return c.json({ ok: true });
  });
  app.get("/server", (c) => reply(c, "server", world.server));
  app.get("/repositories", (c) => reply(c, "repositories", world.repositories));
  app.get("/pulls", (c) => reply(c, "pullRequests", world.pulls));
  app.get("/runs", (c) => reply(c, "runs", world.runs));
  app.get("/locks", (c) => reply(c, "locks", world.locks));
  app.get(routes.setAside.path, (c) => reply(c, "setAside", world.setAside));
  app.get(routes.budget.path, (c) => reply(c, "budget", world.budget));
  app.post(routes.repeat.path, (c) => {
    const id = c.req.param("id");
    const before = world.setAside.length;
    world.setAside = world.setAside.filter((one) => one.id !== id);
    return world.setAside.length < before
      ? reply(c, "repeat", { ok: true })
      : missing(c, "failure");
  });
  app.get("/runs/:run", (c) => {
    const run = world.runs.find(({ id }) => id === c.req.param("run"));
    return run === undefined ? missing(c, "run") : reply(c, "run", run);
  });
  app.get("/repositories/:repository/pulls/:number", (c) => {
    const pull = pullOf(state, c.req.param("number"));
    return pull === undefined ? missing(c, "pull request") : reply(c, "pullRequest", pull);
  });
  app.get(routes.diff.path, (c) => reply(c, "diff", { text: world.diff, truncated: false }));
  app.get(routes.why.path, (c) => {
    const pull = pullOf(state, c.req.param("number"));
    if (pull === undefined) return missing(c, "pull request");
    return reply(c, "why", whyExample(pull, c.req.query("dirspace")));
  });
  for (const name of ["comment", "review", "merge", "setState", "command"] as const) {
    app.post(routes[name].path, async (c) => act(c, state, name));
  }
  configurationRoutes(app, world);
  appRoutes(app, reply);
  streams(app, state);
  return app;
}

function streams(app: Hono, state: State): void {
  app.get("/events", (c) => streamSSE(c, (stream) => state.streams.hold(stream, "events")));
  app.get("/runs/:run/output/:unit/stream", (c) => {
    const run = c.req.param("run");
    const unit = c.req.param("unit");
    const after = Number(c.req.query("after") ?? -1);
    return streamSSE(c, async (stream) => {
      const { chunks, ended } = outputOf(state, run, unit);
      for (const [seq, text] of chunks.entries()) {
        if (seq > after) {
          await stream.writeSSE({ event: "chunk", data: JSON.stringify({ seq, text }) });
        }
      }
      if (ended) await stream.writeSSE({ event: "end", data: "{}" });
      else await state.streams.hold(stream, `${run} ${unit}`);
    });
  });
}

async function act(
  c: Context,
  state: State,
  name: "comment" | "review" | "merge" | "setState" | "command",
): Promise<Response> {
  const parsed = z.safeParse(routes[name].body, await c.req.json());
  if (!parsed.success) return refuse(c, 400, "BAD_BODY", "The request has another shape.");
  const body = parsed.data as Readonly<Record<string, string>>;
  const number = Number(c.req.param("number"));
  const pull = pullOf(state, String(number));
  if (pull === undefined) return missing(c, "pull request");
  const as = body["as"] ?? state.world.server.actor;
  state.received.push({ route: name, number, body });
  if (as === "otto" && name !== "comment") {
    return refuse(
      c,
      403,
      "E_NOT_PERMITTED",
      "`otto` may only read here.",
      "Ask somebody who has `write`.",
    );
  }
  change(pull, name, body, as);
  tell(state, [number]);
  return reply(c, name, { ok: true });
}

function change(
  pull: PullRequestDetail,
  name: "comment" | "review" | "merge" | "setState" | "command",
  body: Readonly<Record<string, string>>,
  as: string,
): void {
  const at = new Date().toISOString();
  const say = (entry: ConversationEntry) => pull.local?.conversation.push(entry);
  pull.updatedAt = at;
  switch (name) {
    case "comment":
      say({
        kind: "comment",
        id: `c${Date.now()}`,
        author: as,
        byTerrane: false,
        markdown: body["body"] ?? "",
        at,
        editedAt: null,
        acknowledged: (body["body"] ?? "").startsWith("terrane"),
      });
      break;
    case "review":
      say({
        kind: "review",
        id: `r${Date.now()}`,
        author: as,
        verdict: z.parse(routes.review.body.shape.verdict, body["verdict"]),
        commit: HEAD,
        at,
      });
      break;
    case "merge":
      pull.state = "merged";
      say({ kind: "event", text: `${as} merged this pull request`, at });
      break;
    case "setState":
      if (body["state"] === "open" || body["state"] === "closed") pull.state = body["state"];
      else pull.draft = body["state"] === "draft";
      break;
    case "command":
      pull.notice = {
        at,
        command: body["command"] ?? null,
        actor: as,
        outcome: "accepted",
        reasons: [{ code: "I_PLAN_STARTED", title: "Planning 6 dirspaces", cause: "", next: null }],
      };
      break;
  }
}

function pullOf(state: State, number: string): PullRequestDetail | undefined {
  return state.world.pulls.find((pull) => pull.number === Number(number));
}

function outputOf(state: State, run: string, unit: string): { chunks: string[]; ended: boolean } {
  const key = `${run} ${unit}`;
  const known = state.world.output.get(key) ?? { chunks: [], ended: false };
  state.world.output.set(key, known);
  return known;
}

function print(state: State, run: string, unit: string, text: string): void {
  const { chunks } = outputOf(state, run, unit);
  chunks.push(text);
  state.streams.send(`${run} ${unit}`, "chunk", { seq: chunks.length - 1, text });
}

function tell(state: State, numbers: readonly number[]): void {
  state.cursor += 1;
  const pullRequests = numbers.map((number) => ({ repositoryId: "repo-1", number }));
  state.streams.send("events", "changed", { cursor: state.cursor, pullRequests });
}

function reply<N extends RouteName>(c: Context, name: N, value: ReplyOf<N>): Response {
  const parsed = z.safeParse(routes[name].reply as unknown as z.ZodMiniType<ReplyOf<N>>, value);
  const problem = parsed.success ? "" : z.prettifyError(parsed.error);
  assert(parsed.success, `api-stand-in: the reply to ${name} breaks the contract: ${problem}`);
  return c.json(present(parsed.data, "a parsed reply is there"));
}

function missing(c: Context, what: string): Response {
  return refuse(c, 404, "NOT_FOUND", `There is no such ${what}.`, "Look at the list of them.");
}

function refuse(
  c: Context,
  status: 400 | 401 | 403 | 404,
  code: string,
  message: string,
  next?: string,
): Response {
  return c.json({ error: { code, message, ...(next === undefined ? {} : { next }) } }, status);
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Every address that is no file is a page of the dashboard. */
async function page(c: Context, webDir: string): Promise<Response> {
  const wanted = normalize(decodeURIComponent(c.req.path));
  const path = TYPES[extname(wanted)] === undefined ? "/index.html" : wanted;
  try {
    const bytes = await readFile(join(webDir, path));
    return c.body(new Uint8Array(bytes), 200, {
      "content-type": TYPES[extname(path)] ?? "application/octet-stream",
      "content-security-policy": CONTENT_SECURITY_POLICY,
      "x-content-type-options": "nosniff",
    });
  } catch {
    return c.notFound();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const standIn = await startApiStandIn({ port: Number(process.argv[2] ?? 8080) });
  process.stdout.write(`The API's stand-in listens on ${standIn.url}\n`);
}
