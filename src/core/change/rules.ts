import type {
  Config,
  DirConfig,
  LockBranchTarget,
  WhenModified,
  WhenModifiedOverride,
  WorkspaceConfig,
} from "../config/config.ts";
import type { Path } from "../config/places.ts";
import { compareText, DEFAULT_WORKSPACE, type Workspace } from "./dirspace.ts";
import { type PatternTemplate, patternCompiler, rewriteGlobal } from "./file-pattern.ts";

/** What one entry of `dirs`, or the lack of one, makes of a directory: shared by all it applies to. */
export interface DirRule {
  /** As written; absent for directories that no key names. */
  readonly key?: string;
  /** Without those whose list of patterns is empty: these are no dirspaces. */
  readonly workspaces: readonly WorkspaceRule[];
}

export interface WorkspaceRule {
  readonly workspace: Workspace;
  readonly tagKey: "workspace" | "stack";
  /** The tags of the directory and the workspace. */
  readonly tags: readonly string[];
  /** With everything inherited. */
  readonly whenModified: WhenModified;
  /** Where each setting that holds is written: by the workspace, its directory or the repository. */
  readonly writtenAt: Readonly<Record<keyof WhenModified, Path>>;
  /** The entry of `dirs`; absent where no key names the directory. */
  readonly dirAt: Path | undefined;
  readonly patterns: readonly PatternTemplate[];
  readonly lockBranchTarget: LockBranchTarget;
  readonly createAndSelectWorkspace: boolean;
}

export interface Rules {
  readonly byKey: readonly DirRule[];
  readonly otherwise: DirRule;
  /** The global patterns, rewritten. */
  readonly globalPatterns: readonly string[];
}

/** In the order of `config.dirs`. */
export function buildRules(config: Config): Rules {
  const compile = patternCompiler();
  const globalPatterns = config.whenModified.filePatterns.map(rewriteGlobal);
  const inherited = { ...config.whenModified, filePatterns: globalPatterns };
  const build = (dir: DirConfig, workspace: WorkspaceConfig): WorkspaceRule => {
    const whenModified = inherit(inherited, dir.whenModified, workspace.whenModified);
    const patterns = whenModified.filePatterns.map(compile);
    return {
      workspace: workspace.name,
      tagKey: workspace.tagKey,
      tags: [...dir.tags, ...workspace.tags],
      whenModified,
      writtenAt: writtenAt(dir, workspace),
      dirAt: dir === UNCONFIGURED ? undefined : ["dirs", dir.key],
      patterns,
      lockBranchTarget: dir.lockBranchTarget,
      createAndSelectWorkspace: dir.createAndSelectWorkspace ?? config.createAndSelectWorkspace,
    };
  };
  const rule = (dir: DirConfig): DirRule => ({
    key: dir.key,
    workspaces: dir.workspaces
      .map((workspace) => build(dir, workspace))
      .filter(({ patterns }) => patterns.length > 0)
      .sort((a, b) => compareText(a.workspace, b.workspace)),
  });
  const { workspaces } = rule(UNCONFIGURED);
  return { byKey: config.dirs.map(rule), otherwise: { workspaces }, globalPatterns };
}

const UNCONFIGURED: DirConfig = {
  key: "",
  createIfMissing: false,
  lockBranchTarget: "all",
  tags: [],
  whenModified: {},
  workspaces: [{ name: DEFAULT_WORKSPACE, tagKey: "workspace", tags: [], whenModified: {} }],
};

/** Each field alone: the workspace's, else the directory's, else the repository's. */
function inherit(
  global: WhenModified,
  dir: WhenModifiedOverride,
  workspace: WhenModifiedOverride,
): WhenModified {
  return { ...global, ...dir, ...workspace };
}

/** As the file calls them. */
const KEYS: Readonly<Record<keyof WhenModified, string>> = {
  filePatterns: "file_patterns",
  autoplan: "autoplan",
  autoplanDraftPr: "autoplan_draft_pr",
  autoapply: "autoapply",
  dependsOn: "depends_on",
};

function writtenAt(dir: DirConfig, workspace: WorkspaceConfig): WorkspaceRule["writtenAt"] {
  const at = (field: keyof WhenModified): Path => {
    const path = ["when_modified", KEYS[field]];
    if (workspace.whenModified[field] !== undefined) {
      return ["dirs", dir.key, `${workspace.tagKey}s`, workspace.name, ...path];
    }
    return dir.whenModified[field] === undefined ? path : ["dirs", dir.key, ...path];
  };
  return {
    filePatterns: at("filePatterns"),
    autoplan: at("autoplan"),
    autoplanDraftPr: at("autoplanDraftPr"),
    autoapply: at("autoapply"),
    dependsOn: at("dependsOn"),
  };
}
