import type { ConfigDiagnostic } from "../affected.ts";
import type { StackLink, Stacks } from "./stacks.ts";

/** Nested stacks that hold one another. */
export function nestingCycle({ nodes }: Stacks): ConfigDiagnostic | undefined {
  const found = findCycle(nodes.length, (index) => nodes[index]?.children ?? []);
  if (found === undefined) return undefined;
  const path = namesOf({ nodes }, found);
  const message = `The nested stacks hold one another: ${path}. Take one of these names out of \`stacks\`.`;
  return cycleError(message, found);
}

/**
 * Stacks that come after one another, by `plan_after` and `apply_after` taken together. A stack is
 * two nodes, its begin and its end: it begins after whatever holds it has begun, and ends after
 * whatever it holds has ended. So names are followed as they are written and through those that
 * they stand for at once. `modified_by` alone orders nothing.
 */
export function orderCycle({ nodes }: Stacks): ConfigDiagnostic | undefined {
  const begin = (index: number): number => 2 * index;
  const end = (index: number): number => 2 * index + 1;
  const found = findCycle(2 * nodes.length, (id) => {
    const index = id >> 1;
    const node = nodes[index];
    if (node === undefined) return [];
    if (id === end(index)) {
      const held = node.children.map(({ to }) => ({ to: end(to) }));
      return [...held, { to: begin(index) }];
    }
    const holders = node.parents.map((parent) => ({ to: begin(parent) }));
    const rules = [...node.planAfter, ...node.applyAfter];
    return [...holders, ...rules.map(({ to, at }) => ({ to: end(to), at }))];
  });
  if (found === undefined) return undefined;
  const path = namesOf(
    { nodes },
    found.map(({ to, ...rest }) => ({ ...rest, to: to >> 1 })),
  );
  const message =
    `The order of the stacks goes round in a circle: ${path}. Each comes after the next, or is ` +
    "nested with it. Remove one of these rules.";
  return cycleError(message, found);
}

type Step = Pick<StackLink, "to"> & Partial<Pick<StackLink, "at">>;

function cycleError(message: string, steps: readonly Step[]): ConfigDiagnostic {
  const at = steps.find((step) => step.at !== undefined)?.at;
  return {
    severity: "error",
    code: "stack_cycle",
    message,
    ...(at === undefined ? {} : { at }),
  };
}

/** Of a cycle, each name once in a row; first and last are the same. */
function namesOf({ nodes }: Pick<Stacks, "nodes">, steps: readonly Step[]): string {
  const last = steps.at(-1);
  const names = [...(last === undefined ? [] : [last]), ...steps].map(
    ({ to }) => nodes[to]?.stack.name ?? "",
  );
  const path = names.filter((name, at) => at === 0 || names[at - 1] !== name);
  return (path.length === 1 ? [...path, ...path] : path).map((name) => `\`${name}\``).join(" → ");
}

interface Frame {
  readonly id: number;
  readonly steps: readonly Step[];
  next: number;
}

/** The steps of one cycle, the last leading back to where the first sets out; without recursion. */
function findCycle(
  count: number,
  stepsOf: (id: number) => readonly Step[],
): readonly Step[] | undefined {
  const finished = new Set<number>();
  const open = new Set<number>();
  for (let start = 0; start < count; start += 1) {
    if (finished.has(start)) continue;
    const frames: Frame[] = [{ id: start, steps: stepsOf(start), next: 0 }];
    open.add(start);
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const step = frame.steps[frame.next];
      frame.next += 1;
      if (step === undefined) {
        finished.add(frame.id);
        open.delete(frame.id);
        frames.pop();
        continue;
      }
      if (open.has(step.to)) return taken(frames, step.to);
      if (finished.has(step.to)) continue;
      open.add(step.to);
      frames.push({ id: step.to, steps: stepsOf(step.to), next: 0 });
    }
  }
  return undefined;
}

/** The step that each frame from that node on is taking. */
function taken(frames: readonly Frame[], from: number): readonly Step[] {
  const first = frames.findIndex(({ id }) => id === from);
  return frames.slice(first).flatMap(({ steps, next }) => steps[next - 1] ?? []);
}
