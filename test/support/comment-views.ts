import type { Instant } from "../../src/base/brand.ts";
import type { Flavour } from "../../src/comment/flavour.ts";
import type { CommentView, DirspaceReport } from "../../src/comment/view.ts";
import {
  type Dir,
  type DirspaceKey,
  dirspaceKey,
  type Workspace,
} from "../../src/core/change/dirspace.ts";
import type { ChangeCounts } from "../../src/core/run/work.ts";

export const FLAVOUR: Flavour = { commentCharsMax: 65_536, numberSign: "#" };

export const AT = Date.UTC(2026, 2, 1, 14, 5) as Instant;

const NO_COUNTS: ChangeCounts = {
  create: 0,
  update: 0,
  replace: 0,
  delete: 0,
  import: 0,
  move: 0,
  forget: 0,
  outputs: 0,
};

export function aCount(counts: Partial<ChangeCounts>): ChangeCounts {
  return { ...NO_COUNTS, ...counts };
}

export function aKey(dir: string, workspace = "default"): DirspaceKey {
  return dirspaceKey({ dir: dir as Dir, workspace: workspace as Workspace });
}

/** An open pull request without anything in it. */
export function aView(parts: Partial<CommentView> = {}): CommentView {
  return {
    number: 7,
    state: "open",
    draft: false,
    headSha: "abcdef0123456789abcdef0123456789abcdef01",
    baseRef: "main",
    dirspaces: [],
    deletedDirs: [],
    diagnostics: [],
    notice: undefined,
    runs: [],
    dashboardUrl: "https://terrane.example/r/1/pulls/7",
    othersFirst: false,
    generatedAt: AT,
    ...parts,
  };
}

export function aReport(dir: string, parts: Partial<DirspaceReport> = {}): DirspaceReport {
  const workspace = parts.workspace ?? "default";
  return {
    key: aKey(dir, workspace),
    dir,
    workspace,
    phase: "unplanned",
    counts: undefined,
    isUncounted: false,
    changes: [],
    planText: undefined,
    failure: undefined,
    waitingFor: [],
    outputs: [],
    staleBecause: undefined,
    locks: [],
    ...parts,
  };
}

/** What the tool prints for one new, one replaced and one destroyed resource. */
export const PLAN_TEXT = `Terraform used the selected providers to generate the following execution
plan. Resource actions are indicated with the following symbols:
  + create
  - destroy
-/+ destroy and then create replacement

Terraform will perform the following actions:

  # terraform_data.app will be created
  + resource "terraform_data" "app" {
      + id    = (known after apply)
      + input = "v2"
    }

  # terraform_data.db must be replaced
-/+ resource "terraform_data" "db" {
      ~ id               = "0001" -> (known after apply)
      ~ triggers_replace = "13" -> "14" # forces replacement
    }

  # terraform_data.old will be destroyed
  # (because terraform_data.old is not in configuration)
  - resource "terraform_data" "old" {
      - id = "0002" -> null
    }

Plan: 2 to add, 0 to change, 2 to destroy.
`;

export function aPlanned(dir: string, parts: Partial<DirspaceReport> = {}): DirspaceReport {
  return aReport(dir, {
    phase: "planned",
    counts: aCount({ create: 1, replace: 1, delete: 1 }),
    changes: [
      { address: "terraform_data.app", action: "create", replacePaths: [] },
      { address: "terraform_data.db", action: "replace", replacePaths: ["triggers_replace"] },
      { address: "terraform_data.old", action: "delete", replacePaths: [] },
    ],
    planText: PLAN_TEXT,
    ...parts,
  });
}

export function aFailed(dir: string, parts: Partial<DirspaceReport> = {}): DirspaceReport {
  return aReport(dir, {
    phase: "plan_failed",
    failure: {
      step: "init",
      message: "terraform init ended with an error",
      tail: "Initializing the backend...\n\nError: Failed to get existing workspaces: AccessDenied\n",
      exitCode: 1,
      signal: null,
    },
    ...parts,
  });
}
