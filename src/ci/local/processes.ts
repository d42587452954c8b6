import { readdir, readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";

/** A process beyond its number, which the system gives out again. */
export interface ProcessId {
  readonly pid: number;
  /** When it started, in the system's own unit; undefined where the system does not say. */
  readonly start: string | undefined;
}

export interface RunningProcess extends ProcessId {
  readonly group: number;
  readonly session: number;
}

/** Where a process number means something: one kernel since it booted, one PID namespace. */
export interface Machine {
  readonly boot: string;
  readonly namespace: string;
}

const LINUX = process.platform === "linux";

export async function thisMachine(): Promise<Machine> {
  if (!LINUX) return { boot: hostname(), namespace: hostname() };
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
  return { boot: boot.trim(), namespace: await readlink("/proc/self/ns/pid") };
}

/**
 * The processes that still belong to a job: its group and session, and whatever carries its mark in
 * the environment or works in its directory, for a tool that made a group of its own. Zombies
 * hold nothing any more; without an init process in a container they would stay for ever.
 */
export async function jobProcesses(
  leader: ProcessId,
  mark: string,
  workDir: string,
): Promise<readonly RunningProcess[]> {
  if (!LINUX) return groupAlive(leader.pid) ? [unseen(leader)] : [];
  const all = await runningProcesses();
  // The number was given out again, which the system does only once its group was empty.
  const reused = all.some((each) => each.pid === leader.pid && each.start !== leader.start);
  const members = reused
    ? []
    : all.filter((each) => each.group === leader.pid || each.session === leader.pid);
  if (members.length > 0) return members;
  const marked: RunningProcess[] = [];
  for (const each of all) {
    if (each.pid !== process.pid && (await carriesMark(each, mark, workDir))) marked.push(each);
  }
  return marked;
}

/** Sends a signal to each; one that ended meanwhile needs none. */
export function signalAll(processes: readonly RunningProcess[], signal: NodeJS.Signals): void {
  for (const each of processes) {
    // Without a list of processes the group as a whole stands in for its members.
    trySignal(LINUX ? each.pid : -each.pid, signal);
  }
}

export function trySignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    // EPERM: it lives and is not ours to signal.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

export async function isRunning(wanted: ProcessId): Promise<boolean> {
  if (!LINUX) return trySignal(wanted.pid, 0);
  const found = await readProcess(wanted.pid);
  return found !== undefined && found.start === wanted.start;
}

function groupAlive(leader: number): boolean {
  return trySignal(-leader, 0);
}

function unseen(leader: ProcessId): RunningProcess {
  return { ...leader, group: leader.pid, session: leader.pid };
}

async function runningProcesses(): Promise<readonly RunningProcess[]> {
  const found: RunningProcess[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const each = await readProcess(Number(name));
    if (each !== undefined) found.push(each);
  }
  return found;
}

async function readProcess(pid: number): Promise<RunningProcess | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return stat === undefined ? undefined : parseStat(pid, stat);
}

/** proc(5): the second field is the program's name in parentheses and may itself hold both. */
export function parseStat(pid: number, stat: string): RunningProcess | undefined {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, , group, session] = fields;
  if (state === "Z" || state === "X") return undefined;
  return { pid, group: Number(group), session: Number(session), start: fields[19] };
}

async function carriesMark(
  { pid }: RunningProcess,
  mark: string,
  workDir: string,
): Promise<boolean> {
  const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => "");
  if (cwd === workDir || cwd.startsWith(`${workDir}/`)) return true;
  // Unreadable: another user's, and none of our jobs changes its user.
  const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
  return environment.split("\0").includes(mark);
}
