import type { ChangeDiagnostic } from "./affected.ts";
import { derive } from "./derive.ts";
import { type Derived, positionOf } from "./derived.ts";
import { compareDirspaces, type Dirspace, dirspaceKey } from "./dirspace.ts";
import { withoutFiles } from "./live-files.ts";
import { type ChangedPath, type FileMatches, matchFiles } from "./match.ts";

/**
 * Positions of dirspaces that this change takes the last file from: still configured, but nothing
 * is left to plan. To plan them would propose to destroy everything, without anyone having asked.
 */
export function emptied(derived: Derived, matches: FileMatches): ReadonlySet<number> {
  const suspects = [...matches]
    .filter(([, paths]) => paths.every(({ gone }) => gone))
    .map(([position]) => position);
  return withoutFiles(derived.dirspaces, suspects, derived.tree, derived.finder);
}

/** What was a dirspace before the change and is none any more. */
export function deletedDirspaces(
  derived: Derived,
  paths: readonly ChangedPath[],
  gone: ReadonlySet<number>,
): readonly Dirspace[] {
  const removed = paths.filter((path) => path.gone);
  if (removed.length === 0) return [];
  // What the removed files alone would make: a dirspace of theirs that the tree no longer gives.
  const files = removed.map(({ path }) => path);
  const before = derive(derived.config, { files }, derived.branches);
  const isAlive = (dirspace: Dirspace): boolean => {
    const position = positionOf(derived.dirspaces, dirspace);
    return position !== undefined && !gone.has(position);
  };
  const lost = [...matchFiles(before, removed).keys()].flatMap((position) => {
    const dirspace = before.dirspaces[position]?.dirspace;
    return dirspace === undefined || isAlive(dirspace) ? [] : [dirspace];
  });
  const emptiedOnes = [...gone].flatMap((position) => derived.dirspaces[position]?.dirspace ?? []);
  const all = new Map([...lost, ...emptiedOnes].map((one) => [dirspaceKey(one), one]));
  return [...all.values()].sort(compareDirspaces);
}

export function deletedDiagnostic(dirspace: Dirspace): ChangeDiagnostic {
  const message =
    `\`${dirspace.dir}\` (workspace \`${dirspace.workspace}\`) has no files left after this change. ` +
    "Nothing is planned for it, and what it created stays. To remove that too, destroy it before " +
    "its directory is deleted.";
  return { severity: "warning", code: "deleted_directory", message, dirspace };
}
