import type { Json } from "./json.ts";
import type { RawConfig } from "./raw.ts";

const ANYONE = ["*"];
const NO_HOOKS = { pre: [], post: [] };

const ACCESS_CONTROL = {
  // Without the section; `builtInBeside` has what holds with it.
  enabled: false,
  apply_require_all_dirspace_access: true,
  plan_require_all_dirspace_access: false,
  terrateam_config_update: ANYONE,
  ci_config_update: ANYONE,
  unlock: ANYONE,
  files: {},
  policies: [
    {
      tag_query: "",
      plan: ANYONE,
      apply: ANYONE,
      apply_autoapprove: [],
      apply_force: [],
      apply_with_superapproval: [],
      superapproval: [],
    },
  ],
};

/**
 * The defaults of the language in the shape of a file: what `repo-config` shows for what nobody wrote.
 * What has no default, such as a builder's script, is not here.
 */
export const BUILT_IN: { readonly [key: string]: Json } = {
  version: "1",
  enabled: true,
  access_control: ACCESS_CONTROL,
  apply_requirements: {
    create_pending_apply_check: true,
    create_completed_apply_check_on_noop: false,
    checks: [
      {
        tag_query: "",
        approved: {
          enabled: false,
          all_of: [],
          any_of: [],
          any_of_count: 1,
          require_completed_reviews: false,
        },
        merge_conflicts: { enabled: true },
        status_checks: { enabled: true, ignore_matching: [] },
        apply_after_merge: { enabled: false },
        require_ready_for_review_pr: true,
      },
    ],
  },
  automerge: {
    enabled: false,
    delete_branch: false,
    merge_strategy: "auto",
    require_explicit_apply: false,
    retain_pr_title: false,
  },
  batch_runs: { enabled: false, max_workspaces_per_batch: 1 },
  checkout_strategy: "merge",
  config_builder: { enabled: false },
  cost_estimation: { enabled: true, provider: "infracost", currency: "USD" },
  create_and_select_workspace: true,
  default_branch_overrides: ["access_control", "apply_requirements", "destination_branches"],
  destination_branches: [],
  dirs: {},
  drift: { enabled: false, schedules: {} },
  engine: { name: "terraform", outputs: { collect: true } },
  hooks: { all: NO_HOOKS, plan: NO_HOOKS, apply: NO_HOOKS },
  indexer: { enabled: false },
  integrations: { resourcely: { enabled: false, extra_args: [] } },
  notifications: {
    policies: [],
    summary: { enabled: false },
    dirspace_checks: { enabled: false, max: 20 },
    statuses: { enabled: false, name: "terrane" },
    labels: { enabled: false },
  },
  parallel_runs: 3,
  stacks: { names: {} },
  storage: { plans: { method: "terrateam" } },
  tags: { branch: {}, dest_branch: {} },
  tree_builder: { enabled: false },
  when_modified: {
    file_patterns: ["**/*.tf", "**/*.tfvars"],
    autoplan: true,
    autoplan_draft_pr: true,
    autoapply: false,
  },
  workflows: [],
};

/** The defaults of what is left out of this configuration: rules that somebody wrote hold without `enabled`. */
export function builtInBeside({ access_control: written }: RawConfig): typeof BUILT_IN {
  if (written === undefined || written === null) return BUILT_IN;
  return { ...BUILT_IN, access_control: { ...ACCESS_CONTROL, enabled: true } };
}
