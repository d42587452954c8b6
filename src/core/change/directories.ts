import type { Tree } from "./affected.ts";
import { compareText, ROOT_DIR } from "./dirspace.ts";

/**
 * The directories that directly hold a file, by code unit. A tree has 100,000 of them and more: the
 * files of each are positions in one list and become an array only when somebody asks.
 */
export interface Directories {
  readonly names: readonly string[];
  has(dir: string): boolean;
  /** The position in `names`, -1 where there is no such directory. */
  indexOf(dir: string): number;
  /** The paths of the files directly in it, sorted; none where there is no such directory. */
  filesOf(dir: string): readonly string[];
  filesAt(index: number): readonly string[];
}

export function directoriesOf(tree: Tree): Directories {
  const files = inOrder(tree.files);
  const { names, indices, dirOf } = grouped(files);
  const starts = new Int32Array(names.length + 1);
  for (const dir of dirOf) starts[dir + 1] = (starts[dir + 1] ?? 0) + 1;
  for (let at = 1; at < starts.length; at += 1) {
    starts[at] = (starts[at] ?? 0) + (starts[at - 1] ?? 0);
  }
  const next = starts.slice();
  const members = new Int32Array(files.length);
  for (const [file, dir] of dirOf.entries()) {
    const at = next[dir] ?? 0;
    members[at] = file;
    next[dir] = at + 1;
  }
  const indexOf = (dir: string): number => indices.get(dir) ?? -1;
  const filesAt = (index: number): readonly string[] =>
    Array.from(members.subarray(starts[index], starts[index + 1]), (file) => files[file] ?? "");
  return {
    names,
    indexOf,
    filesAt,
    has: (dir) => indices.has(dir),
    filesOf(dir) {
      const index = indexOf(dir);
      return index < 0 ? [] : filesAt(index);
    },
  };
}

interface Grouped {
  readonly names: readonly string[];
  readonly indices: ReadonlyMap<string, number>;
  /** For each file the position of its directory. */
  readonly dirOf: Int32Array;
}

function grouped(files: readonly string[]): Grouped {
  const names: string[] = [];
  const indices = new Map<string, number>();
  const dirOf = new Int32Array(files.length);
  let lastDir: string | undefined;
  let last = 0;
  for (const [at, path] of files.entries()) {
    // Sorted files mostly share the directory of their neighbour.
    if (lastDir === undefined || !isDirectlyIn(path, lastDir)) {
      lastDir = dirname(path);
      last = indices.get(lastDir) ?? names.length;
      if (last === names.length) {
        names.push(lastDir);
        indices.set(lastDir, last);
      }
    }
    dirOf[at] = last;
  }
  // The order of the first files need not be that of the directories: `a-b/x` comes before `a/x`.
  if (isSorted(names)) return { names, indices, dirOf };
  const sorted = names.toSorted(compareText);
  for (const [at, name] of sorted.entries()) indices.set(name, at);
  const positions = Int32Array.from(names, (name) => indices.get(name) ?? 0);
  return { names: sorted, indices, dirOf: dirOf.map((dir) => positions[dir] ?? 0) };
}

/** Whatever order the files come in, what is said about them is the same. */
function inOrder(files: readonly string[]): readonly string[] {
  return isSorted(files) ? files : files.toSorted(compareText);
}

function isSorted(texts: readonly string[]): boolean {
  return texts.every((text, at) => at === 0 || (texts[at - 1] ?? "") <= text);
}

function isDirectlyIn(path: string, dir: string): boolean {
  const slash = path.lastIndexOf("/");
  return dir === ROOT_DIR ? slash < 0 : slash === dir.length && path.startsWith(dir);
}

export function dirname(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? ROOT_DIR : path.slice(0, slash);
}
