import { execFile } from "node:child_process";
import { mkdir, open, readdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { FileRead, GitRan, Machine } from "./host.ts";

/** A list of the files of the largest repositories, with room. */
const GIT_BYTES_MAX = 256 * 1024 * 1024;
const GIT_MS_MAX = 120_000;

type Environment = Readonly<Record<string, string | undefined>>;

/** The machine that this process runs on. */
export function nodeMachine(cwd: string, env: Environment, input: AsyncIterable<unknown>): Machine {
  return {
    cwd,
    readFile: (path, bytesMax) => readFile(resolve(cwd, path), bytesMax),
    readInput: async (bytesMax) => text(await collect(input, bytesMax), bytesMax),
    listFiles: (dir) => listFiles(resolve(cwd, dir)),
    writeFile: async (path, content) => {
      const file = resolve(cwd, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    },
    git: (dir, args) => git(resolve(cwd, dir), args, env),
  };
}

async function readFile(path: string, bytesMax: number): Promise<FileRead> {
  try {
    const file = await open(path);
    try {
      const found = await file.stat();
      if (found.isDirectory()) return { kind: "unreadable", message: "is a directory" };
      // What is no file, such as a pipe, does not say how long it is.
      return text(await collect(file.createReadStream({ autoClose: false }), bytesMax), bytesMax);
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    if (code === "ENOENT" || code === "ENOTDIR") return { kind: "missing" };
    return { kind: "unreadable", message: `cannot be read (${code})` };
  }
}

async function listFiles(dir: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    return entries.flatMap((one) => (one.isDirectory() ? [] : [one.name])).sort();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

/** What came before the limit, and a piece more where there is more. */
async function collect(input: AsyncIterable<unknown>, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of input) {
    const piece = Buffer.from(chunk as Buffer);
    chunks.push(piece);
    bytes += piece.length;
    if (bytes > bytesMax) break;
  }
  return Buffer.concat(chunks);
}

function text(bytes: Buffer, bytesMax: number): FileRead {
  if (bytes.length > bytesMax) {
    return { kind: "unreadable", message: `is larger than ${bytesMax} bytes` };
  }
  try {
    return { kind: "ok", text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { kind: "unreadable", message: "is not UTF-8 text" };
  }
}

/**
 * The person's own git and configuration, because it is the person's own checkout; no prompt, no
 * locks, and messages that can be compared.
 */
function git(dir: string, args: readonly string[], env: Environment): Promise<GitRan> {
  const options = {
    cwd: dir,
    env: { ...env, GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" },
    maxBuffer: GIT_BYTES_MAX,
    timeout: GIT_MS_MAX,
  };
  return new Promise((done) => {
    execFile("git", [...args], options, (error, stdout, stderr) => {
      if (error === null) return done({ status: 0, stdout, stderr });
      const status = typeof error.code === "number" ? error.code : undefined;
      done({ status, stdout, stderr: stderr === "" ? error.message : stderr });
    });
  });
}
