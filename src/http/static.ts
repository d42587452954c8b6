import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { Readable } from "node:stream";
import type { Context, MiddlewareHandler } from "hono";
import { notFound } from "./errors.ts";

/** Nothing from elsewhere is loaded, embedded or sent to (T19). */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/** The page that sends a form to a forge, wherever that is: its document may, and no other one. */
const CONNECT_PAGE = "/connect";
const CONNECT_POLICY = CONTENT_SECURITY_POLICY.replace(
  "form-action 'self'",
  "form-action 'self' https: http://127.0.0.1:* http://localhost:*",
);

/** On every answer, whatever it is. */
export function securityHeaders(): MiddlewareHandler {
  return async (context, next) => {
    await next();
    const { headers } = context.res;
    const isConnect = context.req.path === CONNECT_PAGE;
    headers.set("content-security-policy", isConnect ? CONNECT_POLICY : CONTENT_SECURITY_POLICY);
    headers.set("x-content-type-options", "nosniff");
    headers.set("x-frame-options", "DENY");
    headers.set("referrer-policy", "no-referrer");
    headers.set("cross-origin-opener-policy", "same-origin");
    headers.set("cross-origin-resource-policy", "same-origin");
    if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  };
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".json": "application/json",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
};

/** Names of files below `assets/` hold a hash of their content. */
const IMMUTABLE = "public, max-age=31536000, immutable";
const REVALIDATE = "no-cache";
const FILES_MAX = 2_000;

/** Programs of this server for the CI jobs that fetch them: they never differ in version. */
export async function programFile(
  path: string | undefined,
): Promise<(context: Context) => Response> {
  const program = path === undefined ? undefined : await readFile(path).catch(() => undefined);
  return (context) => {
    if (program === undefined) throw notFound("program");
    context.header("content-type", TYPES[".js"]);
    return context.body(new Uint8Array(program));
  };
}

/** Serves the dashboard. Only files that are there when the server starts exist; no path of a request reaches the disk. */
export async function staticFiles(
  webDir: string | undefined,
): Promise<(context: Context) => Promise<Response>> {
  const files = webDir === undefined ? new Map<string, string>() : await listFiles(webDir);
  const index = files.get("/index.html");
  const page = index === undefined ? undefined : await readFile(index);
  return async (context) => {
    const { method, path } = context.req;
    if (method !== "GET" && method !== "HEAD") throw notFound("page");
    const file = path === "/index.html" ? undefined : files.get(path);
    if (file !== undefined) return await sendFile(context, file, path);
    // Pages are addresses without an extension; a missing script must not be answered with a page.
    if (extname(path) !== "" && !path.startsWith("/runs/")) throw notFound("file");
    if (page === undefined) throw notFound("dashboard");
    context.header("cache-control", REVALIDATE);
    context.header("content-type", TYPES[".html"]);
    return method === "HEAD" ? context.body(null) : context.body(new Uint8Array(page));
  };
}

async function sendFile(context: Context, file: string, path: string): Promise<Response> {
  const { size } = await stat(file);
  context.header("content-type", TYPES[extname(file)] ?? "application/octet-stream");
  context.header("content-length", String(size));
  context.header("cache-control", path.startsWith("/assets/") ? IMMUTABLE : REVALIDATE);
  if (context.req.method === "HEAD") return context.body(null);
  return context.body(Readable.toWeb(createReadStream(file)) as ReadableStream);
}

async function listFiles(root: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries.slice(0, FILES_MAX)) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(root.length).replaceAll("\\", "/"), path);
  }
  return files;
}
