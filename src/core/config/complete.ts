import { completeApplyRequirements } from "./complete-apply-requirements.ts";
import { completeDirs, completeWhenModified } from "./complete-dirs.ts";
import { completeEngine } from "./complete-engine.ts";
import { completeWorkflow } from "./complete-workflow.ts";
import type { Automerge, Config, DestinationBranch } from "./config.ts";
import type { Engine } from "./engine.ts";
import { DEFAULT_BRANCH_OVERRIDES } from "./merge.ts";
import type { RawConfig } from "./raw.ts";

export const PARALLEL_RUNS_DEFAULT = 3;
/** More dirspaces at once than any CI machine has memory for. */
export const PARALLEL_RUNS_MAX = 64;

const DEFAULT_ENGINE: Engine = { name: "terraform", collectOutputs: true };

const ANYONE = [{ kind: "anyone" }] as const;
const NO_HOOKS = { pre: [], post: [] };
const EVERYTHING = { text: "", root: null };

const NOT_READ_YET = {
  accessControl: {
    enabled: false,
    applyRequireAllDirspaceAccess: true,
    planRequireAllDirspaceAccess: false,
    configUpdate: ANYONE,
    ciConfigUpdate: ANYONE,
    unlock: ANYONE,
    files: {},
    policies: [
      {
        tagQuery: EVERYTHING,
        plan: ANYONE,
        apply: ANYONE,
        applyAutoapprove: [],
        applyForce: [],
        applyWithSuperapproval: [],
        superapproval: [],
      },
    ],
  },
  batchRuns: { enabled: false, maxWorkspacesPerBatch: 1 },
  checkoutStrategy: "merge",
  configBuilder: { enabled: false },
  treeBuilder: { enabled: false },
  costEstimation: { enabled: true, provider: "infracost", currency: "USD" },
  drift: { enabled: false, schedules: [] },
  hooks: { all: NO_HOOKS, plan: NO_HOOKS, apply: NO_HOOKS },
  indexer: { enabled: false },
  integrations: { resourcely: { enabled: false, extraArgs: [] } },
  notifications: {
    policies: [{ tagQuery: EVERYTHING, commentStrategy: "minimize" }],
    summary: { enabled: false },
  },
  stacks: [],
  storage: { plans: { method: "server" } },
} as const;

/** Fills in every default. Takes what `parseConfig` accepted, or a merge of such. */
export function completeConfig(raw: RawConfig): Config {
  const engine = completeEngine(raw.engine) ?? DEFAULT_ENGINE;
  return {
    enabled: raw.enabled ?? true,
    createAndSelectWorkspace: raw.create_and_select_workspace ?? true,
    parallelRuns: Math.min(raw.parallel_runs ?? PARALLEL_RUNS_DEFAULT, PARALLEL_RUNS_MAX),
    defaultBranchOverrides: raw.default_branch_overrides ?? DEFAULT_BRANCH_OVERRIDES,
    destinationBranches: (raw.destination_branches ?? []).map(completeDestination),
    engine,
    whenModified: completeWhenModified(raw.when_modified),
    dirs: completeDirs(raw.dirs),
    workflows: (raw.workflows ?? []).map((workflow) => completeWorkflow(workflow, engine)),
    applyRequirements: completeApplyRequirements(raw.apply_requirements),
    automerge: completeAutomerge(raw.automerge),
    tags: { branch: raw.tags?.branch ?? {}, destBranch: raw.tags?.dest_branch ?? {} },
    ...NOT_READ_YET,
  };
}

type RawDestination = NonNullable<RawConfig["destination_branches"]>[number];

function completeDestination(raw: RawDestination): DestinationBranch {
  if (typeof raw === "string") return { branch: raw, sourceBranches: ["*"] };
  return { branch: raw.branch, sourceBranches: raw.source_branches ?? ["*"] };
}

function completeAutomerge(raw: RawConfig["automerge"]): Automerge {
  return {
    enabled: raw?.enabled ?? false,
    deleteBranch: raw?.delete_branch ?? false,
    mergeStrategy: raw?.merge_strategy ?? "auto",
    requireExplicitApply: raw?.require_explicit_apply ?? false,
    retainPrTitle: raw?.retain_pr_title ?? false,
  };
}
