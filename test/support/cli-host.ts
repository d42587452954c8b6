import { join, resolve } from "node:path";
import type { FileRead, GitRan, Host } from "../../src/cli/host.ts";

/** A command line without a machine: files in memory, and what was printed. */
export interface CliHost extends Host {
  readonly printed: string[];
  readonly complained: string[];
}

const CWD = "/work";

export function cliHost(
  files: Readonly<Record<string, string | Exclude<FileRead, { kind: "ok" }>>>,
  input = "",
): CliHost {
  const printed: string[] = [];
  const complained: string[] = [];
  const noGit: GitRan = { status: 128, stdout: "", stderr: "not a git repository" };
  const byPath = new Map(Object.entries(files).map(([path, file]) => [join(CWD, path), file]));
  const read = (text: string, bytesMax: number): FileRead =>
    Buffer.byteLength(text) > bytesMax
      ? { kind: "unreadable", message: `is larger than ${bytesMax} bytes` }
      : { kind: "ok", text };
  return {
    printed,
    complained,
    env: {},
    out: (text) => printed.push(...text.split("\n")),
    err: (text) => complained.push(...text.split("\n")),
    colour: false,
    machine: {
      cwd: CWD,
      async readFile(path, bytesMax) {
        const found = byPath.get(resolve(CWD, path));
        if (found === undefined) return { kind: "missing" };
        return typeof found === "string" ? read(found, bytesMax) : found;
      },
      readInput: async (bytesMax) => read(input, bytesMax),
      git: async () => noGit,
    },
    startServer: () => Promise.reject(new Error("no server is needed")),
    untilStopped: () => Promise.resolve(),
  };
}
