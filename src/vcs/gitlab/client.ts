import type { z } from "zod";
import type { VcsFailure, VcsResult } from "../../ports/vcs.ts";
import { readBody } from "./body.ts";
import { explain, type GitlabFailure, unavailable, unreadable } from "./failure.ts";
import { selfSchema } from "./schema.ts";

/** A call that takes longer is taken for lost. */
const CALL_TIMEOUT_MS = 20_000;
const BYTES_MAX = 16 * 1024 * 1024;
/** As many as one list can reasonably have, and a loop that ends. */
const PAGES_MAX = 100;
/** GitLab gives no more at once. */
export const PER_PAGE = 100;

export interface GitlabOptions {
  /** Where GitLab is, without `/api/v4` and without a slash at the end. */
  readonly url: string;
  /** Of a project, a group or a user: scope `api`. */
  readonly token: string;
  readonly userAgent: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A call below `/api/v4`. */
export interface GitlabRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** What is longer is not read to its end. */
  readonly bytesMax?: number;
}

export interface GitlabAnswer {
  readonly headers: Headers;
  readonly text: string;
}

export type GitlabResult<T> = { readonly kind: "ok"; readonly value: T } | GitlabFailure;

/** Speaks with one GitLab as one token; failures come back as values, and a limit that was announced is obeyed. */
export interface GitlabClient {
  /** Any call whose answer is JSON; who asks changes nothing, for there is one token. */
  send(
    caller: { readonly installation: string },
    request: GitlabRequest,
  ): Promise<GitlabResult<unknown>>;
  /** Any call; the answer is not read. */
  ask(request: GitlabRequest): Promise<GitlabResult<GitlabAnswer>>;
  /** A call whose answer has a shape. */
  call<T>(request: GitlabRequest, shape: z.ZodType<T>): Promise<GitlabResult<T>>;
  /** The same with what stands in the header `link`. */
  linked<T>(
    request: GitlabRequest,
    shape: z.ZodType<T>,
  ): Promise<GitlabResult<{ readonly value: T; readonly link: string | undefined }>>;
  /** All pages of a list, or as many as `enough` asks for. */
  pages<T>(
    request: GitlabRequest,
    shape: z.ZodType<readonly T[]>,
    enough?: (page: readonly T[]) => boolean,
  ): Promise<GitlabResult<readonly T[]>>;
  /** The id of the account that the token is of. */
  self(): Promise<VcsResult<string>>;
}

export function ok<T>(value: T): { readonly kind: "ok"; readonly value: T } {
  return { kind: "ok", value };
}

/** By id: a path can be taken over by somebody else (S15). */
export function projectPath(repo: { readonly id: string }, path: string): string {
  return `/projects/${encodeURIComponent(repo.id)}${path}`;
}

interface Context extends GitlabOptions {
  /** It was told to stay away until then. */
  closedUntil: number;
  self: string | undefined;
}

export function createClient(options: GitlabOptions): GitlabClient {
  const context: Context = { ...options, closedUntil: 0, self: undefined };
  const call = async <T>(request: GitlabRequest, shape: z.ZodType<T>): Promise<GitlabResult<T>> => {
    const answer = await ask(context, request);
    return answer.kind === "ok" ? read(request, answer.value, shape) : answer;
  };
  return {
    send: async (_caller, request) => {
      const answer = await ask(context, request);
      return answer.kind === "ok" ? parse(request, answer.value) : answer;
    },
    ask: (request) => ask(context, request),
    call,
    linked: async (request, shape) => {
      const answer = await ask(context, request);
      if (answer.kind !== "ok") return answer;
      const value = read(request, answer.value, shape);
      const link = answer.value.headers.get("link") ?? undefined;
      return value.kind === "ok" ? ok({ value: value.value, link }) : value;
    },
    pages: (request, shape, enough) => readPages(context, request, shape, enough),
    self: async () => {
      if (context.self !== undefined) return ok(context.self);
      const told = await call({ method: "GET", path: "/user" }, selfSchema);
      if (told.kind !== "ok") return told;
      context.self = told.value.id;
      return ok(told.value.id);
    },
  };
}

async function ask(
  context: Context,
  { method, path, query, body, bytesMax = BYTES_MAX }: GitlabRequest,
): Promise<GitlabResult<GitlabAnswer>> {
  const route = `${method} ${path}`;
  const told = context.closedUntil - context.now();
  // Whoever keeps calling while limited is limited for longer.
  if (told > 0) return { ...wait(told), waitsForAll: true };
  const to = new URL(`${context.url}/api/v4${path}`);
  for (const [name, value] of Object.entries(query ?? {})) to.searchParams.set(name, value);
  try {
    const response = await fetch(to, {
      method,
      headers: {
        "user-agent": context.userAgent,
        "private-token": context.token,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // A redirect would carry the token to wherever it leads.
      redirect: "manual",
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    });
    const text = await readBody(response, bytesMax);
    if (response.ok) {
      return text === undefined
        ? tooLarge(route, bytesMax)
        : ok({ headers: response.headers, text });
    }
    const failure = explain(route, response, text ?? "");
    if (failure.kind === "unavailable" && failure.waitsForAll === true) {
      context.closedUntil = context.now() + (failure.retryAfterMs ?? 0);
    }
    return failure;
  } catch (error) {
    const why = error instanceof Error ? error.message : "no answer";
    return unavailable(`GitLab did not answer ${route}: ${why}`);
  }
}

function wait(ms: number): Extract<VcsFailure, { kind: "unavailable" }> {
  const message = `GitLab asked us to wait ${Math.ceil(ms / 1000)} s before the next call.`;
  return { kind: "unavailable", message, retryAfterMs: ms };
}

function tooLarge(route: string, max: number): GitlabFailure {
  const message = `GitLab's answer to ${route} is larger than ${max} bytes.`;
  return { kind: "rejected", message, tooLarge: true };
}

function parse(request: GitlabRequest, { text }: GitlabAnswer): GitlabResult<unknown> {
  try {
    return ok(JSON.parse(text) as unknown);
  } catch {
    return unreadable(`${request.method} ${request.path}`, "it is no JSON");
  }
}

/** A 200 that is not what it should be is the work of a proxy or an incident, and may pass. */
function read<T>(
  request: GitlabRequest,
  answer: GitlabAnswer,
  shape: z.ZodType<T>,
): GitlabResult<T> {
  const json = parse(request, answer);
  if (json.kind !== "ok") return json;
  const parsed = shape.safeParse(json.value);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  const where = issue === undefined ? "" : `${issue.path.join(".")}: ${issue.message}`;
  return unreadable(`${request.method} ${request.path}`, where);
}

async function readPages<T>(
  context: Context,
  request: GitlabRequest,
  shape: z.ZodType<readonly T[]>,
  enough: ((page: readonly T[]) => boolean) | undefined,
): Promise<GitlabResult<readonly T[]>> {
  const all: T[] = [];
  let page = "1";
  for (let n = 0; n < PAGES_MAX; n++) {
    const query = { ...request.query, per_page: String(PER_PAGE), page };
    const answer = await ask(context, { ...request, query });
    if (answer.kind !== "ok") return answer;
    const items = read(request, answer.value, shape);
    if (items.kind !== "ok") return items;
    all.push(...items.value);
    page = answer.value.headers.get("x-next-page") ?? "";
    if (page === "" || enough?.(items.value) === true) return ok(all);
  }
  const message = `GitLab lists more than ${PAGES_MAX * PER_PAGE} entries at ${request.path}; Terrane reads no further.`;
  return { kind: "rejected", message };
}
