import type { ReachedCap } from "../core/schedule/caps.ts";
import { literal } from "./words.ts";

/** Which cap on CI jobs is reached, how many run, and how many may. */
export function capWords({ of, name, running, max }: ReachedCap): string {
  // An installation's name is a number of the VCS, and the repository is the one that people are in.
  const what = of === "environment" ? `environment ${literal(name)}` : of;
  return `${running} of ${max} of the ${what} running`;
}
