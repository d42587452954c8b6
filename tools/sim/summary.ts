import { FAULT_CLASSES } from "../../test/support/sim/faults.ts";
import { SIZE_NAMES } from "../../test/support/sim/size.ts";
import type { PartResult } from "./part.ts";

/** The last line that `npm run sim` prints; shares of a long run that began at other seeds can be added up. */
export function summary(total: PartResult, first: number, seconds: number) {
  const { seeds, events, steps, checks, faults, sizes, violations, traces } = total;
  return {
    seeds,
    first,
    sizes: Object.fromEntries(SIZE_NAMES.map((name) => [name, sizes[name] ?? 0])),
    events,
    steps,
    faults: Object.fromEntries(FAULT_CLASSES.map((name) => [name, faults[name] ?? 0])),
    checks,
    violations,
    ...(traces.length > 0 ? { traces: traces.toSorted(([a], [b]) => a - b) } : {}),
    seconds,
  };
}
