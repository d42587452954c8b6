import { posix } from "node:path";
import type { RepositoryIndex } from "../../core/change/repository-index.ts";
import type { IndexResult } from "./bodies.ts";

const MESSAGE_CHARS_MAX = 1_000;

/** What an existing runner found in the code: modules by directory, links, and the files that it could not read. */
export function indexOf({ paths, symlinks }: IndexResult): RepositoryIndex {
  const directories: RepositoryIndex["directories"][number][] = [];
  const problems: RepositoryIndex["problems"][number][] = [];
  for (const [path, { modules, failures }] of Object.entries(paths)) {
    const dir = inside(path);
    if (dir === undefined) continue;
    const called = new Set((modules ?? []).flatMap((to) => inside(posix.join(dir, to)) ?? []));
    const references = [...called].toSorted().map((to) => ({ kind: "module", dir: to }) as const);
    if (references.length > 0) directories.push({ dir, references });
    for (const [file, { lnum, msg }] of Object.entries(failures ?? {})) {
      const line = typeof lnum === "number" ? ` (line ${lnum})` : "";
      const message = `${msg ?? "it cannot be read"}${line}`.slice(0, MESSAGE_CHARS_MAX);
      problems.push({ path: inside(posix.join(dir, file)) ?? dir, message });
    }
  }
  return {
    directories: directories.toSorted((a, b) => (a.dir < b.dir ? -1 : a.dir > b.dir ? 1 : 0)),
    symlinks: Object.entries(symlinks ?? {}).flatMap(([link, to]) => {
      const path = inside(link);
      const target = inside(to);
      return path === undefined || target === undefined ? [] : [{ path, target }];
    }),
    problems,
  };
}

/** A path of the repository in the form that all paths have here; what lies outside is none. */
function inside(path: string): string | undefined {
  if (path.includes("\0") || path.startsWith("/")) return undefined;
  const normal = posix.normalize(path).replace(/\/+$/, "");
  if (normal === ".." || normal.startsWith("../")) return undefined;
  return normal === "" ? "." : normal;
}
