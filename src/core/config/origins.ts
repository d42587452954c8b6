import { type Diagnostic, presentable } from "./diagnostic.ts";
import { DIAGNOSTICS_MAX } from "./document.ts";
import type { Finding } from "./finding.ts";
import { formatPath, type Path } from "./places.ts";
import type { Origin, Traced } from "./traced.ts";

/** Nobody wrote it: it is what the language says. */
export interface DefaultOrigin {
  readonly source: "default";
}

/** Where the values of a merged configuration were written. */
export interface Origins {
  /** Of the value at this path, in the shape of the file. */
  of(path: Path): Origin | DefaultOrigin;
  /** The same, or of what holds it where nobody wrote it. */
  near(path: Path, at?: "key" | "value"): Origin;
}

export function originsOf(root: Traced): Origins {
  return {
    of(path) {
      const { node, exact } = descend(root, path);
      // Whoever writes `null` asks for the default.
      const isReset = node.kind === "scalar" && node.value === null;
      return !exact || isReset ? { source: "default" } : node.origin;
    },
    near(path, at = "value") {
      const { node, exact } = descend(root, path);
      return at === "key" || !exact ? node.keyOrigin : node.origin;
    },
  };
}

interface Found {
  /** The value, or the closest thing around it. */
  readonly node: Traced;
  readonly exact: boolean;
}

function descend(root: Traced, path: Path): Found {
  let node = root;
  for (const key of path) {
    const inner = entryOf(node, key);
    if (inner === undefined) return { node, exact: false };
    node = inner;
  }
  return { node, exact: true };
}

function entryOf(node: Traced, key: string | number): Traced | undefined {
  if (node.kind === "map") return node.entries.get(String(key));
  return node.kind === "list" && typeof key === "number" ? node.items[key] : undefined;
}

/** Says of each finding about a merged configuration in which file it stands. In the order of the files. */
export function toDiagnostics(
  findings: readonly Finding[],
  origins: Origins,
): readonly Diagnostic[] {
  return findings
    .map((found): Diagnostic => {
      const { file, line, column } = origins.near(
        found.path,
        found.atKey === true ? "key" : "value",
      );
      return presentable({
        severity: found.severity,
        code: found.code,
        message: found.message,
        file,
        line,
        column,
        path: formatPath(found.path),
        ...(found.suggestion === undefined ? {} : { suggestion: found.suggestion }),
      });
    })
    .sort(byPlace)
    .slice(0, DIAGNOSTICS_MAX);
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
