import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import * as z from "zod/mini";
import { FORMAT_VERSION, type ReferenceCache } from "./cache.ts";
import { type FileReferences, NOTHING } from "./file-references.ts";
import type { Anchor } from "./raw-path.ts";

/** Entries that are kept; those that were used last stay. Some 20 MB. */
const ENTRIES_MAX = 100_000;
const BYTES_MAX = 64 * 1024 * 1024;

const anchor = z.custom<Anchor>(
  (value) => typeof value === "string" && /^(?:file|root|repository|parent|above:.+)$/.test(value),
);
const rawPath = z.object({ from: anchor, path: z.string() });
const rawRead = z.union([
  z.strictObject({ from: anchor, path: z.string(), pattern: z.string() }),
  z.strictObject({ from: anchor, path: z.string() }),
]);
const problem = { problem: z.string() };
const lists = {
  modules: z.array(rawPath),
  reads: z.array(rawRead),
  includes: z.array(rawPath),
  configs: z.array(rawPath),
  dependencies: z.array(rawPath),
};
/** Most files refer to nothing: `0` says so. */
const entry = z.union([
  z.literal(0),
  z.strictObject(lists),
  z.strictObject({ ...lists, ...problem }),
]);
const stored = z.object({
  version: z.literal(FORMAT_VERSION),
  entries: z.array(z.tuple([z.string(), z.unknown()])),
});

/** Where the entries of this user are kept: `$XDG_CACHE_HOME/terrane/index`. */
export function userCacheDirectory(environment: NodeJS.ProcessEnv): string {
  const base = environment["XDG_CACHE_HOME"];
  // A relative one is to be ignored, as the specification of it says.
  const root = base?.startsWith("/") === true ? base : join(homedir(), ".cache");
  return join(root, "terrane", "index");
}

/**
 * Keeps entries in one file of a directory, which is replaced whole and at once. What cannot be
 * read counts as not there, and what cannot be written is not written: a cache is never a reason
 * to fail. Of two processes that save at the same time, one loses what it added.
 */
export async function fileCache(directory: string): Promise<ReferenceCache> {
  const path = join(directory, "references.json");
  const known = new Map<string, unknown>(await load(path));
  const used = new Map<string, FileReferences>();
  let added = false;
  return {
    get(key) {
      const before = used.get(key);
      if (before !== undefined) return before;
      const references = checked(known.get(key));
      if (references !== undefined) used.set(key, references);
      return references;
    },
    set(key, references) {
      used.set(key, references);
      added = true;
    },
    async save() {
      if (!added) return;
      const all = new Map<string, unknown>();
      for (const [key, references] of used) all.set(key, references === NOTHING ? 0 : references);
      for (const [key, value] of known) if (!all.has(key)) all.set(key, value);
      await replace(directory, path, [...all].slice(0, ENTRIES_MAX));
      added = false;
    },
  };
}

async function load(path: string): Promise<readonly (readonly [string, unknown])[]> {
  try {
    const { size } = await stat(path);
    if (size > BYTES_MAX) return [];
    const parsed = stored.safeParse(JSON.parse(await readFile(path, "utf8")));
    return parsed.success ? parsed.data.entries : [];
  } catch {
    return [];
  }
}

function checked(value: unknown): FileReferences | undefined {
  if (value === undefined) return undefined;
  const parsed = entry.safeParse(value);
  if (!parsed.success) return undefined;
  return parsed.data === 0 ? NOTHING : parsed.data;
}

async function replace(
  directory: string,
  path: string,
  entries: readonly (readonly [string, unknown])[],
): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const text = JSON.stringify({ version: FORMAT_VERSION, entries });
    await writeFile(temporary, text, { mode: 0o600, flag: "wx" });
    await rename(temporary, path);
  } catch {
    await rm(temporary, { force: true });
  }
}
