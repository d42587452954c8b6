import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RepositoryIndex } from "../contract/repository-index.ts";
import { delay } from "./process.ts";

/** Reads what the code of a checkout refers to. Most jobs never need it, and it is ten times the size of the rest. */
export interface IndexProgram {
  readIndex(options: {
    readonly root: string;
    readonly environment: Readonly<Record<string, string | undefined>>;
  }): Promise<RepositoryIndex>;
}

export interface ProgramSource {
  readonly serverUrl: string;
  /** Where it may be put. */
  readonly scratch: string;
  /** Known when the two are built: whoever pinned the runner has pinned this one as well. */
  readonly digest: string | undefined;
}

const NAME = "runner-index.cjs";
const BYTES_MAX = 16 * 1024 * 1024;
const FETCH_TRIES = 4;
const FETCH_TIMEOUT_MS = 60_000;
const FETCH_PAUSE_MS = 1_000;

/** The program beside this one; a runner that travelled alone fetches it from where it came from. */
export async function loadIndexProgram(from: ProgramSource): Promise<IndexProgram> {
  const beside = fileURLToPath(new URL(NAME, import.meta.url));
  const path = existsSync(beside) ? beside : await fetchProgram(from);
  const program: unknown = createRequire(import.meta.url)(path);
  if (isProgram(program)) return program;
  throw new Error(`${NAME} is not the program that reads the code`);
}

function isProgram(value: unknown): value is IndexProgram {
  const isObject = typeof value === "object" && value !== null;
  return isObject && "readIndex" in value && typeof value.readIndex === "function";
}

async function fetchProgram({ serverUrl, scratch, digest }: ProgramSource): Promise<string> {
  const bytes = await download(`${serverUrl.replace(/\/+$/, "")}/${NAME}`);
  if (digest !== undefined && createHash("sha256").update(bytes).digest("hex") !== digest) {
    throw new Error(
      `the server's ${NAME} is of another version than this runner. Use the runner of the server`,
    );
  }
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const path = join(scratch, NAME);
  await writeFile(path, bytes, { mode: 0o600 });
  return path;
}

async function download(url: string): Promise<Uint8Array> {
  let problem = "";
  for (let tried = 0; tried < FETCH_TRIES; tried += 1) {
    if (tried > 0) await delay(FETCH_PAUSE_MS * tried);
    try {
      const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
      const response = await fetch(url, { redirect: "error", signal });
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (response.ok && bytes.length <= BYTES_MAX) return bytes;
      problem = response.ok ? "it is too large" : `HTTP ${response.status}`;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
  }
  throw new Error(`${NAME} could not be fetched from the server (${problem})`);
}
