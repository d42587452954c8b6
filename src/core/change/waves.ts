import type { Graph } from "./graph.ts";
import type { Requirement } from "./requirements.ts";

/** The dirspaces of a change in relation to each other, by position. */
export interface Members {
  /** Matched, applied before, or reached from those; some are pruned. */
  readonly members: ReadonlySet<number>;
  /** Of members that were only reached: the member that reached them. */
  readonly pulledBy: ReadonlyMap<number, number>;
  readonly pruned: ReadonlySet<number>;
}

/** Adds whatever depends on a match, directly or not, whether it changed or not. */
export function pullIn(
  graph: Graph,
  matched: Iterable<number>,
  gone: ReadonlySet<number>,
  isPrunable: (position: number) => boolean,
): Members {
  const members = new Set<number>([...matched].sort((a, b) => a - b));
  const pulledBy = new Map<number, number>();
  const done = new Set<Requirement>();
  // A set iterates over what is added meanwhile: this is the queue.
  for (const position of members) {
    for (const requirement of graph.requiredBy.get(position) ?? []) {
      if (done.has(requirement)) continue;
      done.add(requirement);
      for (const source of requirement.sources) {
        if (members.has(source) || gone.has(source)) continue;
        members.add(source);
        pulledBy.set(source, position);
      }
    }
  }
  return { members, pulledBy, pruned: new Set([...pulledBy.keys()].filter(isPrunable)) };
}

export interface Placed {
  readonly wave: number;
  /** By position, ascending. */
  readonly predecessors: readonly number[];
}

const FIRST: Placed = { wave: 0, predecessors: [] };

/**
 * The wave and predecessors of each member. A pruned one carries the order of its predecessors on
 * and counts for nothing itself; what is not a member carries no order.
 */
export function placeMembers(graph: Graph, members: Members): ReadonlyMap<number, Placed> {
  const placed = new Map<number, Placed>();
  // Sources that share a requirement share its answer, which can be long.
  const answers = new Map<Requirement, Placed>();
  const rank = (position: number): number => graph.order.get(position) ?? -1;
  for (const position of [...members.members].sort((a, b) => rank(a) - rank(b))) {
    const requirement = graph.requirementOf.get(position);
    if (requirement === undefined) {
      placed.set(position, FIRST);
      continue;
    }
    const answer = answers.get(requirement) ?? place(requirement, members, placed);
    answers.set(requirement, answer);
    placed.set(position, answer);
  }
  return placed;
}

function place(
  requirement: Requirement,
  { pruned }: Members,
  placed: ReadonlyMap<number, Placed>,
): Placed {
  const predecessors = new Set<number>();
  let wave = 0;
  for (const target of requirement.targets) {
    const before = placed.get(target);
    if (before === undefined) continue;
    if (!pruned.has(target)) {
      predecessors.add(target);
      wave = Math.max(wave, before.wave + 1);
      continue;
    }
    for (const predecessor of before.predecessors) predecessors.add(predecessor);
    wave = Math.max(wave, before.wave);
  }
  if (predecessors.size === 0) return FIRST;
  return { wave, predecessors: [...predecessors].sort((a, b) => a - b) };
}
