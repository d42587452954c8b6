import { randomUUID } from "node:crypto";
import {
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EmbeddedError } from "./error.ts";
import { errorCode, unlessMissing } from "./node-error.ts";
import { processStart, thisMachine } from "./process-identity.ts";

/** Held by the one server that may run PostgreSQL on a data directory. */
export interface OwnerLock {
  release(): void;
}

interface Owner {
  readonly token: string;
  readonly pid: number;
  readonly start: string;
  readonly boot: string;
  readonly namespace: string;
}

const BEAT_MS = 1_000;
/** Five missed beats: only consulted where process numbers mean nothing (another container). */
const SILENCE_MS = 5_000;
const ATTEMPTS_MAX = 5;

/**
 * Takes the data directory or says who has it. On one machine the owner's process number and start
 * time decide, so a crashed owner never has to be waited for. Across containers that share a volume
 * they cannot be compared, and the owner's heartbeat on the file decides.
 */
export async function takeOwnership(dataDir: string): Promise<OwnerLock> {
  const path = join(dataDir, "owner.json");
  const me: Owner = {
    token: randomUUID(),
    pid: process.pid,
    start: processStart(process.pid) ?? "",
    ...thisMachine(),
  };
  const mine = `${path}.${me.token}`;
  writeFileSync(mine, `${JSON.stringify(me)}\n`, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      if (claim(mine, path)) return held(path, me);
      const other = readOwner(path);
      if (other === undefined) continue;
      if (await isAlive(path, other)) throw inUse(dataDir, other);
      setAside(path, other);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  throw new EmbeddedError(
    "data_dir_in_use",
    `Several servers are starting on ${dataDir} at the same time. Start one of them.`,
  );
}

/** A hard link appears with its content or not at all, and never replaces a file. */
function claim(mine: string, path: string): boolean {
  try {
    linkSync(mine, path);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

function held(path: string, me: Owner): OwnerLock {
  const beat = setInterval(() => {
    if (readOwner(path)?.token === me.token) touch(path);
  }, BEAT_MS);
  beat.unref();
  return {
    release() {
      clearInterval(beat);
      if (readOwner(path)?.token === me.token) rmSync(path, { force: true });
    },
  };
}

function touch(path: string): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch (error) {
    // A full or read-only disk is PostgreSQL's to report; a missing beat must not end the server.
    if (errorCode(error) === undefined) throw error;
  }
}

async function isAlive(path: string, owner: Owner): Promise<boolean> {
  const here = thisMachine();
  if (owner.boot === here.boot && owner.namespace === here.namespace) {
    return processStart(owner.pid) === owner.start;
  }
  const before = unlessMissing(() => statSync(path).mtimeMs);
  if (before === undefined) return false;
  // The clock is the same one when the kernel is, so an old beat is enough of a proof.
  if (owner.boot === here.boot && Date.now() - before > SILENCE_MS) return false;
  for (let waited = 0; waited < SILENCE_MS; waited += BEAT_MS) {
    await sleep(BEAT_MS);
    const after = unlessMissing(() => statSync(path).mtimeMs);
    if (after === undefined) return false;
    if (after !== before) return true;
  }
  return false;
}

/**
 * Removes a dead owner's file. Between our look and the rename another starter may have done the
 * same and taken the lock; then its file comes back.
 */
function setAside(path: string, dead: Owner): void {
  const aside = `${path}.${randomUUID()}`;
  const moved = unlessMissing(() => {
    renameSync(path, aside);
    return true;
  });
  if (moved === undefined) return;
  if (readOwner(aside)?.token !== dead.token) claim(aside, path);
  rmSync(aside, { force: true });
}

function readOwner(path: string): Owner | undefined {
  const text = unlessMissing(() => readFileSync(path, "utf8"));
  if (text === undefined) return undefined;
  // Only we write this file, whole; what cannot be read was damaged and protects nobody.
  const fields = new Map<string, unknown>(Object.entries(parseObject(text)));
  const word = (name: string): string => {
    const value = fields.get(name);
    return typeof value === "string" ? value : "";
  };
  return {
    token: word("token"),
    pid: Number(fields.get("pid") ?? 0),
    start: word("start"),
    boot: word("boot"),
    namespace: word("namespace"),
  };
}

function parseObject(text: string): object {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

function inUse(dataDir: string, owner: Owner): EmbeddedError {
  return new EmbeddedError(
    "data_dir_in_use",
    `${dataDir} is in use by another Terrane server (process ${owner.pid}). ` +
      "Stop that server first, give this one another data directory, or run both on one PostgreSQL with DATABASE_URL.",
  );
}
