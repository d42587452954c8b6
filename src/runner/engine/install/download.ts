import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { delay, type Env } from "../../process.ts";
import { getThrough, proxyFor } from "./proxy.ts";

export type Downloaded<T> =
  | ({ readonly kind: "ok" } & T)
  /** The other side says that there is no such file. */
  | { readonly kind: "missing" }
  | { readonly kind: "failed"; readonly message: string };

const TRIES = 3;
const PAUSE_MS = 1_000;
const TIMEOUT_MS = 5 * 60_000;
const REDIRECTS_MAX = 5;
/** Sites that list their releases through an API refuse whoever does not say what it is. */
const HEADERS = { accept: "*/*", "user-agent": "terrane-runner" };
export const SMALL_BYTES_MAX = 32 * 1024 * 1024;
export const PROGRAM_BYTES_MAX = 1024 * 1024 * 1024;

/** A small file, into memory. */
export async function downloadText(
  url: string,
  env: Env,
): Promise<Downloaded<{ readonly bytes: Buffer }>> {
  return await tried(url, env, async (source) => {
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of source) {
      size += (part as Buffer).length;
      if (size > SMALL_BYTES_MAX) throw new Error(`it has more than ${SMALL_BYTES_MAX} bytes`);
      parts.push(part as Buffer);
    }
    return { bytes: Buffer.concat(parts) };
  });
}

/** A large file onto the disk, with its SHA-256 on the way. */
export async function downloadFile(
  url: string,
  file: string,
  env: Env,
): Promise<Downloaded<{ readonly sha256: string }>> {
  return await tried(url, env, async (source) => {
    const hash = createHash("sha256");
    let size = 0;
    const measured = new Transform({
      transform: (part: Buffer, _, done) => {
        size += part.length;
        if (size > PROGRAM_BYTES_MAX) {
          done(new Error(`it has more than ${PROGRAM_BYTES_MAX} bytes`));
        } else {
          hash.update(part);
          done(null, part);
        }
      },
    });
    await pipeline(source, measured, createWriteStream(file, { mode: 0o600 }));
    return { sha256: hash.digest("hex") };
  });
}

async function tried<T extends object>(
  url: string,
  env: Env,
  take: (source: Readable) => Promise<T>,
): Promise<Downloaded<T>> {
  let message = "";
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    if (attempt > 1) await delay(PAUSE_MS * (attempt - 1));
    try {
      const opened = await open(url, env);
      if (opened.kind === "ok") return { kind: "ok", ...(await take(opened.source)) };
      if (opened.kind === "missing") return opened;
      if (!opened.again) return { kind: "failed", message: `${url}: ${opened.message}` };
      message = opened.message;
    } catch (error) {
      message = reasonOf(error);
    }
  }
  return { kind: "failed", message: `${url}: ${message} (${TRIES} tries)` };
}

type Source =
  | { readonly kind: "ok"; readonly source: Readable }
  | { readonly kind: "missing" }
  | { readonly kind: "problem"; readonly message: string; readonly again: boolean };

async function open(url: string, env: Env): Promise<Source> {
  return url.startsWith("file:") ? await openFile(url) : await openUrl(url, env);
}

async function openFile(url: string): Promise<Source> {
  const path = fileURLToPath(url);
  const source = createReadStream(path);
  return await new Promise((done) => {
    source.once("open", () => done({ kind: "ok", source }));
    source.once("error", (error: NodeJS.ErrnoException) => {
      const missing = error.code === "ENOENT";
      const problem = { kind: "problem", message: error.message, again: false } as const;
      done(missing ? { kind: "missing" } : problem);
    });
  });
}

/** Redirects are followed by hand: not without end, and never from an encrypted place to an open one. */
async function openUrl(first: string, env: Env): Promise<Source> {
  let url = new URL(first);
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  for (let hops = 0; hops <= REDIRECTS_MAX; hops += 1) {
    const proxy = proxyFor(url, env);
    if (proxy.kind === "unusable") return refused(proxy.message, false);
    const { status, location, body } =
      proxy.kind === "direct" ? await direct(url, signal) : await proxied(proxy.url, url, signal);
    if (status >= 300 && status < 400 && location !== undefined) {
      body?.destroy();
      const target = new URL(location, url);
      const opens = url.protocol === "https:" && target.protocol !== "https:";
      if (opens || !/^https?:$/.test(target.protocol)) {
        return refused(`it redirects to ${target.protocol}//, which is not safe`, false);
      }
      url = target;
      continue;
    }
    if (status >= 200 && status < 300 && body !== undefined) return { kind: "ok", source: body };
    body?.destroy();
    if (status === 404 || status === 403) return { kind: "missing" };
    return refused(`HTTP ${status}`, status >= 500 || status === 429);
  }
  return refused(`it redirects more than ${REDIRECTS_MAX} times`, false);
}

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: Readable | undefined;
}

async function direct(url: URL, signal: AbortSignal): Promise<Answer> {
  const { status, headers, body } = await fetch(url, {
    headers: HEADERS,
    redirect: "manual",
    signal,
  });
  const source = body === null ? undefined : Readable.fromWeb(body as never);
  // One that is not read to its end, because it only said where else to look, has not failed.
  source?.on("error", () => undefined);
  return { status, location: headers.get("location") ?? undefined, body: source };
}

async function proxied(proxy: URL, url: URL, signal: AbortSignal): Promise<Answer> {
  const answer = await getThrough(proxy, url, { headers: HEADERS, signal });
  return { status: answer.statusCode ?? 0, location: answer.headers.location, body: answer };
}

function refused(message: string, again: boolean): Source {
  return { kind: "problem", message, again };
}

/** The cause says more than "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}

/** The SHA-256 of a file that is there already; undefined where it is not. */
export async function sha256Of(file: string): Promise<string | undefined> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(file), hash);
    return hash.digest("hex");
  } catch {
    return undefined;
  }
}

export async function readSmall(file: string): Promise<string | undefined> {
  return await readFile(file, "utf8").catch(() => undefined);
}
