import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ran } from "./run-program.ts";

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
  const run = (cwd: string, program: string, args: readonly string[], input = ""): Promise<Ran> =>
    new Promise((resolve, reject) => {
      const child = spawn(program, [...args], { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
      let stdout = "";
      let stderr = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        stderr += text;
      });
      child.on("error", reject);
      child.on("close", (code) => resolve({ status: code ?? -1, stdout, stderr }));
      // A program that stops before it has read everything has closed the pipe.
      child.stdin.on("error", () => {});
      child.stdin.end(input);
    });
  return {
    terrane: (cwd, args, input) => run(cwd, process.execPath, [PROGRAM, ...args], input),
    shell: (cwd, command) => run(cwd, "sh", ["-c", command]),
  };
}
