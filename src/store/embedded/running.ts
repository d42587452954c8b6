import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { clusterDirectory, SUPERUSER } from "./cluster.ts";
import { unlessMissing } from "./node-error.ts";
import { LOOPBACK } from "./postmaster.ts";
import { isPostgresOn, readPostmasterFile } from "./postmaster-file.ts";

const PORT_LINE = 3;

/** Where the embedded PostgreSQL of a server that runs now is reached; undefined where none runs on this directory. */
export function runningEmbedded(dataDir: string): string | undefined {
  const dir = resolve(dataDir);
  const clusterDir = clusterDirectory(dir);
  const file = readPostmasterFile(clusterDir);
  if (file === undefined || !file.ready || !isPostgresOn(file.pid, clusterDir)) return undefined;
  const lines = unlessMissing(() => readFileSync(join(clusterDir, "postmaster.pid"), "utf8"));
  const password = unlessMissing(() => readFileSync(join(dir, "password"), "utf8"));
  const port = Number(lines?.split("\n")[PORT_LINE]);
  if (password === undefined || !Number.isInteger(port)) return undefined;
  return `postgres://${SUPERUSER}:${password.trim()}@${LOOPBACK}:${port}/${SUPERUSER}`;
}
