import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const SECRET_BYTES = 32;
const TOKEN_PREFIX = "trn_";

export interface DataDir {
  readonly path: string;
  /** The token in the file `token`, made at the first start. */
  token(): string;
  /** The root of every key that only this server can derive. */
  secretKey(): Uint8Array;
  /** Says where the server is, for the command line. */
  announce(url: string): void;
  retract(): void;
}

/** What a server keeps besides its database. Everything in it is the server's alone. */
export function openDataDir(path: string): DataDir {
  // As root the embedded database runs under another account, which must be able to pass through.
  mkdirSync(path, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  const place = join(path, "server.json");
  return {
    path,
    token: () =>
      kept(
        join(path, "token"),
        () => TOKEN_PREFIX + randomBytes(SECRET_BYTES).toString("base64url"),
      ),
    secretKey() {
      mkdirSync(join(path, "keys"), { recursive: true, mode: 0o700 });
      const file = join(path, "keys", "secret");
      const key = Buffer.from(
        kept(file, () => randomBytes(SECRET_BYTES).toString("base64")),
        "base64",
      );
      if (key.length === SECRET_BYTES) return key;
      throw new Error(`${file} does not hold 32 bytes in base64. Restore it from a backup.`);
    },
    announce(url) {
      const draft = `${place}.${process.pid}`;
      writeFileSync(draft, `${JSON.stringify({ pid: process.pid, url })}\n`, { mode: 0o600 });
      renameSync(draft, place);
    },
    retract() {
      // A server that was started since has written its own.
      if (ownerOf(place) === process.pid) rmSync(place, { force: true });
    },
  };
}

/** What the file says; made if it is not there. Of two servers that make it at once, one has its way. */
function kept(file: string, make: () => string): string {
  try {
    writeFileSync(file, `${make()}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  const text = readFileSync(file, "utf8").trim();
  if (text === "") throw new Error(`${file} is empty. Remove it to have a new one made.`);
  return text;
}

function ownerOf(place: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(place, "utf8")) as { pid?: number }).pid;
  } catch {
    return undefined;
  }
}
