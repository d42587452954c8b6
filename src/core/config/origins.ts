import type { Diagnostic } from "./diagnostic.ts";
import type { Finding } from "./finding.ts";
import { DIAGNOSTICS_MAX } from "./parse.ts";
import { formatPath, type Path } from "./places.ts";
import type { Origin, Traced } from "./traced.ts";

/** Nobody wrote it: it is what the language says. */
export interface DefaultOrigin {
  readonly layer: "default";
}

/** Where the values of a merged configuration were written. */
export interface Origins {
  /** Of the value at this path, in the shape of the file. */
  of(path: Path): Origin | DefaultOrigin;
  /** The same, or of what holds it where nobody wrote it; undefined where nobody wrote anything. */
  near(path: Path, at?: "key" | "value"): Origin | undefined;
}

export function originsOf(root: Traced | undefined): Origins {
  return {
    of(path) {
      const found = descend(root, path);
      // Whoever writes `null` asks for the default.
      const isReset = found.node?.kind === "scalar" && found.node.value === null;
      return found.node === undefined || !found.exact || isReset
        ? { layer: "default" }
        : found.node.origin;
    },
    near(path, at = "value") {
      const { node, exact } = descend(root, path);
      return at === "key" || !exact ? node?.keyOrigin : node?.origin;
    },
  };
}

interface Found {
  /** The value, or the closest thing around it. */
  readonly node: Traced | undefined;
  readonly exact: boolean;
}

function descend(root: Traced | undefined, path: Path): Found {
  let node = root;
  for (const key of path) {
    const inner: Traced | undefined =
      node?.kind === "map"
        ? node.entries.get(String(key))
        : node?.kind === "list" && typeof key === "number"
          ? node.items[key]
          : undefined;
    if (inner === undefined) return { node, exact: false };
    node = inner;
  }
  return { node, exact: node !== undefined };
}

/** What findings about an effective configuration are attached to when nobody wrote any. */
const NO_FILE = "built-in defaults";

/** Says of each finding about a merged configuration in which file it stands. In the order of the files. */
export function toDiagnostics(
  findings: readonly Finding[],
  origins: Origins,
): readonly Diagnostic[] {
  return findings
    .map((found): Diagnostic => {
      const origin = origins.near(found.path, found.atKey === true ? "key" : "value");
      return {
        severity: found.severity,
        code: found.code,
        message: found.message,
        file: origin?.file ?? NO_FILE,
        line: origin?.line ?? 1,
        column: origin?.column ?? 1,
        path: formatPath(found.path),
        ...(found.suggestion === undefined ? {} : { suggestion: found.suggestion }),
      };
    })
    .sort(byPlace)
    .slice(0, DIAGNOSTICS_MAX);
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
