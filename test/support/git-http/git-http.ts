import { spawn } from "node:child_process";
import { gunzipSync } from "node:zlib";

const REQUEST_BYTES_MAX = 256 * 1024 * 1024;

export interface GitRequest {
  /** The bare repository that the URL named. */
  readonly gitDir: string;
  /** What follows the repository in the URL: `/info/refs`, `/git-upload-pack`, `/git-receive-pack`. */
  readonly service: string;
  /** Who pushes; hooks see it as REMOTE_USER. */
  readonly user: string;
}

/** Whether a smart HTTP request wants to write: the advertisement for a push already counts. */
export function wantsWrite(request: Request, service: string): boolean {
  if (service === "/git-receive-pack") return true;
  return new URL(request.url).searchParams.get("service") === "git-receive-pack";
}

/** `Authorization: Basic x-access-token:<token>` or `Bearer <token>`, as git and its helpers send it. */
export function tokenOf(request: Request): string | undefined {
  const header = request.headers.get("authorization") ?? "";
  const [scheme = "", value = ""] = header.split(" ", 2);
  switch (scheme.toLowerCase()) {
    case "basic": {
      const pair = Buffer.from(value, "base64").toString("utf8");
      return pair.slice(pair.indexOf(":") + 1);
    }
    case "bearer":
    case "token":
      return value;
    default:
      return undefined;
  }
}

/** What git needs to see to ask its credential helper again. */
export function askForPassword(): Response {
  return new Response("authentication required\n", {
    status: 401,
    headers: { "www-authenticate": 'Basic realm="git"' },
  });
}

/** Answers one smart HTTP request with `git http-backend` itself, so that real clients meet a real server. */
export async function serveGit(request: Request, target: GitRequest): Promise<Response> {
  const body = Buffer.from(await request.arrayBuffer());
  if (body.length > REQUEST_BYTES_MAX) return new Response("too large\n", { status: 413 });
  // git compresses what it sends; http-backend would need the exact compressed length, so unpack here.
  const input = request.headers.get("content-encoding") === "gzip" ? gunzipSync(body) : body;
  const output = await runBackend(input, {
    ...process.env,
    GIT_PROJECT_ROOT: target.gitDir,
    GIT_HTTP_EXPORT_ALL: "1",
    PATH_INFO: target.service,
    QUERY_STRING: new URL(request.url).search.slice(1),
    REQUEST_METHOD: request.method,
    CONTENT_TYPE: request.headers.get("content-type") ?? "",
    CONTENT_LENGTH: String(input.length),
    REMOTE_USER: target.user,
    REMOTE_ADDR: "127.0.0.1",
    GIT_PROTOCOL: request.headers.get("git-protocol") ?? "",
  });
  return parseCgi(output);
}

function runBackend(input: Buffer, env: NodeJS.ProcessEnv): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", ["http-backend"], { env, stdio: ["pipe", "pipe", "pipe"] });
    const out: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.resume();
    child.on("error", reject);
    // A backend that refuses early closes its input; the answer on stdout says why.
    child.stdin.on("error", () => {});
    child.on("close", () => resolve(Buffer.concat(out)));
    child.stdin.end(input);
  });
}

function parseCgi(output: Buffer): Response {
  const end = output.indexOf("\r\n\r\n");
  if (end < 0) return new Response("git http-backend gave no answer\n", { status: 500 });
  const headers = new Headers();
  let status = 200;
  for (const line of output.subarray(0, end).toString("latin1").split("\r\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
    else headers.append(name, value);
  }
  return new Response(new Uint8Array(output.subarray(end + 4)), { status, headers });
}
