import type { Env } from "../process.ts";

/** What an exchange uses of the world; all of it is given, so that tests bring a cloud of their own. */
export interface Exchange {
  /** The CI system's token for this audience. */
  readonly identityToken: (audience: string) => Promise<string>;
  readonly fetch: typeof fetch;
  readonly now: () => Date;
  readonly pause: (ms: number) => Promise<void>;
  /** A folder of this job alone, for files with tokens. */
  readonly folder: string;
  /** The job's environment: where endpoints of a cloud are replaced, and what options may name. */
  readonly env: Env;
}

/** Credentials of a cloud, as tools expect them. */
export interface Credentials {
  readonly env: Env;
  /** Values that must never be shown. */
  readonly secrets: readonly string[];
  /** When they stop working; undefined where nobody said. */
  readonly expiresAt: Date | undefined;
}

/** The cloud, or the CI system, said no; the message is for the person who configured it. */
export class OidcRefused extends Error {
  override readonly name = "OidcRefused";
}

const TIMEOUT_MS = 30_000;
const TRIES = 3;
const PAUSE_FIRST_MS = 1_000;
const ANSWER_CHARS_MAX = 1_000_000;

export interface Request {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Posts, again after what passes by itself: no connection, 429 and 5xx. Anything else is an answer. */
export async function post(exchange: Exchange, request: Request): Promise<Answer> {
  let problem = "";
  for (let tried = 0; tried < TRIES; tried += 1) {
    if (tried > 0) await exchange.pause(PAUSE_FIRST_MS * 2 ** (tried - 1));
    try {
      const response = await exchange.fetch(request.url, {
        method: "POST",
        headers: request.headers,
        body: request.body,
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = (await response.text()).slice(0, ANSWER_CHARS_MAX);
      if (response.status !== 429 && response.status < 500)
        return { status: response.status, text };
      problem = `HTTP ${response.status}`;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
  }
  const { host } = new URL(request.url);
  throw new OidcRefused(`${host} did not answer (${problem}, ${TRIES} tries).`);
}

/** The member of a JSON object, where it is a text that is not empty. */
export function textIn(json: string, name: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const found: unknown = Object.getOwnPropertyDescriptor(value, name)?.value;
  return typeof found === "string" && found !== "" ? found : undefined;
}

/** An instant as clouds write it; undefined where it is none. */
export function instantOf(text: string | undefined): Date | undefined {
  const ms = Date.parse(text ?? "");
  return Number.isNaN(ms) ? undefined : new Date(ms);
}

/** A base URL with its last slashes gone, from the variable that replaces it, or the usual one. */
export function endpoint(env: Env, variable: string, usual: string): string {
  const given = env[variable] ?? "";
  return (given === "" ? usual : given).replace(/\/+$/, "");
}
