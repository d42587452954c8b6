import { assert } from "../../base/assert.ts";
import { DEFAULT_WORKSPACE, parseWorkspace, type Workspace } from "../change/dirspace.ts";
import { completeDependsOn } from "./complete-query.ts";
import type { DirConfig, WhenModified, WhenModifiedOverride, WorkspaceConfig } from "./config.ts";
import type { RawConfig } from "./raw.ts";
import type { RawDir, RawWorkspace } from "./schema/dirs.ts";
import type { RawWhenModified } from "./schema/when-modified.ts";

export const DEFAULT_FILE_PATTERNS: readonly string[] = ["**/*.tf", "**/*.tfvars"];

export function completeWhenModified(raw: RawWhenModified | null | undefined): WhenModified {
  return {
    filePatterns: raw?.file_patterns ?? DEFAULT_FILE_PATTERNS,
    autoplan: raw?.autoplan ?? true,
    autoplanDraftPr: raw?.autoplan_draft_pr ?? true,
    autoapply: raw?.autoapply ?? false,
    dependsOn: completeDependsOn(raw?.depends_on) ?? null,
  };
}

export function completeDirs(raw: RawConfig["dirs"]): readonly DirConfig[] {
  return Object.entries(raw ?? {}).map(([key, dir]) => completeDir(key, dir));
}

function completeDir(key: string, raw: RawDir | null): DirConfig {
  const createAndSelect = raw?.create_and_select_workspace;
  return {
    key,
    ...(typeof createAndSelect === "boolean" ? { createAndSelectWorkspace: createAndSelect } : {}),
    createIfMissing: raw?.create_if_missing ?? false,
    lockBranchTarget: raw?.lock_branch_target ?? "all",
    tags: raw?.tags ?? [],
    whenModified: override(raw?.when_modified),
    workspaces: completeWorkspaces(raw),
  };
}

function completeWorkspaces(raw: RawDir | null): readonly WorkspaceConfig[] {
  const list = [
    ...Object.entries(raw?.workspaces ?? {}).map(([name, value]) =>
      completeWorkspace(name, "workspace", value),
    ),
    ...Object.entries(raw?.stacks ?? {}).map(([name, value]) =>
      completeWorkspace(name, "stack", value),
    ),
  ];
  return list.length > 0 ? list : [completeWorkspace(DEFAULT_WORKSPACE, "workspace", null)];
}

function completeWorkspace(
  name: string,
  tagKey: WorkspaceConfig["tagKey"],
  raw: RawWorkspace | null,
): WorkspaceConfig {
  return {
    name: acceptedWorkspace(name),
    tagKey,
    tags: raw?.tags ?? [],
    whenModified: override(raw?.when_modified),
  };
}

function acceptedWorkspace(name: string): Workspace {
  const parsed = parseWorkspace(name);
  assert(parsed.kind === "ok", "config: a workspace that was accepted no longer parses");
  return parsed.workspace;
}

/** Only what is said: an absent field is inherited. */
function override(raw: RawWhenModified | null | undefined): WhenModifiedOverride {
  const dependsOn = completeDependsOn(raw?.depends_on);
  return {
    ...(raw?.file_patterns ? { filePatterns: raw.file_patterns } : {}),
    ...(typeof raw?.autoplan === "boolean" ? { autoplan: raw.autoplan } : {}),
    ...(typeof raw?.autoplan_draft_pr === "boolean"
      ? { autoplanDraftPr: raw.autoplan_draft_pr }
      : {}),
    ...(typeof raw?.autoapply === "boolean" ? { autoapply: raw.autoapply } : {}),
    ...(dependsOn === undefined ? {} : { dependsOn }),
  };
}
