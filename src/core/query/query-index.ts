import { unreachable } from "../../base/unreachable.ts";
import { matches, type Subject } from "./match.ts";
import type { Node, Query } from "./query.ts";

/** Many queries that are asked about one dirspace after the other. */
export interface QueryIndex {
  /** The position of the first query that matches, -1 where none does. */
  first(subject: Subject): number;
}

/** What a query cannot match without: any of these words. `undefined`: it may match anything. */
type Words = readonly string[] | undefined;

/**
 * Lists of queries are read as "the first that matches", and a thousand of them for each of a
 * thousand dirspaces is a second. Nearly every query needs a certain tag or a part of the directory,
 * so that only those are asked whose word the dirspace has.
 */
export function buildQueryIndex(queries: readonly Query[]): QueryIndex {
  const always: number[] = [];
  const byWord = new Map<string, number[]>();
  const popularity = countWords(queries);
  for (const [position, { root }] of queries.entries()) {
    const words = root === null ? undefined : neededWords(root, popularity);
    if (words === undefined) {
      always.push(position);
      continue;
    }
    for (const word of new Set(words)) {
      const known = byWord.get(word);
      if (known === undefined) byWord.set(word, [position]);
      else known.push(position);
    }
  }
  return {
    first(subject) {
      let best = Number.POSITIVE_INFINITY;
      // Each list is ascending, so the first that matches is the best of its list.
      const ask = (positions: readonly number[] | undefined): void => {
        for (const position of positions ?? []) {
          if (position >= best) return;
          const query = queries[position];
          if (query === undefined || !matches(query, subject)) continue;
          best = position;
          return;
        }
      };
      ask(always);
      for (const tag of subject.tags) ask(byWord.get(tagWord(tag)));
      for (const segment of subject.dir.split("/")) ask(byWord.get(segmentWord(segment)));
      return best === Number.POSITIVE_INFINITY ? -1 : best;
    },
  };
}

const tagWord = (tag: string): string => `t${tag}`;
const segmentWord = (segment: string): string => `s${segment}`;

function neededWords(node: Node, popularity: ReadonlyMap<string, number>): Words {
  switch (node.kind) {
    case "tag":
    case "in_dir":
      return [leafWord(node)];
    case "relative_dir":
    case "not":
      return undefined;
    case "and":
      return node.operands
        .map((operand) => neededWords(operand, popularity))
        .reduce((a, b) => (cost(b, popularity) < cost(a, popularity) ? b : a));
    case "or": {
      const all: string[] = [];
      for (const operand of node.operands) {
        const words = neededWords(operand, popularity);
        if (words === undefined) return undefined;
        all.push(...words);
      }
      return all;
    }
    default:
      return unreachable(node);
  }
}

function leafWord(leaf: Extract<Node, { kind: "tag" | "in_dir" }>): string {
  return leaf.kind === "tag" ? tagWord(leaf.tag) : segmentWord(leaf.segments[0] ?? "");
}

/** A word that few queries use tells more than one that all of them use. */
function cost(words: Words, popularity: ReadonlyMap<string, number>): number {
  if (words === undefined) return Number.POSITIVE_INFINITY;
  return words.reduce((sum, word) => sum + (popularity.get(word) ?? 0), 0);
}

function countWords(queries: readonly Query[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const visit = (node: Node): void => {
    if (node.kind === "tag" || node.kind === "in_dir") {
      const word = leafWord(node);
      counts.set(word, (counts.get(word) ?? 0) + 1);
    } else if (node.kind === "not") visit(node.operand);
    else if (node.kind !== "relative_dir") node.operands.forEach(visit);
  };
  for (const { root } of queries) if (root !== null) visit(root);
  return counts;
}
