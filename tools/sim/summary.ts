import { FAULT_CLASSES } from "../../test/support/sim/faults.ts";
import type { PartResult } from "./part.ts";

/** The last line that `npm run sim` prints. */
export function summary(total: PartResult, seeds: number, seconds: number) {
  const { events, steps, checks, faults, violations, traces } = total;
  return {
    seeds,
    events,
    steps,
    faults: Object.fromEntries(FAULT_CLASSES.map((name) => [name, faults[name] ?? 0])),
    checks,
    violations,
    ...(traces.length > 0 ? { traces } : {}),
    seconds,
  };
}
