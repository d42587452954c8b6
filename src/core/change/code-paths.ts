import type { ChangeDiagnostic } from "./affected.ts";
import { LINKED_PATHS_MAX, within } from "./aliases.ts";
import { TOO_MANY_LINKS } from "./code.ts";
import type { Derived } from "./derived.ts";
import { compareText } from "./dirspace.ts";
import type { ChangedPath } from "./match.ts";

export type NamedPaths =
  | {
      readonly kind: "ok";
      readonly paths: readonly ChangedPath[];
      /** Those whose content changed, and not only the link that leads to it. */
      readonly contents: readonly ChangedPath[];
    }
  | { readonly kind: "error"; readonly diagnostic: ChangeDiagnostic };

/**
 * The changed paths under all the names that links give them: shared code changes wherever it is
 * linked to. A link that changed leads somewhere else, so all that is reached through it changed.
 */
export function underAllNames({ code, tree }: Derived, paths: readonly ChangedPath[]): NamedPaths {
  if (code === undefined || code.aliases.list.length === 0)
    return { kind: "ok", paths, contents: paths };
  const all = new Map(paths.map((changed) => [changed.path, changed]));
  const relinked = new Set<string>();
  const note = (path: string, gone: boolean): void => {
    if (all.get(path)?.gone !== false) all.set(path, { path, gone });
  };
  for (const { path, gone } of paths) {
    for (const name of code.namesOf(path)) {
      note(name, gone);
      relinked.delete(name);
    }
    if (code.aliases.targets.has(path)) {
      for (const { name, links } of code.aliases.list) {
        if (!links.includes(path)) continue;
        for (const file of within(tree.files, name)) {
          if (!all.has(file)) relinked.add(file);
          note(file, false);
        }
      }
    }
    if (all.size > LINKED_PATHS_MAX) return { kind: "error", diagnostic: TOO_MANY_LINKS };
  }
  const sorted = [...all.values()].sort((a, b) => compareText(a.path, b.path));
  const contents = sorted.filter(({ path }) => !relinked.has(path));
  return { kind: "ok", paths: sorted, contents };
}
