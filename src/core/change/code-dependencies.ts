import type { Derived } from "./derived.ts";
import { positionsIn } from "./finder.ts";
import type { Requirement } from "./requirements.ts";

/**
 * What the code itself says about who comes first, such as the `dependency` blocks of Terragrunt:
 * it orders and takes along as `depends_on` does. A dirspace waits for the same workspace of the
 * other directory, and for all of them where there is no such workspace.
 */
export function codeDependencies({ code, dirspaces, finder }: Derived): readonly Requirement[] {
  if (code === undefined) return [];
  const requirements: Requirement[] = [];
  for (const [place, dirs] of code.dependencies) {
    for (const dir of [place, ...code.namesOf(place)]) {
      for (const source of positionsIn(finder, dir)) {
        const targets = dirs.flatMap((one) => {
          const all = [...positionsIn(finder, one)].filter((target) => target !== source);
          const workspace = dirspaces[source]?.dirspace.workspace;
          const same = all.filter((at) => dirspaces[at]?.dirspace.workspace === workspace);
          return same.length > 0 ? same : all;
        });
        if (targets.length > 0) requirements.push({ sources: [source], targets });
      }
    }
  }
  return requirements;
}
