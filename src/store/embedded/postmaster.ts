import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { StoreLog } from "../log.ts";
import { type Account, spawnAs } from "./account.ts";
import { CHILD_ENVIRONMENT } from "./cluster.ts";
import { EmbeddedError } from "./error.ts";
import { startGuard } from "./guard.ts";
import { errorCode } from "./node-error.ts";
import { findOrphan, isPostgresOn, readPostmasterFile } from "./postmaster-file.ts";

export const LOOPBACK = "127.0.0.1";

export interface PostmasterOptions {
  readonly account: Account;
  readonly program: string;
  readonly clusterDir: string;
  readonly port: number;
  /** Trades durability for speed and removes the directory when this process is killed. Tests only. */
  readonly throwaway: { readonly remove: string } | undefined;
  readonly log: StoreLog;
}

/** A running `postgres` process. */
export interface Postmaster {
  readonly pid: number;
  /** Resolves with how it ended, whoever ended it. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

const POLL_MS = 10;
/** Recovery after a crash replays at most a few checkpoints; slow disks take minutes, not hours. */
const READY_MS_MAX = 10 * 60_000;
const FAST_STOP_MS = 30_000;
const IMMEDIATE_STOP_MS = 5_000;
const LAST_LINES = 20;

/** Starts PostgreSQL and waits until it accepts connections. */
export async function startPostmaster(options: PostmasterOptions): Promise<Postmaster> {
  const child = spawn(options.program, flags(options), {
    ...spawnAs(options.account),
    cwd: "/",
    env: CHILD_ENVIRONMENT,
    stdio: ["ignore", "ignore", "pipe"],
    // Its own session: Ctrl-C in a terminal is for us, and we stop PostgreSQL in order.
    detached: true,
  });
  const tail = relayLog(child, options.log);
  const ended = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("exit", (code, signal) => resolve(signal ?? `exit ${code}`));
  });
  const { pid } = child;
  if (pid === undefined) throw startFailed(await ended, tail);
  const dropGuard = startGuard({
    account: options.account,
    pid,
    clusterDir: options.clusterDir,
    remove: options.throwaway?.remove,
  });
  void ended.then(dropGuard);
  const state = await Promise.race([ended, becomesReady(options.clusterDir, pid)]);
  if (state !== "ready") {
    child.kill("SIGQUIT");
    throw startFailed(state, tail);
  }
  return { pid, ended, stop: () => stopChild(child, ended) };
}

function flags(options: PostmasterOptions): string[] {
  const settings: Record<string, string> = {
    listen_addresses: LOOPBACK,
    // The default socket directory is not writable for most accounts, and nothing here uses it.
    unix_socket_directories: "",
    log_destination: "stderr",
    logging_collector: "off",
    log_line_prefix: "",
    // Statements and their parameters belong to our own log, which redacts.
    log_min_messages: "log",
    log_min_error_statement: "panic",
    max_connections: "100",
    timezone: "UTC",
    ...(options.throwaway === undefined
      ? {}
      : { fsync: "off", full_page_writes: "off", autovacuum_naptime: "10min" }),
  };
  return [
    "-D",
    options.clusterDir,
    "-p",
    String(options.port),
    ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
}

function relayLog(child: ChildProcess, log: StoreLog): readonly string[] {
  const tail: string[] = [];
  if (child.stderr === null) return tail;
  createInterface({ input: child.stderr }).on("line", (line) => {
    tail.push(line);
    if (tail.length > LAST_LINES) tail.shift();
    if (/^(?:FATAL|PANIC):/.test(line)) log.error({ component: "postgres" }, line);
    else if (/^(?:WARNING|ERROR):/.test(line)) log.warn({ component: "postgres" }, line);
    else log.info({ component: "postgres" }, line);
  });
  return tail;
}

async function becomesReady(clusterDir: string, pid: number): Promise<string> {
  const deadline = performance.now() + READY_MS_MAX;
  while (performance.now() < deadline) {
    const file = readPostmasterFile(clusterDir);
    if (file?.pid === pid && file.ready) return "ready";
    await sleep(POLL_MS);
  }
  return `not ready after ${READY_MS_MAX / 60_000} minutes`;
}

function startFailed(how: string, tail: readonly string[]): EmbeddedError {
  const text = tail.join("\n");
  const next = /No space left/.test(text)
    ? "Free some disk space and start again; committed data is safe."
    : /could not bind|Address already in use/.test(text)
      ? "The port is taken by another program. Choose another one, or leave the port out."
      : /Operation not permitted|Permission denied/.test(text)
        ? "Check the owner and the mode of the data directory."
        : "Fix what PostgreSQL reports above and start again, or set DATABASE_URL.";
  return new EmbeddedError("start_failed", `PostgreSQL did not start (${how}).\n${text}\n${next}`);
}

async function stopChild(child: ChildProcess, ended: Promise<string>): Promise<void> {
  // SIGINT is PostgreSQL's fast shutdown: it disconnects everybody, writes a checkpoint and ends.
  child.kill("SIGINT");
  if (await within(FAST_STOP_MS, ended)) return;
  child.kill("SIGQUIT");
  if (await within(IMMEDIATE_STOP_MS, ended)) return;
  child.kill("SIGKILL");
  await ended;
}

async function within(ms: number, ended: Promise<unknown>): Promise<boolean> {
  const late = new AbortController();
  const timeout = sleep(ms, false, { signal: late.signal }).catch(() => false);
  const result = await Promise.race([ended.then(() => true), timeout]);
  late.abort();
  return result;
}

/**
 * Ends a PostgreSQL that outlived its server. It is shut down and not adopted: a process that is not
 * our child can neither be supervised nor give us its log.
 */
export async function endOrphan(clusterDir: string, log: StoreLog): Promise<void> {
  const pid = findOrphan(clusterDir);
  if (pid === undefined) return;
  log.warn({ pid }, "a previous server was killed and left PostgreSQL running; shutting it down");
  for (const [signal, patienceMs] of [
    ["SIGINT", FAST_STOP_MS],
    ["SIGQUIT", IMMEDIATE_STOP_MS],
    ["SIGKILL", IMMEDIATE_STOP_MS],
  ] as const) {
    send(pid, signal, clusterDir);
    const deadline = performance.now() + patienceMs;
    while (performance.now() < deadline) {
      if (!isPostgresOn(pid, clusterDir)) return;
      await sleep(POLL_MS);
    }
  }
  throw new EmbeddedError(
    "start_failed",
    `PostgreSQL process ${pid} from an earlier server does not end. End it by hand (kill -9 ${pid}) and start again.`,
  );
}

function send(pid: number, signal: NodeJS.Signals, clusterDir: string): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (errorCode(error) === "ESRCH") return;
    throw new EmbeddedError(
      "data_dir_in_use",
      `PostgreSQL process ${pid} still runs on ${clusterDir} under another user. ` +
        "Stop it, or start Terrane as that user.",
      error,
    );
  }
}

/** A loopback port that was free a moment ago. The caller tries again when somebody was faster. */
export async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, LOOPBACK, () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === "object" && address !== null) resolve(address.port);
        else reject(new Error("no port"));
      });
    });
  });
}
