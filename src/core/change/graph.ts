import type { ChangeDiagnostic } from "./affected.ts";
import { dependencyCycle } from "./cycle-error.ts";
import type { Derived } from "./derived.ts";
import { type Requirement, resolveRequirements } from "./requirements.ts";
import type { AssignedStacks } from "./stack/assign-stacks.ts";
import { stackRequirements } from "./stack/stack-requirements.ts";

/** Who comes after whom and who takes whom along, in the whole repository; the order has no cycles. */
export interface Graph {
  /** How many dirspaces there are; higher numbers stand for stacks. */
  readonly positions: number;
  /** What a node comes after. Nodes that say the same share the list. */
  readonly comesAfter: ReadonlyMap<number, readonly Requirement[]>;
  /** The requirements that take their sources along when the node is in the change. */
  readonly takesAlong: ReadonlyMap<number, readonly Requirement[]>;
  /** Rank of each node that has a requirement or is in one: targets before their sources. */
  readonly order: ReadonlyMap<number, number>;
}

export type BuiltGraph =
  | { readonly kind: "ok"; readonly graph: Graph }
  | { readonly kind: "error"; readonly diagnostic: ChangeDiagnostic };

/**
 * A cycle anywhere is an error, also where the change does not touch it: no order would be right.
 * `dependencies` are those that the code itself says; like `depends_on` they order and take along.
 */
export function buildGraph(
  derived: Derived,
  stacks: AssignedStacks,
  dependencies: readonly Requirement[] = [],
): BuiltGraph {
  const resolved = resolveRequirements(derived, stacks.tagsOf);
  if (resolved.kind === "error") return resolved;
  const names = { derived, stacks: stacks.stacks };
  if (resolved.kind === "cycle") {
    const [first, second] = resolved.pair;
    const diagnostic = dependencyCycle(names, [first, second, first]);
    return { kind: "error", diagnostic };
  }
  const positions = derived.dirspaces.length;
  const ofStacks = stackRequirements(stacks, positions);
  const both = [...resolved.requirements, ...dependencies];
  const comesAfter = listed([...both, ...ofStacks.order], ({ sources }) => sources);
  const takesAlong = listed([...both, ...ofStacks.pull], ({ targets }) => targets);
  const ranks = new Map<number, number>();
  const finished = new Set<Requirement>();
  for (const source of [...comesAfter.keys()].sort((a, b) => a - b)) {
    const cycle = visit(source, comesAfter, finished, ranks);
    if (cycle === undefined) continue;
    return { kind: "error", diagnostic: dependencyCycle(names, cycle) };
  }
  return { kind: "ok", graph: { positions, comesAfter, takesAlong, order: ranks } };
}

/** A list and those that are one longer, so that equal lists are the same one. */
interface SharedList {
  readonly items: readonly Requirement[];
  readonly longer: Map<Requirement, SharedList>;
}

function listed(
  requirements: readonly Requirement[],
  ends: (requirement: Requirement) => readonly number[],
): ReadonlyMap<number, readonly Requirement[]> {
  const empty: SharedList = { items: [], longer: new Map() };
  const lists = new Map<number, SharedList>();
  for (const requirement of requirements) {
    for (const node of ends(requirement)) {
      const before = lists.get(node) ?? empty;
      let after = before.longer.get(requirement);
      if (after === undefined) {
        after = { items: [...before.items, requirement], longer: new Map() };
        before.longer.set(requirement, after);
      }
      lists.set(node, after);
    }
  }
  return new Map([...lists].map(([node, { items }]) => [node, items]));
}

interface Frame {
  readonly node: number;
  readonly requirements: readonly Requirement[];
  /** Where it is: in which requirement, at which target. */
  requirement: number;
  target: number;
}

/**
 * Depth first, without recursion because a chain can be as long as the repository is wide. A
 * requirement whose targets are all ranked is not walked again for its other sources.
 */
function visit(
  start: number,
  comesAfter: Graph["comesAfter"],
  finished: Set<Requirement>,
  ranks: Map<number, number>,
): readonly number[] | undefined {
  if (ranks.has(start)) return undefined;
  const frameOf = (node: number): Frame => {
    return { node, requirements: comesAfter.get(node) ?? [], requirement: 0, target: 0 };
  };
  const open = new Set<number>([start]);
  const stack = [frameOf(start)];
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const target = nextTarget(frame, finished);
    if (target === undefined) {
      ranks.set(frame.node, ranks.size);
      open.delete(frame.node);
      stack.pop();
      continue;
    }
    if (open.has(target)) return cycleFrom(stack, target);
    if (ranks.has(target)) continue;
    open.add(target);
    stack.push(frameOf(target));
  }
  return undefined;
}

function nextTarget(frame: Frame, finished: Set<Requirement>): number | undefined {
  for (;;) {
    const requirement = frame.requirements[frame.requirement];
    if (requirement === undefined) return undefined;
    const target = finished.has(requirement) ? undefined : requirement.targets[frame.target];
    if (target !== undefined) {
      frame.target += 1;
      return target;
    }
    finished.add(requirement);
    frame.requirement += 1;
    frame.target = 0;
  }
}

function cycleFrom(stack: readonly Frame[], target: number): readonly number[] {
  const nodes = stack.map(({ node }) => node);
  return [...nodes.slice(nodes.indexOf(target)), target];
}
