import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { type Account, spawnAs } from "./account.ts";

/**
 * Waits until its standard input closes, which the kernel does when our process ends in whatever
 * way, and then asks PostgreSQL to shut down. The file is compared again, so that a number that was
 * reused is left alone. $1 is the process, $2 the cluster directory, $3 what to delete afterwards.
 */
const SCRIPT = `
read -r _
if [ "$(head -n 1 "$2/postmaster.pid" 2>/dev/null)" = "$1" ]; then kill -INT "$1"; fi
if [ -n "$3" ]; then
  while kill -0 "$1" 2>/dev/null; do sleep 0.1; done
  rm -rf -- "$3"
fi
`;

/** Ends PostgreSQL when this process is killed without a chance to say goodbye (SIGKILL, OOM). */
export function startGuard(options: {
  readonly account: Account;
  readonly pid: number;
  readonly clusterDir: string;
  /** A throwaway cluster: the guard removes this directory as well. */
  readonly remove: string | undefined;
}): () => void {
  const child: ChildProcess = spawn(
    "/bin/sh",
    ["-c", SCRIPT, "terrane-guard", String(options.pid), options.clusterDir, options.remove ?? ""],
    {
      ...spawnAs(options.account),
      cwd: "/",
      env: { PATH: "/usr/bin:/bin" },
      stdio: ["pipe", "ignore", "ignore"],
      // Its own session: Ctrl-C in a terminal is for us, and we stop PostgreSQL in order.
      detached: true,
    },
  );
  // Without a shell (a distroless image) there is no guard; the next start ends the orphan instead.
  child.on("error", () => undefined);
  child.stdin?.on("error", () => undefined);
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  return () => child.kill("SIGKILL");
}
