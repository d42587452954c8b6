/**
 * The segments of a path with `.`, `..` and empty ones resolved as text, or `undefined` when it
 * leaves the root. The root itself has no segments.
 */
export function pathSegments(path: string): readonly string[] | undefined {
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") segments.push(segment);
    else if (segments.pop() === undefined) return undefined;
  }
  return segments;
}

/** Resolves `path` against the directory `from`; `.` is the root. */
export function resolveDir(from: string, path: string): string | undefined {
  const segments = pathSegments(`${from}/${path}`);
  if (segments === undefined) return undefined;
  return segments.length === 0 ? "." : segments.join("/");
}
