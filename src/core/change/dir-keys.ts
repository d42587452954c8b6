import type { Config } from "../config/config.ts";
import { pathSegments } from "../query/path.ts";
import type { ChangeDiagnostic } from "./affected.ts";
import type { Directories } from "./directories.ts";
import { dirname } from "./directories.ts";
import { ROOT_DIR } from "./dirspace.ts";
import { type Glob, globMatches, globReach, isGlob, parseGlob, unescapeGlob } from "./glob.ts";
import { anchoredAbove, buildPatternIndex, type PatternIndex } from "./pattern-index.ts";

/** Which entry of `dirs` a directory belongs to. */
export interface KeyMatch {
  /** Position in `config.dirs`. */
  readonly index: number;
  readonly explicit: boolean;
}

export interface DirKeys {
  readonly explicit: ReadonlyMap<string, number>;
  readonly globs: readonly GlobKey[];
  readonly index: PatternIndex;
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
  const ofFiles: (readonly [string, number])[] = [];
  const globs: GlobKey[] = [];
  for (const [index, { key }] of config.dirs.entries()) {
    if (isGlob(key)) {
      const parsed = parseGlob(withoutDots(key));
      if (parsed.kind === "ok") globs.push({ key, index, glob: parsed.glob });
      continue;
    }
    const path = withoutDots(unescapeGlob(key));
    if (directories.has(path)) claim(explicit, path, index, config, diagnostics);
    else if (directories.get(dirname(path))?.includes(path)) ofFiles.push([dirname(path), index]);
  }
  // A key that names a file configures its directory, unless another key names that directly.
  for (const [dir, index] of ofFiles) claim(explicit, dir, index, config, diagnostics);
  globs.sort((a, b) => characters(b.key) - characters(a.key));
  const index = buildPatternIndex(
    globs.map(({ glob }, target) => ({ anchor: glob.prefix, tail: glob.tail, target })),
  );
  return { explicit, globs, index, diagnostics };
}

/** For each directory the key that configures it: an explicit one, else the longest glob. */
export function matchDirKeys(
  keys: DirKeys,
  directories: Directories,
): { readonly matches: ReadonlyMap<string, KeyMatch>; readonly diagnostics: ChangeDiagnostic[] } {
  const matches = new Map<string, KeyMatch>();
  const uses = new Map<GlobKey, GlobUse>();
  if (keys.explicit.size === 0 && keys.globs.length === 0) return { matches, diagnostics: [] };
  for (const [dir, files] of directories) {
    const explicit = keys.explicit.get(dir);
    if (explicit !== undefined) {
      matches.set(dir, { index: explicit, explicit: true });
      continue;
    }
    if (keys.globs.length === 0) continue;
    const found = longestGlob(keys, dir, files);
    if (found === undefined) continue;
    matches.set(dir, { index: found.key.index, explicit: false });
    noteUse(uses, found.key, dir, found.file);
  }
  return { matches, diagnostics: [...uses].flatMap(([key, use]) => surprises(key, use)) };
}

interface Found {
  readonly key: GlobKey;
  /** The file that the glob matched, where it did not match the directory by name. */
  readonly file: string | undefined;
}

function longestGlob(keys: DirKeys, dir: string, files: readonly string[]): Found | undefined {
  let best = Number.POSITIVE_INFINITY;
  let bestFile: string | undefined;
  const path = dir === ROOT_DIR ? "" : dir;
  anchoredAbove(keys.index, path, (rank) => {
    const glob = keys.globs[rank]?.glob;
    if (rank >= best || glob === undefined) return;
    // One look at the directory mostly spares looking at its files.
    const found = path === "" ? "alive" : globReach(glob, path);
    if (found === "dead") return;
    const file = found === "alive" ? files.find((name) => globMatches(glob, name)) : undefined;
    if (found === "alive" && file === undefined) return;
    best = rank;
    bestFile = file;
  });
  const key = keys.globs[best];
  return key === undefined ? undefined : { key, file: bestFile };
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

function claim(
  explicit: Map<string, number>,
  dir: string,
  index: number,
  config: Config,
  diagnostics: ChangeDiagnostic[],
): void {
  const first = explicit.get(dir);
  if (first === undefined) {
    explicit.set(dir, index);
    return;
  }
  const [kept, ignored] = [config.dirs[first]?.key, config.dirs[index]?.key];
  const message = `The keys \`${kept}\` and \`${ignored}\` of \`dirs\` both name \`${dir}\`; \`${kept}\` counts.`;
  diagnostics.push({ severity: "warning", code: "dirs_key", message });
}

function withoutDots(path: string): string {
  const segments = pathSegments(path) ?? [];
  return segments.length === 0 ? ROOT_DIR : segments.join("/");
}

function characters(text: string): number {
  return Array.from(text).length;
}
