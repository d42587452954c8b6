import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Ran, runProgram } from "./run-program.ts";

const PROGRAM = join(import.meta.dirname, "..", "..", "dist", "cli.js");

/** A place with a home of its own, in which `terrane` is the program that was built. */
export interface Desk {
  terrane(cwd: string, args: readonly string[], input?: string): Promise<Ran>;
  shell(cwd: string, command: string): Promise<Ran>;
}

export function openDesk(home: string): Desk {
  const bin = join(home, "bin");
  mkdirSync(bin, { recursive: true });
  const script = join(bin, "terrane");
  writeFileSync(script, `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`);
  chmodSync(script, 0o755);
  const env = {
    PATH: `${bin}:${process.env["PATH"] ?? ""}`,
    HOME: home,
    XDG_CACHE_HOME: join(home, "cache"),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "Desk",
    GIT_AUTHOR_EMAIL: "desk@example.org",
    GIT_COMMITTER_NAME: "Desk",
    GIT_COMMITTER_EMAIL: "desk@example.org",
    LC_ALL: "C",
  };
  return {
    terrane: (cwd, args, input = "") =>
      runProgram(process.execPath, [PROGRAM, ...args], env, { cwd, input }),
    shell: (cwd, command) => runProgram("sh", ["-c", command], env, { cwd }),
  };
}
