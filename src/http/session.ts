import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import * as z from "zod/mini";
import type { SessionStore } from "../ports/session-store.ts";
import { type AuthOptions, hashSecret, refuseForeignPages, sameSecret } from "./auth.ts";
import { readJson } from "./body.ts";
import { Problem } from "./errors.ts";

/** Signed-in browsers; kept by hash, so that a look into the database or a log gives nobody a session (T21). */
export interface Sessions {
  open(): Promise<string>;
  check(secret: string): Promise<boolean>;
  close(secret: string): Promise<void>;
}

const SECRET_BYTES = 32;
/** How long a browser keeps the cookie; the session may be over before. */
const COOKIE_SECONDS = 7 * 24 * 3_600;
const BODY_BYTES_MAX = 4_096;
/** Wrong tokens in a minute before the door waits; 256 bits cannot be guessed, but logs can be filled. */
const WRONG_MAX = 30;
const WRONG_WINDOW_MS = 60_000;

/** With the token in the hash another token knows none of them: whoever changes it has ended all that it opened (T21). */
export function createSessions(store: SessionStore, tokenHash: Uint8Array): Sessions {
  const hash = (secret: string) =>
    hashSecret(`session ${secret} ${Buffer.from(tokenHash).toString("base64url")}`);
  return {
    async open() {
      const secret = randomBytes(SECRET_BYTES).toString("base64url");
      await store.open(hash(secret));
      return secret;
    },
    check: (secret) => store.isOpen(hash(secret)),
    close: (secret) => store.close(hash(secret)),
  };
}

export interface SessionRoutesOptions extends AuthOptions {
  readonly secureCookie: boolean;
  readonly now: () => number;
}

const Body = z.object({ token: z.string().check(z.maxLength(512)) });

/** Exchanges the token for a cookie that scripts cannot read, and ends it again. */
export function sessionRoutes(options: SessionRoutesOptions): Hono {
  const { cookieName, secureCookie, sessions, now } = options;
  const attributes = {
    path: "/",
    httpOnly: true,
    sameSite: "Strict",
    secure: secureCookie,
  } as const;
  let wrong = { since: 0, count: 0 };

  return new Hono()
    .post("/", async (context) => {
      // Also before there is a session: else another site could sign somebody in as somebody else.
      refuseForeignPages(context);
      if (now() - wrong.since > WRONG_WINDOW_MS) wrong = { since: now(), count: 0 };
      const { token } = await readJson(context.req.raw, Body, BODY_BYTES_MAX);
      if (!sameSecret(token, options.tokenHash)) {
        wrong.count += 1;
        if (wrong.count > WRONG_MAX) {
          throw new Problem(429, "TOO_MANY_TRIES", "Too many wrong tokens in the last minute.", {
            retryAfterSeconds: Math.ceil(WRONG_WINDOW_MS / 1_000),
          });
        }
        throw new Problem(401, "TOKEN_REFUSED", "The server does not know this token.", {
          next: "Copy it from the file `token` in the server's data directory.",
        });
      }
      setCookie(context, cookieName, await sessions.open(), {
        ...attributes,
        maxAge: COOKIE_SECONDS,
      });
      return context.json({ ok: true });
    })
    .delete("/", async (context) => {
      refuseForeignPages(context);
      const secret = getCookie(context, cookieName);
      if (secret !== undefined) await sessions.close(secret);
      deleteCookie(context, cookieName, attributes);
      return context.json({ ok: true });
    });
}
