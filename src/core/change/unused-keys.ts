import type { Config, DirConfig } from "../config/config.ts";
import type { Finding } from "../config/finding.ts";
import type { Derived } from "./derived.ts";
import { type DirKeys, matchDirKeys, readDirKeys } from "./dir-keys.ts";
import { ROOT_DIR } from "./dirspace.ts";
import { isGlob } from "./glob.ts";

/** Keys of `dirs` that name nothing in the tree, and globs that name only directories without a file of theirs. */
export function unusedKeys(derived: Derived): readonly Finding[] {
  const { config, directories } = derived;
  const keys = readDirKeys(config, directories);
  const { keyOf } = matchDirKeys(keys, directories);
  const named = new Set([...keys.explicit.values(), ...usedGlobs(keys, derived)]);
  // What is too costly to know is not said.
  if (keys.set.exhausted) return [];
  const given = new Set(keyOf);
  const living = new Set(
    derived.dirspaces.map(({ dirspace }) => keyOf[directories.indexOf(dirspace.dir)]),
  );
  return config.dirs.flatMap((dir, index): Finding[] => {
    // Which of two keys for one place counts is a warning of its own.
    if (keys.losers.has(index)) return [];
    if (!named.has(index)) return dir.createIfMissing ? [] : [finding(dir, nothing(dir))];
    const dead = given.has(index) && !living.has(index) && isPlanned(config, dir);
    return dead ? [finding(dir, noFiles(dir))] : [];
  });
}

/** An empty list hides directories, which is all that it is for; one of exceptions is warned about itself. */
function isPlanned({ whenModified }: Config, dir: DirConfig): boolean {
  const own = dir.whenModified.filePatterns ?? whenModified.filePatterns;
  return dir.workspaces.some((one) =>
    (one.whenModified.filePatterns ?? own).some((pattern) => !pattern.startsWith("!")),
  );
}

function nothing({ key }: DirConfig): string {
  if (isGlob(key)) return `no directory and no file of this repository matches \`${key}\``;
  return (
    `this repository has no directory or file \`${key}\`; where it is made only later, say ` +
    "`create_if_missing: true`"
  );
}

function noFiles({ key }: DirConfig): string {
  return (
    `\`${key}\` matches directories, and none of them has a file that its \`file_patterns\` match, ` +
    "so nothing is ever planned for it"
  );
}

function finding({ key }: DirConfig, message: string): Finding {
  return { severity: "warning", code: "never_matches", message, path: ["dirs", key], atKey: true };
}

/** Positions in `config.dirs` of the globs that match some directory or file, whichever key it gets. */
function usedGlobs({ globs, set }: DirKeys, { directories, tree }: Derived): ReadonlySet<number> {
  const used = new Set<number>();
  for (const paths of [directories.names, tree.files]) {
    for (const path of paths) {
      if (used.size === globs.length) return used;
      if (path === ROOT_DIR) continue;
      for (const rank of set.run(path).accepts) used.add(globs[rank]?.index ?? -1);
    }
  }
  return used;
}
