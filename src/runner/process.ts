import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import type { Readable } from "node:stream";
import type { Stop } from "./stop.ts";

export type Env = Readonly<Record<string, string>>;

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Env;
  /** On its standard input, which is empty otherwise. */
  readonly stdin?: string;
  /** True where killing could lose the state of real infrastructure: only a second signal may do that. */
  readonly protect: boolean;
}

/** What a process was told and what it told us. */
export interface Watch {
  readonly stdout: (text: string) => void | Promise<void>;
  readonly stderr: (text: string) => void | Promise<void>;
  readonly stop: Stop;
  /** How long an interrupted tool may take before it is killed, unless protected. */
  readonly graceMs: number;
}

export type Ended =
  | { readonly kind: "exited"; readonly code: number | null; readonly signal: string | null }
  | { readonly kind: "not_started"; readonly message: string };

/** A grandchild can keep the pipes open after the tool itself is gone; its words do not count. */
const PIPES_AFTER_EXIT_MS = 2_000;
/** After a second signal: room for the tool to write its state down before it is killed. */
const FORCED_GRACE_MS = 5_000;

/** Runs one program, never through a shell, in our own process group so that it dies with the job. */
export async function runProcess(command: Command, watch: Watch): Promise<Ended> {
  if (watch.stop.reason !== undefined) return { kind: "not_started", message: watch.stop.reason };
  const child: ChildProcess = spawn(command.program, [...command.args], {
    cwd: command.cwd,
    env: { ...command.env },
    stdio: [command.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    shell: false,
  });
  feed(child, command.stdin);
  const pipes = Promise.all([
    pump(child.stdout, watch.stdout),
    pump(child.stderr, watch.stderr),
  ]).catch(() => {
    // The pipe broke with the process; its exit code says what matters.
  });
  const unwatch = interruptOnStop(child, command.protect, watch);
  const ended = await exit(child);
  unwatch();
  if (ended.kind === "exited") await within(PIPES_AFTER_EXIT_MS, pipes);
  child.stdout?.destroy();
  child.stderr?.destroy();
  return ended;
}

export interface Captured {
  readonly ended: Ended;
  readonly stdout: string;
  readonly stderr: string;
  /** More came than the limit; the rest was dropped. */
  readonly overflow: boolean;
}

/** Runs a program and keeps what it says, up to a limit for each stream. */
export async function capture(
  command: Command,
  options: { readonly stop: Stop; readonly graceMs: number; readonly charsMax: number },
): Promise<Captured> {
  const out = collector(options.charsMax);
  const err = collector(options.charsMax);
  const ended = await runProcess(command, { ...options, stdout: out.add, stderr: err.add });
  return {
    ended,
    stdout: out.text(),
    stderr: err.text(),
    overflow: out.overflow() || err.overflow(),
  };
}

/** Where PATH finds a program; a name with a slash is taken relative to `base`. */
export async function findProgram(
  name: string,
  env: Env,
  base: string,
): Promise<string | undefined> {
  const candidates = name.includes("/")
    ? [resolve(base, name)]
    : (env["PATH"] ?? "")
        .split(delimiter)
        .map((folder) => join(folder === "" ? "." : folder, name));
  for (const candidate of candidates) {
    if (await isProgram(candidate)) return candidate;
  }
  return undefined;
}

export function delay(ms: number): Promise<void> {
  return new Promise((done) => {
    setTimeout(done, ms);
  });
}

/** Settles when the work does, or after so long without it; never what keeps the process alive. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((done) => {
    timer = setTimeout(done, ms).unref();
  });
  await Promise.race([work, timeout]);
  clearTimeout(timer);
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function pump(
  stream: Readable | null,
  sink: (text: string) => void | Promise<void>,
): Promise<void> {
  if (stream === null) return;
  stream.setEncoding("utf8");
  // Waiting for the sink is the back-pressure: the pipe fills and the tool slows down.
  for await (const chunk of stream) await sink(String(chunk));
}

function exit(child: ChildProcess): Promise<Ended> {
  return new Promise((done) => {
    child.once("error", (error) => {
      if (child.pid === undefined) done({ kind: "not_started", message: error.message });
    });
    child.once("exit", (code, signal) => done({ kind: "exited", code, signal }));
  });
}

/** A program that does not read all of it has not failed for that. */
function feed({ stdin }: ChildProcess, text: string | undefined): void {
  if (stdin === null || text === undefined) return;
  stdin.on("error", () => undefined);
  stdin.end(text);
}

function interruptOnStop(child: ChildProcess, protect: boolean, watch: Watch): () => void {
  let interrupted = false;
  let forced = false;
  const timers: NodeJS.Timeout[] = [];
  const killAfter = (ms: number) => timers.push(setTimeout(() => child.kill("SIGKILL"), ms));
  const unwatch = watch.stop.watch(() => {
    if (!interrupted) {
      interrupted = true;
      if (!watch.stop.toolsKnow) child.kill("SIGINT");
      if (!protect) killAfter(watch.graceMs);
    }
    if (watch.stop.forced && !forced) {
      forced = true;
      child.kill("SIGINT");
      killAfter(FORCED_GRACE_MS);
    }
  });
  return () => {
    unwatch();
    for (const timer of timers) clearTimeout(timer);
  };
}

function collector(charsMax: number) {
  const parts: string[] = [];
  let size = 0;
  let overflow = false;
  return {
    add: (text: string): void => {
      const room = charsMax - size;
      if (text.length > room) overflow = true;
      if (room <= 0) return;
      parts.push(text.slice(0, room));
      size += Math.min(text.length, room);
    },
    text: () => parts.join(""),
    overflow: () => overflow,
  };
}
