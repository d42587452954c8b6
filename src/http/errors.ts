import type { Context } from "hono";
import { unreachable } from "../base/unreachable.ts";
import type { Log } from "../ports/log.ts";
import type { VcsFailure } from "../ports/vcs.ts";

export type ProblemStatus = 400 | 401 | 403 | 404 | 405 | 409 | 410 | 413 | 429 | 500 | 503;

/** An answer that is no success, in words for whoever asked. Thrown by handlers, turned into a reply in one place. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: ProblemStatus;
  readonly code: string;
  readonly next: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: ProblemStatus,
    code: string,
    message: string,
    more: { readonly next?: string; readonly retryAfterSeconds?: number } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.next = more.next;
    this.retryAfterSeconds = more.retryAfterSeconds;
  }
}

export function notFound(what: string): Problem {
  return new Problem(404, "NOT_FOUND", `There is no such ${what}.`, {
    next: "Check the address; what it named may have been removed.",
  });
}

/** What a VCS answered instead of a value. */
export function vcsProblem(failure: VcsFailure): Problem {
  switch (failure.kind) {
    case "not_found":
      return new Problem(404, "NOT_FOUND", failure.message);
    case "forbidden":
      return new Problem(403, "FORBIDDEN", failure.message);
    case "rejected":
      return new Problem(409, "REJECTED", failure.message);
    case "unavailable":
      return busy(failure.message, Math.ceil((failure.retryAfterMs ?? 2_000) / 1_000));
    default:
      return unreachable(failure);
  }
}

export function busy(message: string, retryAfterSeconds = 2): Problem {
  return new Problem(503, "UNAVAILABLE", message, {
    next: "Try again in a moment.",
    retryAfterSeconds,
  });
}

/** Which errors mean that the database is away; the store knows, this folder does not. */
export type IsStoreAway = (error: unknown) => boolean;

/** Every error becomes a reply here, and nothing of an unexpected one leaves the server (its log has all of it). */
export function answerError(
  context: Context,
  error: unknown,
  { log, isStoreAway }: { readonly log: Log; readonly isStoreAway: IsStoreAway },
): Response {
  if (error instanceof Problem) return reply(context, error);
  const { method, path } = context.req;
  if (isStoreAway(error)) {
    log.warn({ err: error, method, path }, "the database did not answer a request");
    return reply(context, busy("The database does not answer at the moment."));
  }
  log.error({ err: error, method, path }, "a request failed unexpectedly");
  return reply(
    context,
    new Problem(500, "INTERNAL", "The server failed to answer this request.", {
      next: "Try again; if it stays, the server's log has the cause.",
    }),
  );
}

function reply(context: Context, problem: Problem): Response {
  const { status, code, message, next, retryAfterSeconds } = problem;
  if (retryAfterSeconds !== undefined) context.header("retry-after", String(retryAfterSeconds));
  if (status === 401) context.header("www-authenticate", 'Bearer realm="terrane"');
  const error = { code, message, ...(next === undefined ? {} : { next }) };
  return context.json({ error }, status);
}
