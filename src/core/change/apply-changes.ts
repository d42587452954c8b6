import type { FileChange } from "../pull-request.ts";

/** The files of a tree once the changes are made: as a pull request with them would have it. */
export function applyChanges(
  files: readonly string[],
  changes: readonly FileChange[],
): readonly string[] {
  const after = new Set(files);
  // What one change takes away another may bring back, whatever their order.
  for (const change of changes) {
    if (change.kind === "renamed") after.delete(change.from);
    if (change.kind === "deleted") after.delete(change.path);
  }
  for (const change of changes) {
    if (change.kind === "renamed") after.add(change.to);
    if (change.kind === "added" || change.kind === "modified") after.add(change.path);
  }
  return [...after];
}
