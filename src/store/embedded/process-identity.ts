import { spawnSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * Identifies a process beyond its number: numbers are reused, and in a container every server is
 * process 1. Undefined when no such process runs.
 */
export function processStart(pid: number): string | undefined {
  if (process.platform === "linux") return linuxProcessStart(pid);
  return ps(pid, "lstart");
}

function linuxProcessStart(pid: number): string | undefined {
  const stat = readOrUndefined(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the program's name in parentheses and may hold blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const state = fields[0];
  // A zombie holds nothing any more; only its exit status waits for its parent.
  if (state === "Z" || state === "X") return undefined;
  return fields[19];
}

/** The command line of a process, or undefined when it is gone. */
export function commandLine(pid: number): string | undefined {
  if (process.platform === "linux") {
    return readOrUndefined(`/proc/${pid}/cmdline`)?.replaceAll("\0", " ");
  }
  return ps(pid, "command");
}

/**
 * Where a process number has its meaning: one kernel, one PID namespace. Two containers that share
 * a volume have equal process numbers and different machines.
 */
export interface Machine {
  readonly boot: string;
  readonly namespace: string;
}

export function thisMachine(): Machine {
  if (process.platform !== "linux") return { boot: hostname(), namespace: hostname() };
  return {
    boot: readOrUndefined("/proc/sys/kernel/random/boot_id")?.trim() ?? hostname(),
    namespace: readlinkSync("/proc/self/ns/pid"),
  };
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // ENOENT and ESRCH both mean that the process ended while we looked.
    return undefined;
  }
}

function ps(pid: number, column: "lstart" | "command"): string | undefined {
  const run = spawnSync("ps", ["-o", `${column}=`, "-p", String(pid)], { encoding: "utf8" });
  const text = run.status === 0 ? run.stdout.trim() : "";
  return text === "" ? undefined : text;
}
