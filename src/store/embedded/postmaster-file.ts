import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { unlessMissing } from "./node-error.ts";
import { commandLine, processStart } from "./process-identity.ts";

/** The lock file that PostgreSQL keeps in its data directory while it runs. */
export interface PostmasterFile {
  readonly pid: number;
  /** True once it accepts connections; the same line that `pg_ctl -w` waits for. */
  readonly ready: boolean;
}

const PID_LINE = 0;
const STATUS_LINE = 7;

export function readPostmasterFile(clusterDir: string): PostmasterFile | undefined {
  const text = unlessMissing(() => readFileSync(postmasterPath(clusterDir), "utf8"));
  if (text === undefined) return undefined;
  const lines = text.split("\n");
  // A number that is negative belongs to a single-user backend.
  const pid = Math.abs(Number.parseInt(lines[PID_LINE] ?? "", 10));
  if (!Number.isSafeInteger(pid) || pid === 0) return undefined;
  return { pid, ready: (lines[STATUS_LINE] ?? "").trim() === "ready" };
}

/** The live PostgreSQL that runs on these data and is not our child: its server was killed. */
export function findOrphan(clusterDir: string): number | undefined {
  const file = readPostmasterFile(clusterDir);
  if (file === undefined || processStart(file.pid) === undefined) return undefined;
  if (isPostgresOn(file.pid, clusterDir)) return file.pid;
  // The number went to another program, for example after a restart of the container. PostgreSQL
  // would refuse to start because of it; we hold the owner lock, so nobody else writes this file.
  rmSync(postmasterPath(clusterDir), { force: true });
  return undefined;
}

export function isPostgresOn(pid: number, clusterDir: string): boolean {
  const line = commandLine(pid);
  return line !== undefined && line.includes("postgres") && line.includes(` ${clusterDir} `);
}

function postmasterPath(clusterDir: string): string {
  return join(clusterDir, "postmaster.pid");
}
