import type { Graph } from "./graph.ts";
import type { Requirement } from "./requirements.ts";

/** The dirspaces of a change in relation to each other, by position. */
export interface Members {
  /** Matched, applied before, or reached from those; some are pruned. */
  readonly members: ReadonlySet<number>;
  /** Of what was only reached: what reached it. Numbers of stacks occur too. */
  readonly pulledBy: ReadonlyMap<number, number>;
  readonly pruned: ReadonlySet<number>;
}

/** Adds whatever depends on a match or is modified by it, directly or not, whether it changed or not. */
export function pullIn(
  graph: Graph,
  matched: Iterable<number>,
  gone: ReadonlySet<number>,
  isPrunable: (position: number) => boolean,
): Members {
  const reached = new Set<number>([...matched].sort((a, b) => a - b));
  const pulledBy = new Map<number, number>();
  const done = new Set<Requirement>();
  // A set iterates over what is added meanwhile: this is the queue.
  for (const node of reached) {
    for (const requirement of graph.takesAlong.get(node) ?? []) {
      if (done.has(requirement)) continue;
      done.add(requirement);
      for (const source of requirement.sources) {
        if (reached.has(source) || gone.has(source)) continue;
        reached.add(source);
        pulledBy.set(source, node);
      }
    }
  }
  const members = new Set([...reached].filter((node) => node < graph.positions));
  const pruned = [...pulledBy.keys()].filter((node) => node < graph.positions && isPrunable(node));
  return { members, pulledBy, pruned: new Set(pruned) };
}

export interface Placed {
  readonly wave: number;
  /** By position, ascending. */
  readonly predecessors: readonly number[];
}

const FIRST: Placed = { wave: 0, predecessors: [] };

/**
 * The wave and predecessors of each member. A pruned one carries the order of its predecessors on
 * and counts for nothing itself, and so does a stack; what is not a member carries no order.
 */
export function placeMembers(graph: Graph, members: Members): ReadonlyMap<number, Placed> {
  const placed = new Map<number, Placed>();
  const carries = (node: number): boolean => node >= graph.positions || members.pruned.has(node);
  // Those that share a requirement share its answer, which can be long; and so do equal lists.
  const answers = new Map<Requirement, Placed>();
  const together = new Map<readonly Requirement[], Placed>();
  const answer = (requirement: Requirement): Placed => {
    const known = answers.get(requirement) ?? place(requirement.targets, carries, placed);
    answers.set(requirement, known);
    return known;
  };
  const rank = (node: number): number => graph.order.get(node) ?? -1;
  for (const node of withStacks(graph, members.members).sort((a, b) => rank(a) - rank(b))) {
    const requirements = graph.comesAfter.get(node);
    if (requirements === undefined) {
      placed.set(node, FIRST);
      continue;
    }
    const all = together.get(requirements) ?? combine(requirements, answer);
    together.set(requirements, all);
    placed.set(node, all);
  }
  return placed;
}

/** The members and every stack whose order reaches one of them. */
function withStacks(graph: Graph, members: ReadonlySet<number>): number[] {
  const nodes = new Set(members);
  const seen = new Set<readonly Requirement[]>();
  for (const node of nodes) {
    const requirements = graph.comesAfter.get(node);
    if (requirements === undefined || seen.has(requirements)) continue;
    seen.add(requirements);
    for (const { targets } of requirements) {
      for (const target of targets) if (target >= graph.positions) nodes.add(target);
    }
  }
  return [...nodes];
}

function combine(
  requirements: readonly Requirement[],
  answer: (requirement: Requirement) => Placed,
): Placed {
  const own = requirements.filter(({ fallback }) => fallback === undefined).map(answer);
  const given = own.filter(({ predecessors }) => predecessors.length > 0);
  const [first, ...others] =
    given.length > 0 ? given : requirements.filter(({ fallback }) => fallback).map(answer);
  if (first === undefined) return FIRST;
  if (others.length === 0) return first;
  const all = new Set([first, ...others].flatMap(({ predecessors }) => predecessors));
  return {
    wave: Math.max(first.wave, ...others.map(({ wave }) => wave)),
    predecessors: [...all].sort((a, b) => a - b),
  };
}

function place(
  targets: readonly number[],
  carries: (node: number) => boolean,
  placed: ReadonlyMap<number, Placed>,
): Placed {
  const predecessors = new Set<number>();
  const carried = new Set<Placed>();
  let wave = 0;
  for (const target of targets) {
    const before = placed.get(target);
    if (before === undefined) continue;
    if (!carries(target)) {
      predecessors.add(target);
      wave = Math.max(wave, before.wave + 1);
    } else if (before.predecessors.length > 0) carried.add(before);
  }
  const [only] = carried;
  // What is only carried on stays the same list.
  if (predecessors.size === 0 && (only === undefined || carried.size === 1)) return only ?? FIRST;
  for (const before of carried) {
    for (const predecessor of before.predecessors) predecessors.add(predecessor);
    wave = Math.max(wave, before.wave);
  }
  return { wave, predecessors: [...predecessors].sort((a, b) => a - b) };
}
