import type { ChangeDiagnostic } from "./affected.ts";
import type { Derived } from "./derived.ts";
import { type Dirspace, shortName } from "./dirspace.ts";
import { stackNodes } from "./stack/stack-requirements.ts";
import type { Stacks } from "./stack/stacks.ts";

interface Names {
  readonly derived: Derived;
  readonly stacks: Stacks;
}

/** Dirspaces that come after one another in a circle; of `nodes` first and last are the same. */
export function dependencyCycle(
  { derived, stacks }: Names,
  nodes: readonly number[],
): Extract<ChangeDiagnostic, { code: "depends_on_cycle" }> {
  const { dirspaces } = derived;
  const { stackOf } = stackNodes(dirspaces.length);
  const round = fromFirstDirspace(nodes.slice(0, -1), dirspaces.length);
  const cycle: Dirspace[] = [];
  const steps: string[] = [];
  let byStacks = false;
  let at: readonly (string | number)[] | undefined;
  for (const [index, node] of round.entries()) {
    const entry = dirspaces[node];
    if (entry === undefined) {
      // The begin and the end of each stack on the way, and of what holds it: its name once.
      const step = `stack \`${stacks.nodes[stackOf(node)]?.stack.name ?? ""}\``;
      if (steps.at(-1) !== step) steps.push(step);
      byStacks = true;
      continue;
    }
    cycle.push(entry.dirspace);
    steps.push(shortName(entry.dirspace));
    const isOwn = (round[index + 1] ?? round[0] ?? 0) < dirspaces.length;
    if (isOwn && entry.rule.whenModified.dependsOn !== null) at ??= entry.rule.writtenAt.dependsOn;
  }
  const first = cycle[0];
  if (first !== undefined) {
    cycle.push(first);
    steps.push(shortName(first));
  }
  const own =
    (derived.code?.dependencies.size ?? 0) > 0
      ? "`depends_on` or what the code waits for"
      : "`depends_on`";
  const what = byStacks ? `${own} and the order of stacks go` : `${own} goes`;
  const message = `${what} round in a circle: ${steps.join(" → ")}. Remove one of these dependencies.`;
  return {
    severity: "error",
    code: "depends_on_cycle",
    message,
    cycle,
    ...(at === undefined ? {} : { at }),
  };
}

function fromFirstDirspace(round: readonly number[], positions: number): readonly number[] {
  const first = round.findIndex((node) => node < positions);
  return first <= 0 ? round : [...round.slice(first), ...round.slice(0, first)];
}
