import { join, relative, resolve } from "node:path";
import type { FileRead, GitRan, Host } from "../../src/cli/host.ts";

/** A command line without a machine: files in memory, and what was printed. */
export interface CliHost extends Host {
  readonly printed: string[];
  readonly complained: string[];
  /** Files that were written, by their path from the working directory. */
  readonly written: Map<string, string>;
}

const CWD = "/work";

export function cliHost(
  files: Readonly<Record<string, string | Exclude<FileRead, { kind: "ok" }>>>,
  input = "",
): CliHost {
  const printed: string[] = [];
  const complained: string[] = [];
  const written = new Map<string, string>();
  const noGit: GitRan = { status: 128, stdout: "", stderr: "not a git repository" };
  const byPath = new Map(Object.entries(files).map(([path, file]) => [join(CWD, path), file]));
  const read = (text: string, bytesMax: number): FileRead =>
    Buffer.byteLength(text) > bytesMax
      ? { kind: "unreadable", message: `is larger than ${bytesMax} bytes` }
      : { kind: "ok", text };
  return {
    printed,
    complained,
    written,
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
      async listFiles(dir) {
        const inside = `${resolve(CWD, dir)}/`;
        return [...byPath.keys()]
          .filter((path) => path.startsWith(inside) && !path.slice(inside.length).includes("/"))
          .map((path) => path.slice(inside.length))
          .sort();
      },
      async writeFile(path, text) {
        byPath.set(resolve(CWD, path), text);
        written.set(relative(CWD, resolve(CWD, path)), text);
      },
      git: async () => noGit,
    },
    startServer: () => Promise.reject(new Error("no server is needed")),
    replay: () => Promise.reject(new Error("no database here")),
    setup: { forges: [], clouds: [] },
    openBuilders: () => Promise.reject(new Error("no builders here")),
    openLocal: () => Promise.reject(new Error("no runner here")),
    interactive: false,
    ask: () => Promise.resolve(undefined),
    untilStopped: () => Promise.resolve(),
  };
}
