import { completeAccessControl } from "./complete-access-control.ts";
import { completeApplyRequirements } from "./complete-apply-requirements.ts";
import { completeDirs, completeWhenModified } from "./complete-dirs.ts";
import { completeDrift } from "./complete-drift.ts";
import { completeEngine, given } from "./complete-engine.ts";
import { completeIntegrations, NO_INTEGRATIONS } from "./complete-integrations.ts";
import { completeQuery } from "./complete-query.ts";
import { completeStacks } from "./complete-stacks.ts";
import { completeHooks } from "./complete-steps.ts";
import { completePlanStorage } from "./complete-storage.ts";
import { completeWorkflow } from "./complete-workflow.ts";
import type {
  Automerge,
  Builder,
  Config,
  CostEstimation,
  DestinationBranch,
  Notifications,
} from "./config.ts";
import type { Engine } from "./engine.ts";
import { DEFAULT_BRANCH_OVERRIDES } from "./merge.ts";
import type { RawConfig } from "./raw.ts";

export const PARALLEL_RUNS_DEFAULT = 3;
/** More dirspaces at once than any CI machine has memory for. */
export const PARALLEL_RUNS_MAX = 64;

const DEFAULT_ENGINE: Engine = { name: "terraform", collectOutputs: true };

/** Fills in every default. Takes what `parseConfig` accepted, or a merge of such. */
export function completeConfig(raw: RawConfig): Config {
  const engine = completeEngine(raw.engine) ?? DEFAULT_ENGINE;
  const integrations = completeIntegrations(raw.integrations) ?? NO_INTEGRATIONS;
  return {
    enabled: raw.enabled ?? true,
    createAndSelectWorkspace: raw.create_and_select_workspace ?? true,
    parallelRuns: Math.min(
      Math.max(1, raw.parallel_runs ?? PARALLEL_RUNS_DEFAULT),
      PARALLEL_RUNS_MAX,
    ),
    defaultBranchOverrides: raw.default_branch_overrides ?? DEFAULT_BRANCH_OVERRIDES,
    destinationBranches: (raw.destination_branches ?? []).map(completeDestination),
    engine,
    whenModified: completeWhenModified(raw.when_modified),
    dirs: completeDirs(raw.dirs),
    workflows: (raw.workflows ?? []).map((workflow) =>
      completeWorkflow(workflow, engine, integrations),
    ),
    applyRequirements: completeApplyRequirements(raw.apply_requirements),
    automerge: completeAutomerge(raw.automerge),
    tags: { branch: raw.tags?.branch ?? {}, destBranch: raw.tags?.dest_branch ?? {} },
    accessControl: completeAccessControl(raw.access_control),
    batchRuns: {
      enabled: raw.batch_runs?.enabled ?? false,
      maxWorkspacesPerBatch: Math.max(1, raw.batch_runs?.max_workspaces_per_batch ?? 1),
    },
    checkoutStrategy: raw.checkout_strategy ?? "merge",
    configBuilder: completeBuilder(raw.config_builder),
    treeBuilder: completeBuilder(raw.tree_builder),
    costEstimation: completeCostEstimation(raw.cost_estimation),
    drift: completeDrift(raw.drift),
    hooks: completeHooks(raw.hooks),
    indexer: {
      enabled: raw.indexer?.enabled ?? false,
      ...given("buildTag", raw.indexer?.build_tag),
    },
    integrations,
    notifications: completeNotifications(raw.notifications),
    stacks: completeStacks(raw.stacks),
    storage: { plans: completePlanStorage(raw.storage?.plans) },
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

function completeBuilder(raw: RawConfig["config_builder"]): Builder {
  return { enabled: raw?.enabled ?? false, ...given("script", raw?.script) };
}

/** Enabled is the default of the language; a server that has no prices to look up does nothing. */
function completeCostEstimation(raw: RawConfig["cost_estimation"]): CostEstimation {
  return {
    enabled: raw?.enabled ?? true,
    provider: raw?.provider ?? "infracost",
    currency: raw?.currency ?? "USD",
  };
}

function completeNotifications(raw: RawConfig["notifications"]): Notifications {
  return {
    // None is no policy: what nobody wrote adds no comment.
    policies: (raw?.policies ?? []).map((policy) => ({
      tagQuery: completeQuery(policy.tag_query),
      commentStrategy: policy.comment_strategy ?? "minimize",
    })),
    summary: { enabled: raw?.summary?.enabled ?? false },
    dirspaceChecks: {
      enabled: raw?.dirspace_checks?.enabled ?? false,
      max: raw?.dirspace_checks?.max ?? 20,
    },
    statuses: {
      enabled: raw?.statuses?.enabled ?? false,
      name: raw?.statuses?.name ?? "terrane",
    },
    labels: { enabled: raw?.labels?.enabled ?? false },
  };
}
