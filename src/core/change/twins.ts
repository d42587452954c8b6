import type { ChangeDiagnostic } from "./affected.ts";
import type { Derived } from "./derived.ts";
import { compareText } from "./dirspace.ts";

/** Names that fold to themselves in capitals, which nearly all do. */
const PLAIN = /^[a-z0-9_\-+@ ./]*$/;
/** Directories that cannot be told apart are named up to this many. */
const NAMED_MAX = 10;

/** Directories that are one and the same where names are not told apart. At least two. */
export type Twins = readonly string[];
type TwinDiagnostic = Extract<ChangeDiagnostic, { code: "same_directory" }>;

/**
 * Directories that are one and the same where case or the composition of Unicode does not count, as
 * on many machines: a plan of the one would be applied in the other. For each its group.
 */
export function twinsOf(dirs: Iterable<string>): ReadonlyMap<string, Twins> {
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
  const twins = new Map<string, Twins>();
  for (const group of groups.values()) {
    if (group.length < 2) continue;
    const sorted = group.sort(compareText);
    for (const dir of sorted) twins.set(dir, sorted);
  }
  return twins;
}

/** They stay dirspaces: to leave them out would be to plan nothing where something changes. */
export function twinWarnings(twins: ReadonlyMap<string, Twins>): readonly TwinDiagnostic[] {
  return [...new Set(twins.values())].slice(0, NAMED_MAX).map((directories) => ({
    severity: "warning",
    code: "same_directory",
    message: `${sameness(directories)}, so no change of them is planned or applied. ${advice(directories)}`,
    directories,
  }));
}

/** Those that the dirspaces of a change belong to: which of them a plan was for would not be certain. */
export function twinErrors(
  { twins, dirspaces }: Derived,
  positions: readonly number[],
): readonly TwinDiagnostic[] {
  if (twins.size === 0) return [];
  const groups = new Set<Twins>();
  for (const position of positions) {
    const group = twins.get(dirspaces[position]?.dirspace.dir ?? "");
    if (group !== undefined) groups.add(group);
  }
  return [...groups].slice(0, NAMED_MAX).map((directories) => ({
    severity: "error",
    code: "same_directory",
    message: `${sameness(directories)}, and this change touches them. ${advice(directories)}`,
    directories,
  }));
}

/** What is an error is not said as a warning too. */
export function withoutTwins(
  diagnostics: readonly ChangeDiagnostic[],
  errors: readonly TwinDiagnostic[],
): readonly ChangeDiagnostic[] {
  const named = new Set(errors.map(({ directories }) => directories));
  return diagnostics.filter((one) => one.code !== "same_directory" || !named.has(one.directories));
}

/** Those that keep the change from being looked at any further. */
export function twinsIn(diagnostics: readonly ChangeDiagnostic[]): readonly Twins[] {
  return diagnostics.flatMap((found) =>
    found.code === "same_directory" && found.severity === "error" ? [found.directories] : [],
  );
}

/** "`A` and `a` are the same directory where …": the first words of a sentence. */
export function sameness(directories: Twins): string {
  const named = directories.slice(0, NAMED_MAX).map((dir) => JSON.stringify(dir));
  const more = directories.length - named.length;
  const last = more > 0 ? `${more} more` : named.pop();
  return (
    `${named.join(", ")} and ${last} are the same directory where upper and lower case, or the ` +
    "ways to write an accent, are not told apart"
  );
}

function advice(directories: Twins): string {
  return directories.length === 2 ? "Rename one of them." : "Rename all of them but one.";
}

function folded(dir: string): string {
  return dir.normalize("NFC").toUpperCase().normalize("NFC");
}
