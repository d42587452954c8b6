import { followLinks, joinPath, resolvePath } from "../../base/symlinks.ts";
import type { Because } from "./affected.ts";
import type { Code, LinkUser, Reader } from "./code.ts";
import { type Derived, type DerivedDirspace, patternsOf } from "./derived.ts";
import { dirname } from "./directories.ts";
import { ROOT_DIR } from "./dirspace.ts";
import { patternMatches } from "./file-pattern.ts";
import { positionsIn } from "./finder.ts";
import { globMatches } from "./glob.ts";
import { BECAUSE_FILES_MAX, type ChangedPath } from "./match.ts";

/** How changed code reaches dirspaces, by position; the shortest ways, the nearest first. */
export type CodeMatches = ReadonlyMap<number, readonly Way[]>;

/** Changed files that are used in one way; whoever calls what uses them is touched too. */
interface Seed {
  readonly paths: Set<string>;
  /** Where the ways begin: who calls the module, or who reads the files. */
  readonly readers: readonly Reader[];
  /** The module that the files are of; absent where they are read. */
  readonly module?: string;
}

/** A way from a place back to what changed. */
interface Way {
  readonly place: string;
  readonly seed: Seed;
  readonly by: string;
  /** The next place on the way to what changed. */
  readonly from: Way | undefined;
}

/**
 * Which dirspaces use changed code that their own patterns need not name. Each place takes a few
 * ways, the nearest, and passes on only those: the cost is what is reached, and not that times the
 * number of changes.
 */
export function matchCode(derived: Derived, paths: readonly ChangedPath[]): CodeMatches {
  const { code } = derived;
  const matches = new Map<number, Way[]>();
  if (code === undefined) return matches;
  const ways = [...seeds(code, derived, paths)].flatMap((seed) =>
    seed.readers.map(({ place, by }): Way => ({ place, by, seed, from: undefined })),
  );
  const taken = new Map<string, Set<Seed>>();
  // The list grows while it is read: this is the queue.
  for (const way of ways) {
    const before = taken.get(way.place) ?? new Set();
    if (before.has(way.seed) || before.size >= BECAUSE_FILES_MAX) continue;
    taken.set(way.place, before.add(way.seed));
    for (const dir of [way.place, ...code.namesOf(way.place)]) {
      for (const position of positionsIn(derived.finder, dir))
        noteWay(derived, position, way, matches);
    }
    for (const place of code.callers.get(way.place) ?? []) ways.push({ ...way, place, from: way });
  }
  return matches;
}

/** What a dirspace excludes stays excluded, whoever uses it. */
function noteWay(derived: Derived, position: number, way: Way, matches: Map<number, Way[]>): void {
  const entry = derived.dirspaces[position];
  if (entry === undefined || namedPaths(entry, way.seed, 1).length === 0) return;
  const known = matches.get(position);
  if (known === undefined) matches.set(position, [way]);
  else known.push(way);
}

export function becauseOfCode(entry: DerivedDirspace, ways: readonly Way[]): readonly Because[] {
  const named: Because[] = [];
  let all = 0;
  for (const way of ways) {
    all += way.seed.paths.size;
    const through: string[] = [];
    for (let at = way.from; at !== undefined; at = at.from) through.push(at.place);
    for (const path of namedPaths(entry, way.seed, BECAUSE_FILES_MAX - named.length)) {
      const { module } = way.seed;
      if (module === undefined) named.push({ kind: "reads", path, by: way.by, through });
      else named.push({ kind: "module", path, module, through });
    }
  }
  const more = all - named.length;
  const full = named.length === BECAUSE_FILES_MAX && more > 0;
  return full ? [...named, { kind: "more_files", count: more }] : named;
}

function namedPaths(entry: DerivedDirspace, { paths }: Seed, most: number): readonly string[] {
  const negatives = patternsOf(entry).filter(({ negative }) => negative);
  const found: string[] = [];
  for (const path of paths) {
    if (found.length >= most) break;
    if (!negatives.some((one) => patternMatches(one, path))) found.push(path);
  }
  return found;
}

const CODE = /\.(?:tf|tofu)(?:\.json)?$/;

function seeds(code: Code, derived: Derived, paths: readonly ChangedPath[]): Iterable<Seed> {
  const known = new Map<string, Seed>();
  const note = (key: string, path: string, seed: Omit<Seed, "paths">): void => {
    const before = known.get(key);
    if (before === undefined) known.set(key, { ...seed, paths: new Set([path]) });
    else before.paths.add(path);
  };
  const findRootFiles = rootFileFinder(code, derived);
  for (const { path: name } of paths) {
    const dir = dirname(name);
    const module = followLinks(code.aliases.targets, dir)?.path ?? dir;
    const path = joinPath(module, name.slice(dir === ROOT_DIR ? 0 : dir.length + 1));
    const callers = CODE.test(path) ? code.callers.get(module) : undefined;
    if (callers !== undefined) {
      note(`m${module}`, path, { module, readers: callers.map((place) => ({ place, by: "" })) });
    }
    const readers = code.readers.get(path);
    if (readers !== undefined) note(`f${path}`, path, { readers });
    for (const [at, user] of (code.linkUsers.get(path) ?? []).entries()) {
      note(`l${at}\n${path}`, path, linkSeed(user));
    }
    for (const { key, readers: users } of [...globs(code, path), ...findRootFiles(path)]) {
      note(key, path, { readers: users });
    }
  }
  return known.values();
}

/** A link that changed leads somewhere else now, for all who come through it. */
function linkSeed({ place, reference }: LinkUser): Omit<Seed, "paths"> {
  if (reference.kind === "module" || reference.kind === "dependency") {
    return { module: reference.dir, readers: [{ place, by: "" }] };
  }
  return { readers: [{ place, by: reference.by }] };
}

interface Users {
  readonly key: string;
  readonly readers: readonly Reader[];
}

function globs(code: Code, path: string): readonly Users[] {
  if (code.globReaders.size === 0) return [];
  const found: Users[] = [];
  const look = (place: string, rest: string): void => {
    for (const { pattern, glob, readers } of code.globReaders.get(place) ?? []) {
      if (globMatches(glob, rest)) found.push({ key: `g${place}\n${pattern}`, readers });
    }
  };
  look(ROOT_DIR, path);
  for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1)) {
    look(path.slice(0, end), path.slice(end + 1));
  }
  return found;
}

/** Modules name files relative to the root that calls them: another file for each root. */
function rootFileFinder(code: Code, derived: Derived): (path: string) => readonly Users[] {
  const resolved = new Map<string, ReadonlyMap<string, readonly Reader[]>>();
  const names = [...code.rootReaders].map(([written, readers]) => ({
    written,
    readers,
    tail: written.replace(/^(?:\.{0,2}\/)+/, ""),
  }));
  return (path) =>
    names.flatMap(({ written, readers, tail }) => {
      if (path !== tail && !path.endsWith(`/${tail}`)) return [];
      const byPath = resolved.get(written) ?? rootFiles(code, derived, written, readers);
      resolved.set(written, byPath);
      const users = byPath.get(path);
      return users === undefined ? [] : [{ key: `r${written}\n${path}`, readers: users }];
    });
}

/** For each file that it can be, the roots for which it is that. */
function rootFiles(
  code: Code,
  derived: Derived,
  written: string,
  readers: readonly Reader[],
): ReadonlyMap<string, readonly Reader[]> {
  const byPath = new Map<string, Reader[]>();
  const reached = new Map(readers.map(({ place, by }) => [place, by]));
  for (const [place, by] of reached) {
    for (const caller of code.callers.get(place) ?? []) {
      if (!reached.has(caller)) reached.set(caller, by);
    }
    const path = resolvePath(place, written);
    if (path === undefined || positionsIn(derived.finder, place).next().done === true) continue;
    const known = byPath.get(path);
    if (known === undefined) byPath.set(path, [{ place, by }]);
    else known.push({ place, by });
  }
  return byPath;
}
