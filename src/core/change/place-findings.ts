import type { Config } from "../config/config.ts";
import type { Diagnostic } from "../config/diagnostic.ts";
import type { EffectiveConfig } from "../config/effective.ts";
import { toDiagnostics } from "../config/origins.ts";
import { formatPath, type Path } from "../config/places.ts";
import type { ChangeDiagnostic, Tree } from "./affected.ts";
import { prepareRepository } from "./change-set.ts";
import { dirname } from "./directories.ts";
import type { Dirspace } from "./dirspace.ts";
import { keyContest } from "./key-contest.ts";
import { findUnused } from "./unused.ts";

type Ready = Extract<EffectiveConfig, { kind: "ok" }>;

/** A finding of a change or a tree, in the form of one about a file. */
export interface PlacedFinding extends Omit<Diagnostic, "code"> {
  readonly code: string;
}

/** What only shows when a configuration meets a tree of files. */
export function findingsInTree(ready: Ready, tree: Tree): readonly PlacedFinding[] {
  const branches = { branch: "", destBranch: "" };
  const prepared = prepareRepository(ready.config, tree, branches);
  const about = (found: readonly ChangeDiagnostic[]): readonly PlacedFinding[] =>
    found.map((one) => placed(one, ready, tree.files));
  if (prepared.kind === "error") return about(prepared.diagnostics);
  const unused = toDiagnostics(findUnused(prepared.derived), ready.origins);
  return [...about(prepared.derived.diagnostics), ...unused];
}

/** A finding about a change or a tree, at the setting that it comes from. */
export function placed(
  found: ChangeDiagnostic,
  ready: Ready,
  files: readonly string[],
): PlacedFinding {
  const path = pathOf(found, ready.config, files);
  // Names of directories are the repository's, and no setting makes them.
  const origin = found.code === "same_directory" ? undefined : ready.origins.near(path);
  return {
    severity: found.severity,
    code: found.code,
    message: found.message,
    file: origin?.file ?? "",
    line: origin?.line ?? 1,
    column: origin?.column ?? 1,
    path: origin === undefined ? "" : formatPath(path),
  };
}

function pathOf(found: ChangeDiagnostic, config: Config, files: readonly string[]): Path {
  if ("at" in found && found.at !== undefined) return found.at;
  switch (found.code) {
    case "depends_on_cycle":
      return found.cycle[0] === undefined ? [] : dependsOnPath(found.cycle[0], config, files);
    case "dirs_key":
      return ["dirs"];
    default:
      return [];
  }
}

/** The `depends_on` that a dirspace has, wherever it has it from. */
function dependsOnPath(
  { dir, workspace }: Dirspace,
  config: Config,
  files: readonly string[],
): Path {
  const own = files.filter((file) => dirname(file) === dir);
  const [contender] = keyContest(config, dir, own);
  const entry = config.dirs[contender?.index ?? -1];
  if (entry === undefined) return ["when_modified", "depends_on"];
  const inner = entry.workspaces.find(({ name }) => name === workspace);
  const at = ["dirs", entry.key];
  if (inner?.whenModified.dependsOn !== undefined) {
    return [...at, `${inner.tagKey}s`, inner.name, "when_modified", "depends_on"];
  }
  if (entry.whenModified.dependsOn !== undefined) return [...at, "when_modified", "depends_on"];
  return ["when_modified", "depends_on"];
}
