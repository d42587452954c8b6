import { truncateMiddle } from "../base/text.ts";
import type { VcsFailure, VcsResult } from "../ports/vcs.ts";
import type { GitlabApi, GitlabRequest } from "./gitlab-api.ts";
import { readLimited } from "./read-limited.ts";

export interface GitlabClientOptions {
  /** Where GitLab is, without `/api/v4`. */
  readonly url: string;
  /** Of a project, a group or a user that may start pipelines: scope `api`. */
  readonly token: string;
  readonly userAgent: string;
}

const TIMEOUT_MS = 20_000;
const BYTES_MAX = 8 * 1024 * 1024;
const MESSAGE_CHARS_MAX = 500;
/** GitLab names the wait; without its word this is long enough for its limits by the minute. */
const LIMITED_MS = 60_000;
const LIMITED_MS_MAX = 3_600_000;

/** Speaks with one GitLab as one token. */
export function createGitlabClient(options: GitlabClientOptions): GitlabApi {
  return { send: (_caller, request) => send(options, request) };
}

async function send(
  { url, token, userAgent }: GitlabClientOptions,
  { method, path, query, body }: GitlabRequest,
): Promise<VcsResult<unknown>> {
  const to = new URL(`${url}/api/v4${path}`);
  for (const [name, value] of Object.entries(query ?? {})) to.searchParams.set(name, value);
  const route = `${method} ${path}`;
  let response: Response;
  let text: string;
  try {
    response = await fetch(to, {
      method,
      headers: {
        accept: "application/json",
        "user-agent": userAgent,
        "private-token": token,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // A redirect would carry the token to wherever it leads.
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    text = await readLimited(route, response, BYTES_MAX);
  } catch (error) {
    const why = error instanceof Error ? error.message : "no answer";
    return unavailable(`GitLab did not answer ${route}: ${why}`);
  }
  if (!response.ok) return failure(response, text, route);
  try {
    return { kind: "ok", value: JSON.parse(text) as unknown };
  } catch {
    return unavailable(`GitLab's answer to ${route} is no JSON.`);
  }
}

function failure(response: Response, text: string, route: string): VcsFailure {
  const { status } = response;
  const message = `GitLab answered ${status} to ${route}: ${said(text)}`;
  switch (status) {
    case 401:
    case 403:
      return { kind: "forbidden", message };
    case 404:
    case 410:
      return { kind: "not_found", message };
    case 429:
      return { ...unavailable(message), retryAfterMs: waitOf(response), waitsForAll: true };
    case 408:
      return unavailable(message);
    default:
      return status >= 500 ? unavailable(message) : { kind: "rejected", message };
  }
}

function waitOf(response: Response): number {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  if (!Number.isFinite(seconds) || seconds <= 0) return LIMITED_MS;
  return Math.min(seconds * 1_000, LIMITED_MS_MAX);
}

/** `{"message": {"base": ["…"]}}`, `{"message": "…"}`, `{"error": "…"}`, or a page of a proxy. */
function said(text: string): string {
  let words: readonly string[];
  try {
    words = wordsOf(JSON.parse(text) as unknown);
  } catch {
    words = [text];
  }
  return truncateMiddle(words.join("; ").replaceAll(/\s+/g, " ").trim(), MESSAGE_CHARS_MAX);
}

function wordsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(wordsOf);
}

function unavailable(message: string): Extract<VcsFailure, { readonly kind: "unavailable" }> {
  return { kind: "unavailable", message, retryAfterMs: undefined };
}
