import type { Requirement } from "../requirements.ts";
import type { AssignedStacks } from "./assign-stacks.ts";
import type { StackLink } from "./stacks.ts";

/**
 * What the rules of stacks mean for dirspaces. Stacks are numbers of their own after the positions,
 * so that two stacks of 50,000 dirspaces that follow one another are 100,000 entries.
 *
 * Order: a dirspace comes after the begin of its stack; that comes after the begin of whatever holds
 * the stack, and after the end of what its rules name; the end comes after the dirspaces, or, where
 * the change has none of them, after the begin: so rules reach through stacks that do not change.
 *
 * Taking along: a stack is touched when a dirspace of it is in the change; a stack that it modifies
 * is pulled, with all its dirspaces, which touches that stack too.
 */
export interface StackRequirements {
  readonly order: readonly Requirement[];
  readonly pull: readonly Requirement[];
}

/** The numbers that stand for stacks, when there are that many positions. */
export function stackNodes(positions: number) {
  const node = (index: number, part: number): number => positions + 4 * index + part;
  return {
    begin: (index: number) => node(index, 0),
    end: (index: number) => node(index, 1),
    pulled: (index: number) => node(index, 2),
    touched: (index: number) => node(index, 3),
    /** Which stack a number stands for. */
    stackOf: (id: number) => Math.floor((id - positions) / 4),
  };
}

export function stackRequirements(
  { stacks, positions }: AssignedStacks,
  count: number,
): StackRequirements {
  const { nodes } = stacks;
  const { begin, end, pulled, touched } = stackNodes(count);
  const order: Requirement[] = [];
  const pull: Requirement[] = [];
  const hasOrder = nodes.some(({ planAfter }) => planAfter.length > 0);
  const hasPull = nodes.some(({ modifiedBy }) => modifiedBy.length > 0);
  for (const [index, { parents, children, planAfter, modifiedBy }] of nodes.entries()) {
    const members = positions.get(index) ?? [];
    const held = (part: (index: number) => number) => children.map(({ to }) => part(to));
    if (hasOrder) {
      add(order, members, [begin(index)]);
      add(order, [begin(index)], [...parents.map(begin), ...ends(planAfter, end)]);
      add(order, [end(index)], [...members, ...held(end)]);
      order.push({ sources: [end(index)], targets: [begin(index)], fallback: true });
    }
    if (hasPull) {
      add(pull, members, [pulled(index)]);
      add(pull, [pulled(index)], [...parents.map(pulled), ...ends(modifiedBy, touched)]);
      add(pull, [touched(index)], [...members, ...held(touched), pulled(index)]);
    }
  }
  return { order, pull };
}

function add(to: Requirement[], sources: readonly number[], targets: readonly number[]): void {
  if (sources.length > 0 && targets.length > 0) to.push({ sources, targets });
}

function ends(links: readonly StackLink[], part: (index: number) => number): number[] {
  return links.map(({ to }) => part(to));
}
