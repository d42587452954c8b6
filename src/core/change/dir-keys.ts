import type { Config } from "../config/config.ts";
import { pathSegments } from "../query/path.ts";
import type { ChangeDiagnostic } from "./affected.ts";
import type { Directories } from "./directories.ts";
import { dirname } from "./directories.ts";
import { ROOT_DIR } from "./dirspace.ts";
import { type Glob, isGlob, parseGlob, unescapeGlob } from "./glob.ts";
import { GLOB_STEPS_MAX, GlobSet } from "./glob-set.ts";

export interface DirKeys {
  readonly explicit: ReadonlyMap<string, number>;
  /** Positions of those that name what another one names before them; `diagnostics` says so. */
  readonly losers: ReadonlySet<number>;
  /** The longest first. */
  readonly globs: readonly GlobKey[];
  readonly set: GlobSet;
  readonly diagnostics: readonly ChangeDiagnostic[];
}

interface GlobKey {
  readonly key: string;
  readonly index: number;
  readonly glob: Glob;
}

/** Sorts the keys of `dirs` into those that name one place and globs, the longest glob first. */
export function readDirKeys(config: Config, directories: Directories): DirKeys {
  const diagnostics: ChangeDiagnostic[] = [];
  const explicit = new Map<string, number>();
  const losers = new Set<number>();
  const claim = (dir: string, index: number): void => {
    const first = explicit.get(dir);
    if (first === undefined) {
      explicit.set(dir, index);
      return;
    }
    losers.add(index);
    diagnostics.push(sameDirectory(config, dir, first, index));
  };
  const ofFiles: (readonly [string, number])[] = [];
  const globs: GlobKey[] = [];
  for (const [index, { key }] of config.dirs.entries()) {
    if (isGlob(key)) {
      const parsed = parseGlob(withoutDots(key));
      if (parsed.kind === "ok") globs.push({ key, index, glob: parsed.glob });
      continue;
    }
    const path = withoutDots(unescapeGlob(key));
    if (directories.has(path)) claim(path, index);
    else if (directories.filesOf(dirname(path)).includes(path)) {
      ofFiles.push([dirname(path), index]);
    }
  }
  // A key that names a file configures its directory, unless another key names that directly.
  for (const [dir, index] of ofFiles) claim(dir, index);
  globs.sort((a, b) => characters(b.key) - characters(a.key));
  return { explicit, losers, globs, set: new GlobSet(globs.map(({ glob }) => glob)), diagnostics };
}

export interface KeyMatches {
  /** For each directory the position of its key in `config.dirs`, or `NO_KEY`. */
  readonly keyOf: Int32Array;
  readonly diagnostics: readonly ChangeDiagnostic[];
}

export const NO_KEY = -1;

/** For each directory the key that configures it: an explicit one, else the longest glob. */
export function matchDirKeys(keys: DirKeys, directories: Directories): KeyMatches {
  const keyOf = new Int32Array(directories.names.length).fill(NO_KEY);
  const uses = new Map<GlobKey, GlobUse>();
  for (const [dir, index] of keys.explicit) keyOf[directories.indexOf(dir)] = index;
  if (keys.globs.length === 0) return { keyOf, diagnostics: [] };
  for (const [at, dir] of directories.names.entries()) {
    if (keyOf[at] !== NO_KEY) continue;
    const found = longestGlob(keys, dir, () => directories.filesAt(at));
    if (found === undefined) continue;
    keyOf[at] = found.key.index;
    noteUse(uses, found.key, dir, found.file);
  }
  if (keys.set.exhausted) return { keyOf, diagnostics: [tooCostly("keys of `dirs`")] };
  return { keyOf, diagnostics: [...uses].flatMap(([key, use]) => surprises(key, use)) };
}

export function tooCostly(what: string): ChangeDiagnostic {
  const message =
    `The ${what} of this repository need more than ${GLOB_STEPS_MAX} steps to be matched. Use fewer ` +
    "patterns with several `*` in one name, and begin patterns with the directory that they are for.";
  return { severity: "error", code: "patterns_too_costly", message };
}

interface Found {
  readonly key: GlobKey;
  /** The file that the glob matched, where it did not match the directory by name. */
  readonly file: string | undefined;
}

function longestGlob(
  { globs, set }: DirKeys,
  dir: string,
  files: () => readonly string[],
): Found | undefined {
  const named = dir === ROOT_DIR ? undefined : set.run(dir);
  let best = named?.accepts[0] ?? Number.POSITIVE_INFINITY;
  let file: string | undefined;
  // One look at the directory mostly spares looking at its files.
  if (named === undefined || named.floor < best) {
    for (const path of files()) {
      const rank = set.run(path).accepts[0] ?? Number.POSITIVE_INFINITY;
      if (rank >= best) continue;
      best = rank;
      file = path;
    }
  }
  const key = globs[best];
  return key === undefined ? undefined : { key, file };
}

interface GlobUse {
  named: string | undefined;
  byFile: { readonly dir: string; readonly file: string } | undefined;
}

function noteUse(
  uses: Map<GlobKey, GlobUse>,
  key: GlobKey,
  dir: string,
  file: string | undefined,
): void {
  const use = uses.get(key) ?? { named: undefined, byFile: undefined };
  uses.set(key, use);
  if (file === undefined) use.named ??= dir;
  else use.byFile ??= { dir, file };
}

/** `env/*` was probably written for `env/x` and not for `env`, where a file happens to lie. */
function surprises({ key }: GlobKey, { named, byFile }: GlobUse): ChangeDiagnostic[] {
  if (named === undefined || byFile === undefined) return [];
  const message =
    `The key \`${key}\` of \`dirs\` matches directories such as \`${named}\`, and also the file ` +
    `\`${byFile.file}\`, so it configures \`${byFile.dir}\` too. Give \`${byFile.dir}\` a key of ` +
    "its own if that is not meant.";
  return [{ severity: "warning", code: "dirs_key", message }];
}

function sameDirectory(
  { dirs }: Config,
  dir: string,
  first: number,
  index: number,
): ChangeDiagnostic {
  const [kept, ignored] = [dirs[first]?.key, dirs[index]?.key];
  const message = `The keys \`${kept}\` and \`${ignored}\` of \`dirs\` both name \`${dir}\`; \`${kept}\` counts.`;
  return { severity: "warning", code: "dirs_key", message };
}

function withoutDots(path: string): string {
  const segments = pathSegments(path) ?? [];
  return segments.length === 0 ? ROOT_DIR : segments.join("/");
}

function characters(text: string): number {
  return Array.from(text).length;
}
