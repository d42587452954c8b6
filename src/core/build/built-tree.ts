import { changedPaths } from "../change/match.ts";
import type { FileChange } from "../pull-request.ts";

/** The files of a commit as `tree_builder` has them: they replace what git has. */
export interface BuiltTree {
  readonly files: readonly BuiltFile[];
  /** What the base had and the head has not; absent where the base was not built. */
  readonly removed?: readonly string[] | undefined;
}

export interface BuiltFile {
  readonly path: string;
  /** Absent: as git sees it. */
  readonly changed?: boolean | undefined;
}

const paths = new WeakMap<BuiltTree, readonly string[]>();
const changes = new WeakMap<BuiltTree, WeakMap<readonly FileChange[], readonly FileChange[]>>();

/** One array for each tree, because much is remembered by it. */
export function filesOf(tree: BuiltTree): readonly string[] {
  const known = paths.get(tree) ?? tree.files.map(({ path }) => path);
  paths.set(tree, known);
  return known;
}

/** What changes where a built tree says so itself, else what git says of those files that it has. */
export function changesOf(tree: BuiltTree, seen: readonly FileChange[]): readonly FileChange[] {
  const ofTree = changes.get(tree) ?? new WeakMap<readonly FileChange[], readonly FileChange[]>();
  changes.set(tree, ofTree);
  const known = ofTree.get(seen) ?? findChanges(tree, seen);
  ofTree.set(seen, known);
  return known;
}

/**
 * Whether the list says of everything that came into a base whether that matters. One that says itself what changes
 * is made of files that it need not have, and nobody has made it of the new base.
 */
export function accountsFor(tree: BuiltTree, cameIn: readonly FileChange[]): boolean {
  const says =
    tree.removed !== undefined || tree.files.some(({ changed }) => changed !== undefined);
  if (!says) return true;
  const known = new Set(filesOf(tree));
  return changedPaths(cameIn).every(({ path }) => known.has(path));
}

function findChanges(tree: BuiltTree, seen: readonly FileChange[]): readonly FileChange[] {
  const files = new Map(tree.files.map((file) => [file.path, file]));
  const said = tree.files.flatMap(({ path, changed }) =>
    changed === true ? [{ kind: "modified", path } as const] : [],
  );
  const removed = (tree.removed ?? []).map((path) => ({ kind: "deleted", path }) as const);
  /** A path that is there and of which nothing is said. */
  const isLeft = (path: string) => files.has(path) && files.get(path)?.changed === undefined;
  const isGone = (path: string) => tree.removed === undefined && !files.has(path);
  const left = seen.flatMap((change): readonly FileChange[] => {
    switch (change.kind) {
      case "added":
      case "modified":
        return isLeft(change.path) ? [change] : [];
      case "deleted":
        return isGone(change.path) ? [change] : isLeft(change.path) ? [modified(change.path)] : [];
      case "renamed": {
        const { from, to } = change;
        if (isGone(from) && isLeft(to)) return [change];
        const before: FileChange[] = isGone(from) ? [{ kind: "deleted", path: from }] : [];
        return isLeft(to) ? [...before, { kind: "added", path: to }] : before;
      }
    }
  });
  return [...said, ...removed, ...left];
}

function modified(path: string): FileChange {
  return { kind: "modified", path };
}
