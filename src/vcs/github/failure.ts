import { truncateMiddle } from "../../base/text.ts";
import type { VcsFailure } from "../../ports/vcs.ts";

/** Without `retry-after` GitHub asks for at least a minute. */
const LIMITED_MS_MIN = 60_000;
/** A clock that is far off, or a proxy that lies, must not close us for a day. */
const LIMITED_MS_MAX = 3_600_000;
const MESSAGE_CHARS_MAX = 500;

interface HttpFailure {
  readonly status: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  /** The installation for which a token was wanted, where that failed and not the call itself. */
  readonly tokenOf: string | undefined;
}

/** What octokit throws for an answer that is no success; undefined for what never got an answer. */
function httpFailure(error: unknown): HttpFailure | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { status, message, response, request } = error as {
    request?: { url?: unknown };
    status?: unknown;
    message?: unknown;
    response?: { headers?: Readonly<Record<string, unknown>>; data?: unknown };
  };
  if (typeof status !== "number" || response === undefined) return undefined;
  return {
    status,
    message: String(message),
    headers: response.headers ?? {},
    body: response.data,
    tokenOf: TOKEN_URL.exec(String(request?.url))?.[1],
  };
}

/** What stands beside a refusal; undefined where nobody answered. */
export function headersOf(error: unknown): HttpFailure["headers"] | undefined {
  return httpFailure(error)?.headers;
}

/**
 * Until when GitHub wants to hear nothing from this caller. It says so with 403 or 429, and means it by
 * `retry-after`, by an exhausted hourly budget, or only by its words.
 */
export function limitedUntil(error: unknown, now: number): number | undefined {
  const failure = httpFailure(error);
  if (failure === undefined || (failure.status !== 403 && failure.status !== 429)) return undefined;
  const { headers } = failure;
  const retryAfter = Number(headers["retry-after"] ?? Number.NaN);
  if (Number.isFinite(retryAfter)) return now + bounded(retryAfter * 1000, 1_000);
  if (String(headers["x-ratelimit-remaining"]) === "0") {
    return now + bounded(Number(headers["x-ratelimit-reset"]) * 1000 - now, 1_000);
  }
  const said = failure.status === 429 || /rate limit|abuse/i.test(failure.message);
  return said ? now + LIMITED_MS_MIN : undefined;
}

function bounded(ms: number, min: number): number {
  return Number.isFinite(ms) ? Math.min(Math.max(ms, min), LIMITED_MS_MAX) : LIMITED_MS_MIN;
}

/** Whoever gets no token for an installation can do nothing there, and has to know why. */
const TOKEN_REFUSED: Readonly<Record<number, string | undefined>> = {
  403: "The installation of the app is suspended: lift the suspension in its settings, and everything goes on.",
  404: "The app is not installed there any more: install it again, and everything goes on.",
};

const TOKEN_URL = /\/app\/installations\/(\d+)\/access_tokens$/;

/** What a failed call means for the caller; `limitedMs` when it was a rate limit. */
export function explain(error: unknown, route: string, limitedMs: number | undefined): VcsFailure {
  const failure = httpFailure(error);
  if (failure === undefined) {
    const message = error instanceof Error ? error.message : "no answer";
    return unavailable(`GitHub did not answer ${route}: ${shorten(message)}`);
  }
  const unserved = failure.tokenOf === undefined ? undefined : TOKEN_REFUSED[failure.status];
  if (unserved !== undefined && limitedMs === undefined) {
    return { kind: "forbidden", message: unserved };
  }
  const said = `GitHub answered ${failure.status} to ${route}: ${shorten(failure.message)}`;
  if (limitedMs !== undefined) {
    return {
      kind: "unavailable",
      message: said,
      retryAfterMs: limitedMs,
      waitsForAll: true,
    };
  }
  switch (failure.status) {
    case 401:
    case 451:
      return { kind: "forbidden", message: said };
    case 403:
      // Files over 100 MB come as 403 too; that is not about permission.
      return { kind: isTooLarge(failure.body) ? "rejected" : "forbidden", message: said };
    case 404:
    case 410:
      return { kind: "not_found", message: said };
    case 408:
      return unavailable(said);
    default:
      if (failure.status >= 500) return unavailable(said);
      return { kind: "rejected", message: said };
  }
}

function unavailable(message: string): VcsFailure {
  return { kind: "unavailable", message, retryAfterMs: undefined };
}

/** An incident answers with a page of HTML: nobody wants to read it in a comment. */
function shorten(message: string): string {
  const text = message.trimStart().startsWith("<") ? "a page instead of an answer" : message;
  return truncateMiddle(text, MESSAGE_CHARS_MAX);
}

function isTooLarge(body: unknown): boolean {
  if (typeof body !== "object" || body === null || !("errors" in body)) return false;
  return JSON.stringify(body.errors).includes("too_large");
}
