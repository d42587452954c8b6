import type { ChangeDiagnostic } from "./affected.ts";
import type { Derived } from "./derived.ts";
import type { Dirspace } from "./dirspace.ts";
import { DEFAULT_WORKSPACE } from "./dirspace.ts";
import { type Requirement, resolveRequirements } from "./requirements.ts";

/** Who waits for whom, in the whole repository and without cycles. */
export interface Graph {
  /** What a position waits for; at most one, because a dirspace has one `depends_on`. */
  readonly requirementOf: ReadonlyMap<number, Requirement>;
  /** Which requirements a position is a target of. */
  readonly requiredBy: ReadonlyMap<number, readonly Requirement[]>;
  /** Rank of each position that has a requirement or is in one: targets before their sources. */
  readonly order: ReadonlyMap<number, number>;
}

export type BuiltGraph =
  | { readonly kind: "ok"; readonly graph: Graph }
  | { readonly kind: "error"; readonly diagnostic: ChangeDiagnostic };

/** A cycle anywhere is an error, also where the change does not touch it: no order would be right. */
export function buildGraph(derived: Derived): BuiltGraph {
  const resolved = resolveRequirements(derived);
  switch (resolved.kind) {
    case "error":
      return { kind: "error", diagnostic: resolved.diagnostic };
    case "cycle":
      return cycleError(derived, [...resolved.pair, resolved.pair[0]]);
    case "ok":
      return order(derived, resolved.requirements);
  }
}

function order(derived: Derived, requirements: readonly Requirement[]): BuiltGraph {
  const requirementOf = new Map<number, Requirement>();
  const requiredBy = new Map<number, Requirement[]>();
  for (const requirement of requirements) {
    for (const source of requirement.sources) requirementOf.set(source, requirement);
    for (const target of requirement.targets) {
      const known = requiredBy.get(target);
      if (known === undefined) requiredBy.set(target, [requirement]);
      else known.push(requirement);
    }
  }
  const ranks = new Map<number, number>();
  const finished = new Set<Requirement>();
  for (const source of [...requirementOf.keys()].sort((a, b) => a - b)) {
    const cycle = visit(source, requirementOf, finished, ranks);
    if (cycle !== undefined) return cycleError(derived, cycle);
  }
  return { kind: "ok", graph: { requirementOf, requiredBy, order: ranks } };
}

interface Frame {
  readonly position: number;
  readonly requirement: Requirement | undefined;
  next: number;
}

/**
 * Depth first, without recursion because a chain can be as long as the repository is wide. A
 * requirement whose targets are all ranked is not walked again for its other sources.
 */
function visit(
  start: number,
  requirementOf: ReadonlyMap<number, Requirement>,
  finished: Set<Requirement>,
  ranks: Map<number, number>,
): readonly number[] | undefined {
  if (ranks.has(start)) return undefined;
  const open = new Set<number>([start]);
  const stack: Frame[] = [{ position: start, requirement: requirementOf.get(start), next: 0 }];
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const { requirement, position } = frame;
    const target =
      requirement === undefined || finished.has(requirement)
        ? undefined
        : requirement.targets[frame.next];
    if (target === undefined) {
      if (requirement !== undefined) finished.add(requirement);
      ranks.set(position, ranks.size);
      open.delete(position);
      stack.pop();
      continue;
    }
    frame.next += 1;
    if (open.has(target)) return cycleFrom(stack, target);
    if (ranks.has(target)) continue;
    open.add(target);
    stack.push({ position: target, requirement: requirementOf.get(target), next: 0 });
  }
  return undefined;
}

function cycleFrom(stack: readonly Frame[], target: number): readonly number[] {
  const positions = stack.map(({ position }) => position);
  return [...positions.slice(positions.indexOf(target)), target];
}

function cycleError(derived: Derived, positions: readonly number[]): BuiltGraph {
  const cycle = positions.flatMap((position) => derived.dirspaces[position]?.dirspace ?? []);
  const path = cycle.map(shortName).join(" → ");
  const message = `\`depends_on\` goes round in a circle: ${path}. Remove one of these dependencies.`;
  return {
    kind: "error",
    diagnostic: { severity: "error", code: "depends_on_cycle", message, cycle },
  };
}

function shortName({ dir, workspace }: Dirspace): string {
  return workspace === DEFAULT_WORKSPACE ? dir : `${dir} (${workspace})`;
}
