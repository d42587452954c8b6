import * as z from "zod/mini";
import { type BodyOf, type Params, type ReplyOf, type RouteName, routes } from "./api.ts";
import { ErrorReply } from "./work.ts";

/** The part of `fetch` that the client needs; given from outside, so that this folder stays pure. */
export type Send = (
  path: string,
  init: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  },
) => Promise<{ readonly status: number; text(): Promise<string> }>;

export type Reply<T> =
  | { readonly kind: "ok"; readonly value: T }
  | {
      readonly kind: "error";
      readonly status: number;
      readonly code: string;
      readonly message: string;
      readonly next: string | undefined;
    };

/** Calls one route: fills the path, checks the reply's shape. A reply of another shape is an error, not a surprise later. */
export async function call<N extends RouteName>(
  send: Send,
  name: N,
  params: Params,
  body?: BodyOf<N>,
): Promise<Reply<ReplyOf<N>>> {
  const route = routes[name];
  const asked = "query" in route ? queryOf(route.query, params) : "";
  const path = `/api/v1${fillPath(route.path, params)}${asked}`;
  const headers = {
    accept: "application/json",
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  const answer = await send(path, {
    method: route.method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const json = parseJson(text);
  if (answer.status >= 400) return errorOf(answer.status, json);
  const parsed = z.safeParse(route.reply as unknown as z.ZodMiniType<ReplyOf<N>>, json);
  if (parsed.success) return { kind: "ok", value: parsed.data };
  return {
    kind: "error",
    status: answer.status,
    code: "BAD_REPLY",
    message: `The server's answer to ${name} has an unexpected shape.`,
    next: "Use the same version of server and client.",
  };
}

export function fillPath(template: string, params: Params): string {
  return template.replace(/:([a-z]+)/g, (_, name: string) =>
    encodeURIComponent(String(params[name] ?? "")),
  );
}

/** `?dirspace=net`, or nothing where none of these is given. */
function queryOf(names: readonly string[], params: Params): string {
  const given = names.flatMap((name) => {
    const value = params[name];
    return value === undefined ? [] : [`${name}=${encodeURIComponent(String(value))}`];
  });
  return given.length === 0 ? "" : `?${given.join("&")}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function errorOf(status: number, json: unknown): Extract<Reply<never>, { kind: "error" }> {
  const parsed = z.safeParse(ErrorReply, json);
  if (!parsed.success)
    return {
      kind: "error",
      status,
      code: `HTTP_${status}`,
      message: `The server answered ${status}.`,
      next: undefined,
    };
  return { kind: "error", status, ...parsed.data.error, next: parsed.data.error.next };
}
