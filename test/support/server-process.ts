import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { BodyOf, Params, ReplyOf, RouteName } from "../../src/contract/api.ts";
import { call, type Reply } from "../../src/contract/client.ts";
import { type Ran, runProgram } from "./run-program.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const START_MS_MAX = 90_000;

export interface ServerProcess {
  readonly url: string;
  readonly token: string;
  readonly dataDir: string;
  readonly log: () => string;
  readonly ended: () => boolean;
  api<N extends RouteName>(name: N, params: Params, body?: BodyOf<N>): Promise<Reply<ReplyOf<N>>>;
  /** A command of `terrane` against this server, as a process of its own. */
  terrane(...args: readonly string[]): Promise<Ran>;
  /** Sends the signal; gives the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** A directory for the data of servers that follow each other. */
export function scratchDir(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "terrane-server-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** The server as people start it: a process of its own. */
export async function startServerProcess(
  program: string,
  dataDir: string,
  databaseUrl: string,
  env: Readonly<Record<string, string>> = {},
  port = 0,
): Promise<ServerProcess> {
  const args = [program, "up", "--data-dir", dataDir, "--port", String(port)];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, DATABASE_URL: databaseUrl, TERRANE_ACTOR: "ann", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      log += text;
    });
  }
  const url = await announced(child, dataDir, () => log);
  const token = env["TERRANE_TOKEN"] ?? readFileSync(join(dataDir, "token"), "utf8").trim();
  return {
    url,
    token,
    dataDir,
    log: () => log,
    api: (name, params, body) =>
      call(
        (path, init) =>
          fetch(url + path, {
            ...init,
            headers: { ...init.headers, authorization: `Bearer ${token}` },
          }),
        name,
        params,
        body,
      ),
    terrane: (...args) =>
      runProgram(process.execPath, [program, ...args, "--data-dir", dataDir], {
        ...process.env,
        // Found by its data directory, as on the machine of a person.
        DATABASE_URL: databaseUrl,
        TERRANE_SERVER: undefined,
      }),
    ended: () => child.exitCode !== null || child.signalCode !== null,
    end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) {
        return Promise.resolve(child.exitCode);
      }
      return new Promise((resolve) => {
        child.once("exit", (code) => resolve(code));
        child.kill(signal);
      });
    },
  };
}

async function announced(child: ChildProcess, dataDir: string, log: () => string): Promise<string> {
  for (let waited = 0; waited < START_MS_MAX; waited += 100) {
    if (child.exitCode !== null) throw new Error(`the server ended at once:\n${log()}`);
    const place = readPlace(dataDir);
    if (place?.pid === child.pid) return place?.url ?? "";
    await sleep(100);
  }
  child.kill("SIGKILL");
  throw new Error(`the server did not start in time:\n${log()}`);
}

function readPlace(dataDir: string): { pid: number; url: string } | undefined {
  try {
    return JSON.parse(readFileSync(join(dataDir, "server.json"), "utf8")) as {
      pid: number;
      url: string;
    };
  } catch {
    return undefined;
  }
}
