import { type Tail, tailMatches } from "./glob.ts";

/** Everything that is anchored at one directory and goes on in the same way. */
interface Entry {
  readonly tail: Tail;
  readonly targets: number[];
}

/** Patterns by the directory that they are anchored in. */
export interface PatternIndex {
  readonly anchors: ReadonlyMap<string, readonly Entry[]>;
}

export interface IndexedPattern {
  readonly anchor: string;
  readonly tail: Tail;
  readonly target: number;
}

/** Above this many kinds of pattern in one place, looking one up beats going through them. */
const SCAN_MAX = 16;

export function buildPatternIndex(patterns: Iterable<IndexedPattern>): PatternIndex {
  const anchors = new Map<string, Entry[]>();
  const crowded = new Map<string, Map<Tail, Entry>>();
  for (const { anchor, tail, target } of patterns) {
    const entries = anchors.get(anchor);
    if (entries === undefined) {
      anchors.set(anchor, [{ tail, targets: [target] }]);
      continue;
    }
    const same =
      entries.length > SCAN_MAX
        ? crowdedEntries(crowded, anchor, entries).get(tail)
        : entries.find((entry) => entry.tail === tail);
    if (same !== undefined) {
      same.targets.push(target);
      continue;
    }
    const entry = { tail, targets: [target] };
    entries.push(entry);
    crowded.get(anchor)?.set(tail, entry);
  }
  return { anchors };
}

/** Calls `found` for every pattern that matches: the cost is the depth of the path, not the tree. */
export function lookUp(index: PatternIndex, path: string, found: (target: number) => void): void {
  visit(index, "", `/${path}`, found);
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) {
    visit(index, path.slice(0, at), path.slice(at), found);
  }
  visit(index, path, "", found);
}

function visit(
  index: PatternIndex,
  anchor: string,
  rest: string,
  found: (target: number) => void,
): void {
  for (const entry of index.anchors.get(anchor) ?? []) {
    if (tailMatches(entry.tail, rest)) entry.targets.forEach(found);
  }
}

function crowdedEntries(
  crowded: Map<string, Map<Tail, Entry>>,
  anchor: string,
  entries: readonly Entry[],
): Map<Tail, Entry> {
  let byTail = crowded.get(anchor);
  if (byTail === undefined) {
    byTail = new Map(entries.map((entry) => [entry.tail, entry]));
    crowded.set(anchor, byTail);
  }
  return byTail;
}
