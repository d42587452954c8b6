/** Links that lead to links; more is a circle, or a maze that nobody has to follow. */
const HOPS_MAX = 40;

export interface Followed {
  /** Where the path really is. */
  readonly path: string;
  /** The links on the way, in order. */
  readonly crossed: readonly string[];
}

/**
 * Follows symbolic links textually: `links` maps a path to its target, both relative to the same
 * root. `undefined` where links go round in a circle.
 */
export function followLinks(
  links: ReadonlyMap<string, string>,
  path: string,
): Followed | undefined {
  if (links.size === 0) return { path, crossed: [] };
  const crossed: string[] = [];
  let current = path;
  while (crossed.length <= HOPS_MAX) {
    const link = firstLink(links, current);
    if (link === undefined) return { path: current, crossed };
    crossed.push(link);
    current = joinPath(links.get(link) ?? "", current.slice(link.length + 1));
  }
  return undefined;
}

function firstLink(links: ReadonlyMap<string, string>, path: string): string | undefined {
  for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) {
    const prefix = path.slice(0, end);
    if (links.has(prefix)) return prefix;
  }
  return links.has(path) ? path : undefined;
}

/** A directory, `.` for the root, and what lies below it. */
export function joinPath(dir: string, rest: string): string {
  if (rest === "") return dir;
  return dir === "." || dir === "" ? rest : `${dir}/${rest}`;
}

/**
 * Resolves a relative path from a directory, both textual. `undefined` where it leaves the root or
 * holds what no path of a repository should hold.
 */
export function resolvePath(dir: string, relative: string): string | undefined {
  if (/[\p{Cc}\p{Cs}\\]/u.test(relative)) return undefined;
  const segments = dir === "." || dir === "" ? [] : dir.split("/");
  for (const segment of relative.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") segments.push(segment);
    else if (segments.pop() === undefined) return undefined;
  }
  return segments.length === 0 ? "." : segments.join("/");
}
