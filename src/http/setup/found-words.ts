import type { Discovered } from "../../core/starter/discover.ts";
import { cutMessage } from "../../core/starter/starter-config.ts";

/** What was found in a repository, a line each. */
export function foundWords(found: Discovered): readonly string[] {
  const { roots, modules, leftOut } = found;
  const backends = counted(roots.flatMap(({ backend }) => backend ?? []));
  const providers = counted(roots.flatMap(({ providers: of }) => of));
  const cut = cutMessage(found);
  return [
    `${many(roots.length, "directory", "directories")} to plan, with ${found.engine}`,
    ...(backends === "" ? [] : [`backends: ${backends}`]),
    ...(providers === "" ? [] : [`providers: ${providers}`]),
    ...(modules.length === 0 ? [] : [`${many(modules.length, "module", "modules")} of its own`]),
    ...(leftOut.length === 0
      ? []
      : [
          many(
            leftOut.length,
            "directory that only looks like one to plan",
            "directories that only look like some to plan",
          ),
        ]),
    ...(cut === undefined ? [] : [cut]),
  ];
}

const NAMES_MAX = 8;

/** `s3 (3), gcs`, the most frequent first. */
function counted(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, NAMES_MAX)
    .map(([name, count]) => (count === 1 ? name : `${name} (${count})`))
    .join(", ");
}

function many(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`;
}
