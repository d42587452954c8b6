import { createHash, randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import { authenticate, authorize, type Caller, type Needs } from "./auth.ts";
import type { Fault } from "./faults.ts";
import { classOf, type Refused } from "./limiter.ts";
import { apiUrl } from "./shapes/account.ts";
import { repositoryUrl } from "./shapes/repository.ts";
import { description, field, isJson, type Json, type Operation } from "./spec/description.ts";
import { notFound, WireError } from "./wire-error.ts";
import { findRepository, fullName, type Repository, type World } from "./world.ts";

const PER_PAGE = 30;
const PER_PAGE_MAX = 100;
const HOURLY_CALLS = 5_000;
/** As faults name the calls that no description of REST has. */
export const GRAPHQL = "graphql";

/** One request, read and authenticated. */
export interface Call {
  readonly world: World;
  readonly caller: Caller;
  readonly url: URL;
  readonly body: Json;
  readonly accept: string;
  param(name: string): string;
  query(name: string): string | undefined;
}

export interface RepositoryCall extends Call {
  readonly repo: Repository;
}

export interface Reply {
  readonly status: 200 | 201 | 202 | 204 | 302;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

type Method = "get" | "post" | "patch" | "put" | "delete";

export interface Variables {
  readonly Variables: { caller: Caller; body: Json; anyone: boolean };
}

export type Api = Hono<Variables>;

export function newApi(world: World): Api {
  const api = new Hono<Variables>();
  api.use(async (c: Context<Variables>, next) => await watch(world, c, next));
  api.onError((error) => {
    if (!(error instanceof WireError)) throw error;
    return Response.json(error.body, { status: error.status });
  });
  api.notFound(() => Response.json(notFound().body, { status: 404 }));
  return api;
}

/** Around every call: injected faults, identity, conditional requests, and the judgement by GitHub's description. */
async function watch(
  world: World,
  c: Context<Variables>,
  next: () => Promise<void>,
): Promise<void> {
  const path = new URL(c.req.url).pathname;
  const operation = description().match(c.req.method, path);
  const name = operation?.id ?? `${c.req.method} ${path}`;
  world.journal.called(name);
  const sent = await c.req.text();
  const body = sent === "" ? undefined : (JSON.parse(sent) as unknown);
  const faultable = operation?.id ?? (path === "/graphql" ? GRAPHQL : undefined);
  await world.faults.free(faultable);
  const fault = world.faults.take(faultable);
  if (fault !== undefined && !fault.afterwards) {
    c.res = faultResponse(fault);
    return;
  }
  if (!c.req.header("user-agent")) world.journal.violated(name, ["request without User-Agent"]);
  c.set("body", isJson(body) ? body : {});
  const caller = c.req.header("authorization") ?? "";
  const who = limitedAs(world, caller);
  const kind = classOf(c.req.method, path);
  world.journal.classed(who === undefined ? "app" : kind);
  const entered =
    who === undefined ? undefined : world.limiter?.enter(who, kind, world.now().getTime());
  if (entered !== undefined && "limit" in entered) {
    c.res = limitResponse(entered);
    return;
  }
  await next();
  entered?.leave();
  await judge(world, c, operation, name, body);
  if (fault !== undefined) c.res = faultResponse(fault);
  else await finish(world, c, who);
}

/** The installation whose limits the call counts against; nobody's where the app speaks for itself. */
function limitedAs(world: World, header: string): string | undefined {
  const token = world.tokens.get(header.split(" ")[1] ?? "");
  return token?.kind === "installation" ? String(token.installation.id) : undefined;
}

function limitResponse({ limit, retryAfterSeconds }: Refused): Response {
  const message = `You have exceeded a rate limit (${limit}).`;
  const headers = { "retry-after": String(retryAfterSeconds) };
  return Response.json({ message }, { status: 429, headers });
}

function faultResponse(fault: Fault): Response {
  const isText = typeof fault.body === "string";
  return new Response(isText ? String(fault.body) : JSON.stringify(fault.body), {
    status: fault.status,
    headers: { "content-type": isText ? "text/html" : "application/json", ...fault.headers },
  });
}

async function judge(
  world: World,
  c: Context<Variables>,
  operation: Operation | undefined,
  name: string,
  requestBody: unknown,
): Promise<void> {
  // GraphQL is judged by its own schema.
  if (c.req.path === "/graphql") return;
  if (operation === undefined) return world.journal.violated(name, ["no such operation"]);
  const isJsonAnswer = (c.res.headers.get("content-type") ?? "").startsWith("application/json");
  const answer = isJsonAnswer ? await c.res.clone().text() : "";
  const problems = description().check({
    operation,
    query: new URL(c.req.url).searchParams,
    requestBody,
    status: c.res.status,
    responseBody: answer === "" ? undefined : (JSON.parse(answer) as unknown),
  });
  world.journal.violated(`${name} ${c.res.status}`, problems);
}

async function finish(world: World, c: Context<Variables>, who: string | undefined): Promise<void> {
  const headers = new Headers(c.res.headers);
  headers.set("x-github-request-id", randomUUID().toUpperCase());
  headers.set("x-ratelimit-limit", String(HOURLY_CALLS));
  headers.set("x-ratelimit-remaining", String(HOURLY_CALLS - 1));
  headers.set("x-ratelimit-resource", "core");
  const graphql = c.req.path === "/graphql";
  const now = world.now().getTime();
  const bytes = Buffer.from(await c.res.arrayBuffer());
  const bodiless = c.res.status === 204 || c.res.status === 304;
  let { status } = c.res;
  if (c.req.method === "GET" && status === 200) {
    const etag = `W/"${createHash("sha256").update(bytes).digest("hex")}"`;
    headers.set("etag", etag);
    if (c.req.header("if-none-match") === etag) {
      status = 304;
      world.journal.unchanged += 1;
      if (who !== undefined) world.limiter?.giveBack(who, now);
    }
  }
  const told = who === undefined ? undefined : world.limiter?.headers(who, graphql, now);
  for (const [name, value] of Object.entries(told ?? {})) headers.set(name, value);
  // Assigning merges the old headers in; clear first.
  c.res = undefined;
  c.res = new Response(bodiless || status === 304 ? null : bytes, { status, headers });
}

function toCall(world: World, c: Context<Variables>, caller: Caller): Call {
  const asked = new URL(c.req.url);
  const url = new URL(`${apiUrl(world)}${asked.pathname}${asked.search}`);
  return {
    world,
    caller,
    url,
    body: c.get("body"),
    accept: c.req.header("accept") ?? "",
    param: (name) => c.req.param(name) ?? "",
    query: (name) => url.searchParams.get(name) ?? undefined,
  };
}

/** A route outside any repository; `who` says which kind of caller it answers. */
export function route(
  world: World,
  api: Api,
  method: Method,
  path: string,
  who: Caller["kind"] | "any",
  handle: (call: Call) => Promise<Reply> | Reply,
): void {
  api.on(method.toUpperCase(), path, async (c) => {
    const caller = await authenticate(world, c.req.header("authorization"));
    if (who !== "any" && caller.kind !== who) {
      throw who === "app"
        ? new WireError(401, "A JSON web token could not be decoded")
        : new WireError(403, "Resource not accessible by integration");
    }
    return toResponse(await handle(toCall(world, c, caller)));
  });
}

/** A route below `/repos/{owner}/{repo}` that needs a permission there. */
export function repositoryRoute(
  world: World,
  api: Api,
  method: Method,
  path: string,
  needs: Needs,
  handle: (call: RepositoryCall) => Promise<Reply> | Reply,
): void {
  api.on(method.toUpperCase(), `/repos/:owner/:repo${path}`, async (c) => {
    const caller = await authenticate(world, c.req.header("authorization"));
    const call = toCall(world, c, caller);
    const repo = findRepository(world, call.param("owner"), call.param("repo"));
    if (repo === undefined) return renamed(world, call);
    authorize(world, caller, repo, needs);
    return toResponse(await handle({ ...call, repo }));
  });
}

/** Renamed repositories answer under their old name with a redirect to their id. */
function renamed(world: World, call: Call): Response {
  const old = `${call.param("owner")}/${call.param("repo")}`;
  const id = world.redirects.get(old.toLowerCase());
  const repo = id === undefined ? undefined : world.repositories.get(id);
  if (repo === undefined) throw notFound();
  const to = call.url.href.replace(/\/repos\/[^/]+\/[^/?]+/, `/repositories/${repo.id}`);
  const body = {
    message: "Moved Permanently",
    url: repositoryUrl(world, repo),
    documentation_url: fullName(repo),
  };
  return Response.json(body, { status: 301, headers: { location: to } });
}

function toResponse(reply: Reply): Response {
  const init = { status: reply.status, headers: reply.headers ?? {} };
  if (reply.body === undefined) return new Response(null, init);
  if (reply.body instanceof Uint8Array) return new Response(new Uint8Array(reply.body), init);
  return Response.json(reply.body, init);
}

export function ok(body: unknown): Reply {
  return { status: 200, body };
}

export function created(body: unknown): Reply {
  return { status: 201, body };
}

/** One page of a list, with GitHub's `Link` header. */
export function page<T>(
  call: Call,
  items: readonly T[],
): { readonly items: readonly T[]; readonly headers: Record<string, string> } {
  const size = Math.min(PER_PAGE_MAX, positive(call.query("per_page"), PER_PAGE));
  const number = positive(call.query("page"), 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const link = (to: number, rel: string) => {
    const url = new URL(call.url);
    url.searchParams.set("page", String(to));
    return `<${url.href}>; rel="${rel}"`;
  };
  const links = [
    ...(number > 1 ? [link(number - 1, "prev"), link(1, "first")] : []),
    ...(number < last ? [link(number + 1, "next"), link(last, "last")] : []),
  ];
  return {
    items: items.slice((number - 1) * size, number * size),
    headers: links.length === 0 ? {} : { link: links.join(", ") },
  };
}

function positive(given: string | undefined, otherwise: number): number {
  const value = Number(given);
  return Number.isInteger(value) && value > 0 ? value : otherwise;
}

/** A text field of the request body. */
export function text(call: Call, key: string): string | undefined {
  const value = field(call.body, key);
  return typeof value === "string" ? value : undefined;
}

export function integer(call: Call, name: string): number {
  const value = Number(call.param(name));
  if (!Number.isSafeInteger(value)) throw notFound();
  return value;
}
