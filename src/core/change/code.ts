import { followLinks, resolvePath } from "../../base/symlinks.ts";
import { unreachable } from "../../base/unreachable.ts";
import type { Config } from "../config/config.ts";
import type { ChangeDiagnostic, Tree } from "./affected.ts";
import { type Aliases, buildAliases, otherNames, withLinked } from "./aliases.ts";
import { type Glob, parseGlob } from "./glob.ts";
import type { Reference, RepositoryIndex } from "./repository-index.ts";

/**
 * What the index of a repository says, ready to be asked. A place stands for a directory by its
 * real path: however many links lead there, it has one.
 */
export interface Code {
  /** With the files that are reachable through links. */
  readonly tree: Tree;
  readonly aliases: Aliases;
  /** The other names of a path that links give it. */
  readonly namesOf: (path: string) => readonly string[];
  /** Of each place that is a module, those that call it; a place that calls itself is none. */
  readonly callers: ReadonlyMap<string, readonly string[]>;
  readonly readers: ReadonlyMap<string, readonly Reader[]>;
  /** Globs of files, by the place that they begin at. */
  readonly globReaders: ReadonlyMap<string, readonly GlobReaders[]>;
  /** What modules read relative to the root that calls them, by the path as it is written. */
  readonly rootReaders: ReadonlyMap<string, readonly Reader[]>;
  /** Who comes to what through a link, by the link. */
  readonly linkUsers: ReadonlyMap<string, readonly LinkUser[]>;
  /** The roots that a root waits for, as the code names them. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
  readonly diagnostics: readonly ChangeDiagnostic[];
}

export interface Reader {
  readonly place: string;
  /** The file that says so. */
  readonly by: string;
}

export interface GlobReaders {
  readonly pattern: string;
  readonly glob: Glob;
  readonly readers: readonly Reader[];
}

export interface LinkUser {
  readonly place: string;
  readonly reference: Reference;
}

/** `undefined` where there is no index, or the configuration does not ask for one. */
export function readCode(config: Config, tree: Tree): Code | undefined {
  const { index } = tree;
  if (index === undefined || !config.indexer.enabled) return undefined;
  const aliases = buildAliases(index.symlinks);
  const files = withLinked(tree.files, aliases);
  const tooMany = aliases.tooMany || files === undefined;
  return {
    tree: { ...tree, files: files ?? tree.files },
    aliases,
    namesOf: otherNames(aliases),
    ...readReferences(index, aliases),
    diagnostics: tooMany ? [TOO_MANY_LINKS] : [],
  };
}

export const TOO_MANY_LINKS: ChangeDiagnostic = {
  severity: "error",
  code: "too_many_links",
  message:
    "The symbolic links of this repository lead to each other so that there would be hundreds of " +
    "thousands of paths. Remove links to directories that hold links, or set " +
    "`indexer.enabled: false`.",
};

type References = Pick<
  Code,
  "callers" | "readers" | "globReaders" | "rootReaders" | "linkUsers" | "dependencies"
>;

function readReferences({ directories }: RepositoryIndex, { targets }: Aliases): References {
  const callers = new Map<string, string[]>();
  const readers = new Map<string, Reader[]>();
  const globs = new Map<string, GlobReaders & { readonly readers: Reader[] }>();
  const relative: (Reader & { readonly path: string })[] = [];
  const linkUsers = new Map<string, LinkUser[]>();
  const dependencies = new Map<string, string[]>();
  for (const { dir: place, references } of directories) {
    for (const reference of references) {
      if (reference.kind === "root_file") {
        relative.push({ place, by: reference.by, path: reference.path });
        continue;
      }
      const followed = followLinks(targets, nameOf(reference));
      if (followed === undefined) continue;
      for (const link of followed.crossed) add(linkUsers, link, { place, reference });
      const { path } = followed;
      switch (reference.kind) {
        case "module":
          if (path !== place) add(callers, path, place);
          break;
        case "file":
          add(readers, path, { place, by: reference.by });
          break;
        case "files":
          addGlob(globs, path, reference.pattern, { place, by: reference.by });
          break;
        case "dependency":
          add(dependencies, place, reference.dir);
          break;
        default:
          unreachable(reference);
      }
    }
  }
  const rootReaders = new Map<string, Reader[]>();
  for (const { place, by, path } of relative) {
    // Most of them stand in a root itself, where it is known what they are relative to.
    if (callers.has(place)) add(rootReaders, path, { place, by });
    else {
      const read = resolvePath(place, path);
      if (read !== undefined) add(readers, read, { place, by });
    }
  }
  const globReaders = new Map<string, GlobReaders[]>();
  for (const [key, group] of globs) add(globReaders, key.slice(0, key.indexOf("\n")), group);
  return { callers, readers, globReaders, rootReaders, linkUsers, dependencies };
}

function nameOf(reference: Exclude<Reference, { kind: "root_file" }>): string {
  return reference.kind === "file" ? reference.path : reference.dir;
}

/** Many who read the same share one glob, which is asked once. */
function addGlob(
  globs: Map<string, GlobReaders & { readonly readers: Reader[] }>,
  place: string,
  pattern: string,
  reader: Reader,
): void {
  const key = `${place}\n${pattern}`;
  const known = globs.get(key);
  if (known !== undefined) {
    known.readers.push(reader);
    return;
  }
  const parsed = parseGlob(pattern);
  if (parsed.kind === "ok") globs.set(key, { pattern, glob: parsed.glob, readers: [reader] });
}

function add<T>(into: Map<string, T[]>, key: string, value: T): void {
  const known = into.get(key);
  if (known === undefined) into.set(key, [value]);
  else known.push(value);
}

/** Whether the directory is used as a module, under whatever name. */
export function isModule({ callers, aliases }: Code, dir: string): boolean {
  if (callers.size === 0) return false;
  return callers.has(followLinks(aliases.targets, dir)?.path ?? dir);
}

/** Directories that are named up to this many. */
const MODULES_NAMED_MAX = 10;

/** What is wrong with the code, and the directories that `dirs` names although they are modules. */
export function codeDiagnostics(
  { callers, aliases, diagnostics }: Code,
  modules: readonly string[],
): readonly ChangeDiagnostic[] {
  const named = modules.slice(0, MODULES_NAMED_MAX).map((dir): ChangeDiagnostic => {
    const [caller = ""] = callers.get(followLinks(aliases.targets, dir)?.path ?? dir) ?? [];
    const message =
      `\`dirs\` has a key for \`${dir}\`, which \`${caller}\` calls as a module. A module is ` +
      "planned where it is called and never by itself, so the key has no effect. Remove the key, " +
      "or the call.";
    return { severity: "warning", code: "module_directory", message };
  });
  return [...diagnostics, ...named];
}
