import type { ChangeDiagnostic } from "./affected.ts";

/** Names that fold to themselves in capitals, which nearly all do. */
const PLAIN = /^[a-z0-9_\-+@ ./]*$/;
/** Directories that cannot be told apart are named up to this many. */
const NAMED_MAX = 10;

/**
 * Directories that are one and the same where case or the composition of Unicode does not count, as
 * on many machines: a plan of the one would be applied in the other. Each with those that it equals.
 */
export function twinsOf(dirs: Iterable<string>): ReadonlyMap<string, readonly string[]> {
  const all = new Set(dirs);
  const groups = new Map<string, string[]>();
  for (const dir of all) {
    if (PLAIN.test(dir)) continue;
    const key = folded(dir);
    const group = groups.get(key);
    if (group !== undefined) {
      group.push(dir);
      continue;
    }
    const plain = key.toLowerCase();
    groups.set(key, PLAIN.test(plain) && all.has(plain) ? [plain, dir] : [dir]);
  }
  const twins = new Map<string, readonly string[]>();
  for (const group of groups.values()) {
    if (group.length < 2) continue;
    for (const dir of group) {
      twins.set(
        dir,
        group.filter((other) => other !== dir),
      );
    }
  }
  return twins;
}

export function twinDiagnostics(
  twins: ReadonlyMap<string, readonly string[]>,
): readonly ChangeDiagnostic[] {
  return [...twins].slice(0, NAMED_MAX).map(([dir, others]) => ({
    severity: "warning",
    code: "unusable_directory",
    message:
      `A directory is left out because of its name. ${JSON.stringify(dir)} is the same as ` +
      `${others.map((other) => JSON.stringify(other)).join(", ")} where upper and lower case, or the ` +
      "ways to write an accent, are not told apart. Rename one of them.",
  }));
}

function folded(dir: string): string {
  return dir.normalize("NFC").toUpperCase().normalize("NFC");
}
