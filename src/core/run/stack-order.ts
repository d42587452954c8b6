import { isDone, type Phase } from "../phase.ts";
import type { Reason } from "../reason.ts";
import type { DirspaceState } from "../snapshot.ts";
import { keysOf } from "./start-run.ts";

export interface StackOrder {
  readonly free: readonly DirspaceState[];
  /** Of those that are left out: one reason for each stack that waits. */
  readonly waiting: readonly Reason[];
}

/**
 * `apply_after`: a dirspace is planned at any time, and is applied once every dirspace of this pull request in the
 * stacks that it names is. `all` are the dirspaces of the pull request.
 */
export function stackOrder(
  states: readonly DirspaceState[],
  all: readonly DirspaceState[],
  phases: ReadonlyMap<DirspaceState["key"], Phase>,
): StackOrder {
  const unapplied = new Map<string, DirspaceState[]>();
  for (const state of all) {
    if (state.affected === undefined || isDone(phases.get(state.key) ?? "unplanned")) continue;
    const { name } = state.affected.stack;
    const known = unapplied.get(name);
    if (known === undefined) unapplied.set(name, [state]);
    else known.push(state);
  }
  const free: DirspaceState[] = [];
  const waiting = new Map<string, DirspaceState[]>();
  for (const state of states) {
    const stack = state.affected?.stack;
    if (!stack?.applyAfter.some((name) => unapplied.has(name))) {
      free.push(state);
      continue;
    }
    const known = waiting.get(stack.name);
    if (known === undefined) waiting.set(stack.name, [state]);
    else known.push(state);
  }
  const reasons = [...waiting].map(([stack, own]): Reason => {
    const before = (own[0]?.affected?.stack.applyAfter ?? []).filter((name) => unapplied.has(name));
    const waitFor = keysOf(before.flatMap((name) => unapplied.get(name) ?? []));
    return { code: "stacks_unapplied", stack, dirspaces: keysOf(own), after: before, waitFor };
  });
  return { free, waiting: reasons };
}
