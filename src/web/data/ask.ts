import type { BodyOf, Params, ReplyOf, RouteName } from "../../contract/api.ts";
import { call, type Send } from "../../contract/client.ts";
import { ApiError } from "./api-error.ts";

/** The server refuses an unsafe verb without it: another site's form cannot send a header of its own. */
const UNSAFE_HEADERS = { "x-terrane": "1" } as const;

const send: Send = async (path, init) => {
  const unsafe = init.method !== "GET";
  return await fetch(path, {
    method: init.method,
    headers: { ...init.headers, ...(unsafe ? UNSAFE_HEADERS : {}) },
    ...(init.body === undefined ? {} : { body: init.body }),
    credentials: "same-origin",
    cache: "no-store",
  });
};

/** Calls one route of the contract; throws ApiError. */
export async function ask<N extends RouteName>(
  name: N,
  params: Params,
  body?: BodyOf<N>,
): Promise<ReplyOf<N>> {
  const reply = await reach(() => call(send, name, params, body));
  if (reply.kind === "ok") return reply.value;
  throw new ApiError(reply);
}

/** The session is a cookie that scripts cannot read; these two calls make it and end it. */
export async function signIn(token: string): Promise<void> {
  await session("POST", { token });
}

export async function signOut(): Promise<void> {
  await session("DELETE", undefined);
}

async function session(method: "POST" | "DELETE", body: unknown): Promise<void> {
  const answer = await reach(() =>
    send("/api/v1/session", {
      method,
      headers: { accept: "application/json", "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  if (answer.status < 400) return;
  const refused = answer.status === 401 || answer.status === 403;
  throw new ApiError({
    status: answer.status,
    code: refused ? "TOKEN_REFUSED" : `HTTP_${answer.status}`,
    message: refused
      ? "The server does not know this token."
      : `The server answered ${answer.status}.`,
    next: refused
      ? "Copy the token that the server printed when it started, or ask the person who runs it for one."
      : undefined,
  });
}

async function reach<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch {
    throw new ApiError({
      status: 0,
      code: "UNREACHABLE",
      message: "The server does not answer.",
      next: "Check that it runs and that you are connected. This page tries again by itself.",
    });
  }
}
