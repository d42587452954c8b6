import { unreachable } from "../../base/unreachable.ts";
import { leavesOf } from "../query/leaves.ts";
import { resolveDir } from "../query/path.ts";
import type { Node, Query } from "../query/query.ts";
import type { DerivedDirspace } from "./derived.ts";

/**
 * Finds the dirspaces that a query can match without asking each of them: `depends_on` is read
 * against every dirspace of the repository, for every dirspace of the repository.
 */
export interface Candidates {
  /** A superset of the matches, sorted; `all` where the query does not narrow. */
  find(query: Query, workingDir: string): readonly number[] | "all";
}

type Narrowed = readonly number[] | "all";

export function buildCandidates(
  dirspaces: readonly DerivedDirspace[],
  tagsOf: (position: number) => ReadonlySet<string>,
  queries: Iterable<Query>,
  /** Tags that any dirspace may have, so that they narrow nothing. */
  anywhere: ReadonlySet<string> = new Set(),
): Candidates {
  const tags = new Map<string, number[]>();
  const segments = new Map<string, number[]>();
  let outwards = false;
  for (const { root } of queries) {
    // Only the words that a query asks for get a list.
    for (const leaf of root === null ? [] : leavesOf(root)) {
      if (leaf.kind === "tag") tags.set(leaf.tag, []);
      if (leaf.kind === "in_dir") segments.set(leaf.segments[0] ?? "", []);
      if (leaf.kind === "relative_dir") outwards = true;
    }
  }
  const dirs = new Map<string, number[]>();
  for (const [position, { dirspace }] of dirspaces.entries()) {
    if (outwards) {
      const sameDir = dirs.get(dirspace.dir);
      if (sameDir === undefined) dirs.set(dirspace.dir, [position]);
      else sameDir.push(position);
    }
    if (tags.size > 0) for (const tag of tagsOf(position)) tags.get(tag)?.push(position);
    if (segments.size === 0) continue;
    for (const segment of new Set(dirspace.dir.split("/"))) segments.get(segment)?.push(position);
  }
  return {
    find: (query, workingDir) =>
      query.root === null
        ? "all"
        : narrow(query.root, { tags, segments, dirs, anywhere, workingDir }),
  };
}

interface Postings {
  readonly tags: ReadonlyMap<string, readonly number[]>;
  readonly segments: ReadonlyMap<string, readonly number[]>;
  readonly dirs: ReadonlyMap<string, readonly number[]>;
  readonly anywhere: ReadonlySet<string>;
  readonly workingDir: string;
}

function narrow(node: Node, postings: Postings): Narrowed {
  switch (node.kind) {
    case "tag":
      return postings.anywhere.has(node.tag) ? "all" : (postings.tags.get(node.tag) ?? []);
    case "in_dir":
      return postings.segments.get(node.segments[0] ?? "") ?? [];
    case "relative_dir": {
      const dir = resolveDir(postings.workingDir, node.path);
      return dir === undefined ? [] : (postings.dirs.get(dir) ?? []);
    }
    case "not":
      return "all";
    case "and":
      return node.operands
        .map((operand) => narrow(operand, postings))
        .reduce((a, b) => (a === "all" || (b !== "all" && b.length < a.length) ? b : a));
    case "or":
      return node.operands.map((operand) => narrow(operand, postings)).reduce(union);
    default:
      return unreachable(node);
  }
}

function union(a: Narrowed, b: Narrowed): Narrowed {
  if (a === "all" || b === "all") return "all";
  if (a.length === 0) return b;
  return b.length === 0 ? a : [...new Set([...a, ...b])].sort((x, y) => x - y);
}
