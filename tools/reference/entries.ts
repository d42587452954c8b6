import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** What people wrote about one key of the configuration. */
export interface Entry {
  readonly path: string;
  /** The page it is on: the name of the file it was written in. */
  readonly page: string;
  /** Markdown. */
  readonly text: string;
  /** A value for this key alone; whatever must stand around it is added. */
  readonly example?: unknown;
  /** A whole document instead, where the value alone makes no sense. */
  readonly document?: unknown;
  /** What it means to leave the key out. */
  readonly default?: unknown;
  readonly hasDefault: boolean;
  /** The path of what replaces it. */
  readonly deprecated?: string;
  /** The keys below are those of another path. */
  readonly same?: string;
}

export type Entries = ReadonlyMap<string, Entry>;

/** Reads `keys/*.yml`: hand-written, one file per page. */
export function readEntries(folder: string): Entries {
  const entries = new Map<string, Entry>();
  for (const file of readdirSync(folder).sort()) {
    const page = file.replace(/\.yml$/, "");
    const written = parse(readFileSync(join(folder, file), "utf8")) as Record<
      string,
      Omit<Entry, "path" | "page" | "hasDefault">
    >;
    for (const [path, one] of Object.entries(written)) {
      if (entries.has(path)) throw new Error(`${file}: \`${path}\` is described twice`);
      entries.set(path, { ...one, path, page, hasDefault: Object.hasOwn(one, "default") });
    }
  }
  return entries;
}

/** The entry of a path; below a `same` that of the other path. */
export function entryFor(entries: Entries, path: string): Entry | undefined {
  const own = entries.get(path);
  if (own !== undefined) return own;
  const base = [...entries.values()]
    .filter((one) => one.same !== undefined && isBelow(path, one.path))
    .sort((a, b) => b.path.length - a.path.length)[0];
  if (base?.same === undefined) return undefined;
  return entryFor(entries, base.same + path.slice(base.path.length));
}

/** Whether `path` is a key, an item or a form of `parent`. */
export function isBelow(path: string, parent: string): boolean {
  return path.startsWith(parent) && /^[.[(]/.test(path.slice(parent.length));
}
