import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { BodyOf, Params, ReplyOf, RouteName } from "../contract/api.ts";
import { call, type Send } from "../contract/client.ts";
import { UsageError } from "./host.ts";

/** Calls the server or throws a `UsageError` that says what to do next. */
export type Api = <N extends RouteName>(
  name: N,
  params: Params,
  body?: BodyOf<N>,
) => Promise<ReplyOf<N>>;

export function apiOf(url: string, token: string): Api {
  const send: Send = async (path, init) => {
    try {
      return await fetch(new URL(path, url), {
        method: init.method,
        headers: { ...init.headers, authorization: `Bearer ${token}` },
        ...(init.body === undefined ? {} : { body: init.body }),
      });
    } catch (error) {
      throw new UsageError(
        `No server answers at ${url} (${reason(error)}).`,
        "Start one with `terrane up`, or name it with --server.",
      );
    }
  };
  return async (name, params, body) => {
    const reply = await call(send, name, params, body);
    if (reply.kind === "ok") return reply.value;
    throw new UsageError(`${reply.message} (${reply.code})`, reply.next);
  };
}

/** The server that was started on this data directory. */
export async function findServer(
  dataDir: string,
  named: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly url: string; readonly token: string }> {
  const url = named ?? env["TERRANE_SERVER"] ?? (await runningUrl(dataDir));
  if (url === undefined) {
    throw new UsageError(
      `No server runs on ${dataDir}.`,
      "Start one with `terrane up`, or name it with --server and TERRANE_TOKEN.",
    );
  }
  const token = env["TERRANE_TOKEN"] ?? (await readText(join(dataDir, "token")));
  if (token === undefined) {
    throw new UsageError(
      `There is no token for ${url}.`,
      "Set TERRANE_TOKEN, or use --data-dir with the server's data directory.",
    );
  }
  return { url, token: token.trim() };
}

async function runningUrl(dataDir: string): Promise<string | undefined> {
  const text = await readText(join(dataDir, "server.json"));
  if (text === undefined) return undefined;
  try {
    const { url } = JSON.parse(text) as { url?: unknown };
    return typeof url === "string" ? url : undefined;
  } catch {
    return undefined;
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}

function reason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? cause.message : String(error);
}
