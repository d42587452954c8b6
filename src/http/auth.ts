import { createHash, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { getCookie } from "hono/cookie";
import { Problem } from "./errors.ts";
import type { Sessions } from "./session.ts";

/** A cookie is sent by the browser whoever made the page, so it is worth less than a token (T20). */
export type Credential = "token" | "session";

export interface AuthOptions {
  /** SHA-256 of the token that opens everything; the token itself is not kept in memory. */
  readonly tokenHash: Uint8Array;
  readonly sessions: Sessions;
  readonly cookieName: string;
}

/** Who calls, by a fingerprint of what opened the door. */
export interface CallerVariables {
  readonly Variables: { caller: string };
}

const TOKEN_CHARS_MAX = 512;

export function hashSecret(secret: string): Uint8Array {
  return createHash("sha256").update(secret, "utf8").digest();
}

/** Hashes have one length, so the comparison tells nothing by its time. */
export function sameSecret(secret: string, hash: Uint8Array): boolean {
  return secret.length <= TOKEN_CHARS_MAX && timingSafeEqual(hashSecret(secret), hash);
}

/** The credential in `Authorization: Bearer …`; undefined where there is none. */
export function bearerOf(context: Context): string | undefined {
  const header = context.req.header("authorization");
  const token = header === undefined ? undefined : /^Bearer ([!-~]{1,8192})$/i.exec(header)?.[1];
  return token;
}

/** Lets through who has the token or a session; a session may change something only from our own pages. */
export function requireCaller(options: AuthOptions): MiddlewareHandler<CallerVariables> {
  return async (context, next) => {
    const caller = await callerOf(context, options);
    if (caller === undefined) {
      throw new Problem(401, "UNAUTHENTICATED", "This needs the server's token or a session.", {
        next: "Sign in, or send `Authorization: Bearer <token>`.",
      });
    }
    if (caller.credential === "session") refuseForeignPages(context);
    context.set("caller", fingerprint(caller.secret));
    await next();
  };
}

interface Caller {
  readonly credential: Credential;
  readonly secret: string;
}

async function callerOf(context: Context, options: AuthOptions): Promise<Caller | undefined> {
  const bearer = bearerOf(context);
  if (bearer !== undefined) {
    return sameSecret(bearer, options.tokenHash)
      ? { credential: "token", secret: bearer }
      : undefined;
  }
  const cookie = getCookie(context, options.cookieName);
  return cookie !== undefined && (await options.sessions.check(cookie))
    ? { credential: "session", secret: cookie }
    : undefined;
}

/** Tells callers apart and opens nothing. */
function fingerprint(secret: string): string {
  return Buffer.from(hashSecret(`caller ${secret}`)).toString("base64url");
}

const SAFE_METHODS = new Set(["GET", "HEAD"]);

/** T20: a request that changes something must come from a page of ours, by two signs that another site cannot set. */
export function refuseForeignPages(context: Context): void {
  if (SAFE_METHODS.has(context.req.method)) return;
  if (context.req.header("x-terrane") === "1" && isOwnPage(context)) return;
  throw new Problem(403, "FOREIGN_PAGE", "This request did not come from a page of this server.", {
    next: "Use the dashboard at its own address, or send the token as bearer.",
  });
}

/** Browsers send one of the two headers with every unsafe request; one that sends neither is none of ours. */
function isOwnPage(context: Context): boolean {
  const origin = context.req.header("origin");
  if (origin !== undefined) return hostOf(origin) === context.req.header("host")?.toLowerCase();
  return context.req.header("sec-fetch-site") === "same-origin";
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}

/**
 * Answers only to the names it is known by. Another site's page can make its own name resolve to this address
 * and would then count as our origin (DNS rebinding).
 */
export function requireKnownHost(isKnown: (host: string) => boolean): MiddlewareHandler {
  return async (context, next) => {
    const host = context.req.header("host")?.toLowerCase();
    if (host === undefined || !isKnown(host)) {
      throw new Problem(403, "UNKNOWN_HOST", "This server is not known by that name.", {
        next: "Use the address that the server printed when it started, or set TERRANE_URL to the one people use.",
      });
    }
    await next();
  };
}
