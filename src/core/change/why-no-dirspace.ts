import type { Derived } from "./derived.ts";
import { dirname } from "./directories.ts";
import { DEFAULT_WORKSPACE, parseDir, parseWorkspace, type Workspace } from "./dirspace.ts";
import { keyContest } from "./key-contest.ts";
import type { ChangedPath } from "./match.ts";
import type { Looked, WhyReason } from "./why.ts";

/** Why a directory, or one workspace of it, is no dirspace at all. */
export function whyNoDirspace(
  { prepared }: Looked,
  paths: readonly ChangedPath[],
  dir: string,
  workspace: string | undefined,
): readonly WhyReason[] {
  const { derived } = prepared;
  const others = derived.dirspaces.filter(({ dirspace }) => dirspace.dir === dir);
  const key = keyReason(derived, dir);
  if (workspace !== undefined && others.length > 0) {
    if (key !== undefined) return underKey(derived, key, workspace);
    const workspaces = others.map((one) => one.dirspace.workspace);
    return [{ kind: "no_workspace", dir, workspace, workspaces }];
  }
  const callers = derived.code?.callers.get(dir) ?? [];
  if (callers.length > 0) return [{ kind: "module", dir, callers }];
  const parsed = parseDir(dir);
  if (parsed.kind === "error") return [{ kind: "unusable_name", message: parsed.message }];
  if (filesIn(derived, dir).length === 0) {
    if (!paths.some(({ path, gone }) => gone && dirname(path) === dir)) {
      return [{ kind: "only_directories", dir }];
    }
    const meant = parseWorkspace(workspace ?? DEFAULT_WORKSPACE);
    const named: Workspace = meant.kind === "ok" ? meant.workspace : DEFAULT_WORKSPACE;
    return [{ kind: "deleted", dirspace: { dir: parsed.dir, workspace: named } }];
  }
  if (key === undefined) return [withoutKey(derived, dir)];
  return [...underKey(derived, key, workspace), key];
}

/** Which key of `dirs` configures a directory. */
export function keyReason(
  derived: Derived,
  dir: string,
): Extract<WhyReason, { kind: "key" }> | undefined {
  const [first, ...others] = keyContest(derived.config, dir, filesIn(derived, dir));
  if (first === undefined) return undefined;
  const { key, explicit } = first;
  return { kind: "key", dir, key, explicit, insteadOf: others.map((other) => other.key) };
}

function withoutKey({ config }: Derived, dir: string): WhyReason {
  const patterns = config.whenModified.filePatterns;
  if (patterns.length === 0) {
    return { kind: "no_patterns", dir, by: "when_modified.file_patterns" };
  }
  return { kind: "no_key", dir, patterns };
}

function underKey(
  { config }: Derived,
  { key, dir }: Extract<WhyReason, { kind: "key" }>,
  workspace: string | undefined,
): readonly WhyReason[] {
  const entry = config.dirs.find((one) => one.key === key);
  if (entry === undefined) return [];
  const names = entry.workspaces.map(({ name }) => name);
  const meant = entry.workspaces.filter(
    ({ name }) => workspace === undefined || name === workspace,
  );
  if (workspace !== undefined && meant.length === 0) {
    return [{ kind: "no_workspace", dir, workspace, workspaces: names }];
  }
  const found = meant.map(({ name, tagKey, whenModified }): WhyReason => {
    const own = whenModified.filePatterns;
    const ofDir = entry.whenModified.filePatterns;
    const patterns = own ?? ofDir ?? config.whenModified.filePatterns;
    if (patterns.length > 0) return { kind: "no_files", dir, key, patterns };
    const at = own === undefined ? "" : `.${tagKey}s.${name}`;
    const inherited = own === undefined && ofDir === undefined;
    const holder = inherited ? "" : `dirs.${key}${at}.`;
    return { kind: "no_patterns", dir, by: `${holder}when_modified.file_patterns` };
  });
  // Workspaces that inherit the same say the same.
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];
}

function filesIn({ tree }: Derived, dir: string): readonly string[] {
  return tree.files.filter((path) => dirname(path) === dir);
}
