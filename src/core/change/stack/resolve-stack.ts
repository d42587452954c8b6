import { present } from "../../../base/assert.ts";
import type { ResolvedStack } from "../affected.ts";
import type { StackNode, Stacks } from "./stacks.ts";

/** What each stack means with everything inherited; each answer is worked out once. */
export interface StackResolver {
  readonly resolved: (leaf: number) => ResolvedStack;
  /** `stack_name:` of the leaf and of everything that holds it. */
  readonly tags: (leaf: number) => readonly string[];
}

export function stackResolver(stacks: Stacks): StackResolver {
  const ancestors = remember((index: number) => ancestorsOf(stacks, index));
  const leaves = remember((index: number) => leavesOf(stacks, index));
  const variables = remember((index: number): Readonly<Record<string, string>> => {
    const node = nodeOf(stacks, index);
    // The nearest wins; of several that hold it, the first of the file.
    const inherited = [...node.parents].reverse().map((parent) => variables(parent));
    const merged = new Map([...inherited, node.stack.variables].flatMap(Object.entries<string>));
    return Object.fromEntries(merged);
  });
  const autoApply = remember((index: number): boolean | undefined => {
    const node = nodeOf(stacks, index);
    const outer = node.parents.flatMap((parent) => autoApply(parent) ?? []);
    // Where those that hold it differ, nothing is applied by itself.
    return outer.length === 0 ? node.stack.rules.autoApply : outer.every((one) => one);
  });
  const applyAfter = remember((leaf: number): readonly string[] => {
    const direct = (one: number): readonly number[] =>
      [one, ...ancestors(one)].flatMap((index) =>
        nodeOf(stacks, index).applyAfter.flatMap(({ to }) => leaves(to)),
      );
    const found = reach(direct(leaf), direct);
    return [...found].map((index) => nodeOf(stacks, index).stack.name).sort();
  });
  const resolved = remember((leaf: number): ResolvedStack => {
    const auto = autoApply(leaf);
    return {
      name: nodeOf(stacks, leaf).stack.name,
      applyAfter: applyAfter(leaf),
      ...(auto === undefined ? {} : { autoApply: auto }),
      variables: variables(leaf),
    };
  });
  const tags = remember((leaf: number) =>
    [leaf, ...ancestors(leaf)].map((index) => `stack_name:${nodeOf(stacks, index).stack.name}`),
  );
  return { resolved, tags };
}

function ancestorsOf(stacks: Stacks, index: number): readonly number[] {
  const parents = (one: number): readonly number[] => nodeOf(stacks, one).parents;
  return [...reach(parents(index), parents)];
}

function leavesOf(stacks: Stacks, index: number): readonly number[] {
  const children = (one: number): readonly number[] =>
    nodeOf(stacks, one).children.map(({ to }) => to);
  return [...reach([index], children)].filter((one) => nodeOf(stacks, one).stack.kind === "leaf");
}

/** Everything that is reached from the first ones, themselves included. */
function reach(first: readonly number[], next: (one: number) => readonly number[]): Set<number> {
  const found = new Set(first);
  for (const one of found) for (const more of next(one)) found.add(more);
  return found;
}

function nodeOf({ nodes }: Stacks, index: number): StackNode {
  return present(nodes[index], "stacks: index out of range");
}

function remember<T>(work: (index: number) => T): (index: number) => T {
  const known = new Map<number, { readonly value: T }>();
  return (index) => {
    const before = known.get(index);
    if (before !== undefined) return before.value;
    const value = work(index);
    known.set(index, { value });
    return value;
  };
}
