import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type Victim = "server" | "database" | "runner" | "terraform";
export const VICTIMS: readonly Victim[] = ["server", "database", "runner", "terraform"];

/** Processes that belong to this server's data directory, found in /proc: nothing else is ever signalled. */
export function findVictims(victim: Exclude<Victim, "server">, dataDir: string): readonly number[] {
  if (victim === "database") return postmaster(dataDir);
  return processes().filter((pid) => {
    const [program = "", ...args] = fieldsOf(pid, "cmdline");
    const is =
      victim === "runner"
        ? program.endsWith("node") && args.some((arg) => arg.endsWith("/runner.js"))
        : /(?:^|\/)terraform$/.test(program);
    return is && fieldsOf(pid, "environ").some((entry) => entry.includes(dataDir));
  });
}

/** SIGKILL; true when there was something to kill. */
export function kill(pid: number): boolean {
  try {
    process.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}

function postmaster(dataDir: string): readonly number[] {
  const file = join(dataDir, "postgres", "cluster", "postmaster.pid");
  const [line = ""] = read(file).split("\n");
  const pid = Number(line);
  return Number.isInteger(pid) && pid > 0 ? [pid] : [];
}

function processes(): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function fieldsOf(pid: number, file: "cmdline" | "environ"): readonly string[] {
  return read(`/proc/${pid}/${file}`).split("\0");
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
