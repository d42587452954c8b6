import { followLinks, joinPath, resolvePath } from "../base/symlinks.ts";
import type { Reference } from "../contract/repository-index.ts";
import type { FileReferences, RawRead } from "./file-references.ts";
import { INCLUDES_MAX } from "./limits.ts";
import type { RawPath } from "./raw-path.ts";

/** The code of a repository, as far as it has been read. */
export interface Code {
  readonly files: ReadonlySet<string>;
  readonly links: ReadonlyMap<string, string>;
  /** `undefined` where the file is not there or not read yet. */
  references(path: string): FileReferences | undefined;
}

/** What the files of Terraform in one directory refer to. */
export function directoryReferences(
  code: Code,
  dir: string,
  files: readonly string[],
): readonly Reference[] {
  const collected = new Collected();
  for (const by of files) {
    const found = code.references(by);
    if (found === undefined) continue;
    const place = { root: dir, own: dir, parent: undefined };
    for (const source of found.modules) collected.module(dir, located(code, source, place));
    for (const read of found.reads) {
      if (read.from === "root" && read.pattern === undefined) {
        collected.rootFile(read.path, by);
        continue;
      }
      collected.read(read, located(code, read, place), by);
    }
  }
  return collected.list();
}

export interface Unit {
  readonly references: readonly Reference[];
  /** Files that are to be read before the references are complete. */
  readonly missing: readonly string[];
}

/** What a configuration of Terragrunt refers to, together with all that it includes and reads. */
export function unitReferences(code: Code, dir: string, file: string): Unit {
  const collected = new Collected();
  const missing: string[] = [];
  const open: Step[] = [{ path: file, root: dir, foreign: false }];
  const seen = new Set<string>();
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    const key = `${step.root}\n${step.path}`;
    if (seen.has(key) || seen.size > INCLUDES_MAX) continue;
    seen.add(key);
    const found = code.references(step.path);
    if (found === undefined) {
      if (isThere(code, step.path)) missing.push(step.path);
      continue;
    }
    open.push(...unitStep(code, dir, step, found, collected));
  }
  return { references: collected.list(), missing };
}

interface Step {
  readonly path: string;
  /** The directory that `get_terragrunt_dir()` gives there. */
  readonly root: string;
  /** Only its values are read, so what it plans and waits for is not ours. */
  readonly foreign: boolean;
  readonly parent?: string | undefined;
}

function unitStep(
  code: Code,
  dir: string,
  { path, root, foreign, parent: before }: Step,
  found: FileReferences,
  collected: Collected,
): readonly Step[] {
  const own = directoryOf(path);
  const [first] = found.includes;
  const included =
    first === undefined ? undefined : located(code, first, { root, own, parent: before });
  const parent = before ?? (included === undefined ? undefined : directoryOf(included));
  const place = { root, own, parent };
  for (const read of found.reads) collected.read(read, located(code, read, place), path);
  if (!foreign) {
    for (const source of found.modules) collected.module(dir, located(code, source, place));
    for (const one of found.dependencies) collected.dependency(dir, located(code, one, place));
  }
  const steps: Step[] = [];
  for (const [list, isConfig] of [
    [found.includes, false] as const,
    [found.configs, true] as const,
  ]) {
    for (const one of list) {
      const target = located(code, one, place);
      if (target === undefined) continue;
      collected.read(one, target, path);
      if (!target.endsWith(".hcl") && !target.endsWith(".hcl.json")) continue;
      if (isConfig) steps.push({ path: target, root: directoryOf(target), foreign: true });
      else steps.push({ path: target, root, foreign, parent });
    }
  }
  return steps;
}

interface Place {
  readonly root: string;
  readonly own: string;
  readonly parent: string | undefined;
}

function located(code: Code, { from, path }: RawPath, place: Place): string | undefined {
  switch (from) {
    case "file":
      return resolvePath(place.own, path);
    case "root":
      return resolvePath(place.root, path);
    case "repository":
      return resolvePath(".", path);
    case "parent":
      return place.parent === undefined ? undefined : resolvePath(place.parent, path);
    default: {
      const above = holderAbove(code, place.root, from.slice("above:".length));
      return above === undefined ? undefined : resolvePath(above, path);
    }
  }
}

/** The nearest directory above, without the directory itself, that holds the file. */
function holderAbove(code: Code, dir: string, name: string): string | undefined {
  for (let at = dir; at !== "."; ) {
    at = directoryOf(at);
    if (isThere(code, joinPath(at, name))) return at;
  }
  return undefined;
}

function isThere({ files, links }: Code, path: string): boolean {
  if (files.has(path) && !links.has(path)) return true;
  const followed = followLinks(links, path);
  return followed !== undefined && files.has(followed.path);
}

export function directoryOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, slash);
}

/** References, each once, however many files say the same. */
class Collected {
  private readonly found = new Map<string, Reference>();

  module(own: string, dir: string | undefined): void {
    if (dir !== undefined && dir !== own) this.add(`m${dir}`, { kind: "module", dir });
  }

  dependency(own: string, path: string | undefined): void {
    if (path === undefined) return;
    const dir = path.endsWith(".hcl") ? directoryOf(path) : path;
    if (dir !== own) this.add(`d${dir}`, { kind: "dependency", dir });
  }

  read(raw: RawRead, path: string | undefined, by: string): void {
    if (path === undefined) return;
    const { pattern } = raw;
    if (pattern !== undefined) {
      this.add(`p${path}\n${pattern}`, { kind: "files", dir: path, pattern, by });
    } else if (path !== ".") this.add(`f${path}`, { kind: "file", path, by });
  }

  rootFile(path: string, by: string): void {
    // Seen from a place that is deep enough, what it is relative to does not matter yet.
    const deep = Array.from({ length: 64 }, () => "-").join("/");
    if (resolvePath(deep, path) !== undefined)
      this.add(`r${path}`, { kind: "root_file", path, by });
  }

  list(): readonly Reference[] {
    return [...this.found]
      .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([, reference]) => reference);
  }

  private add(key: string, reference: Reference): void {
    if (!this.found.has(key)) this.found.set(key, reference);
  }
}
