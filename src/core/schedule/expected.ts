import { remainingPaths } from "../../base/remaining-path.ts";
import { type DirspaceKey, dirspaceKey } from "../change/dirspace.ts";
import type { ExpectedRun } from "../decision.ts";
import type { DirspaceState } from "../snapshot.ts";

/** Of a dirspace that never ran, in a pull request none of whose dirspaces ever did. */
export const EXPECTED_MS = 60_000;

/** How long the works of a pull request will take, and what waits for them. */
export interface Expected {
  readonly isGuess: boolean;
  unitMs(key: DirspaceKey): number;
  /** From its start to the end of the longest path of dirspaces that come after it, itself included. */
  remainingMs(key: DirspaceKey): number;
}

/** From what each took before; one that never ran is like the middle one of those that did. */
export function expectWorks(states: readonly DirspaceState[], op: "plan" | "apply"): Expected {
  const known = states.flatMap(({ usualMs }) => usualMs?.[op] ?? []).sort((a, b) => a - b);
  const usual = known[Math.floor(known.length / 2)] ?? EXPECTED_MS;
  const indexes = new Map(states.map((state, index) => [state.key, index]));
  const units = states.map(({ usualMs }) => Math.max(1, usualMs?.[op] ?? usual));
  const paths = remainingPaths(
    states.map(({ affected }, index) => ({
      weight: units[index] ?? usual,
      after: (affected?.predecessors ?? []).flatMap((one) => indexes.get(dirspaceKey(one)) ?? []),
    })),
  );
  return {
    isGuess: known.length === 0,
    unitMs: (key) => units[indexes.get(key) ?? -1] ?? usual,
    remainingMs: (key) => paths[indexes.get(key) ?? -1] ?? usual,
  };
}

/** One job over these units: as long as its longest path, and as all of them on so many at once. */
export function expectRun(
  expected: Expected,
  units: readonly { readonly dirspace: DirspaceKey; readonly after: readonly DirspaceKey[] }[],
  parallel: number,
): ExpectedRun {
  const indexes = new Map(units.map((unit, index) => [unit.dirspace, index]));
  const weights = units.map((unit) => expected.unitMs(unit.dirspace));
  const paths = remainingPaths(
    units.map((unit, index) => ({
      weight: weights[index] ?? 0,
      after: unit.after.flatMap((key) => indexes.get(key) ?? []),
    })),
  );
  const sum = weights.reduce((total, ms) => total + ms, 0);
  const jobMs = Math.ceil(Math.max(sum / Math.max(1, parallel), ...maxOf(paths)));
  const remaining = units.map((unit) => expected.remainingMs(unit.dirspace));
  return { jobMs, remainingMs: Math.max(jobMs, ...maxOf(remaining)) };
}

/** One number instead of thousands of arguments. */
function maxOf(numbers: readonly number[]): readonly number[] {
  let max: number | undefined;
  for (const number of numbers) if (max === undefined || number > max) max = number;
  return max === undefined ? [] : [max];
}
