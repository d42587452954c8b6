import type { Json } from "./json.ts";
import type { Path } from "./places.ts";

const ANYONE: Json = ["*"];
const OFF: Json = { enabled: false };
const ON: Json = { enabled: true };

/**
 * What counts where nobody writes anything, in the shape of a file: what `complete.ts` fills in. What is
 * replaced as a whole, such as an engine, is one value. Directories, workflows and stacks are not
 * listed: there are none, and what they leave open they inherit.
 */
export const DEFAULTS: readonly (readonly [path: Path, value: Json])[] = [
  [["access_control", "enabled"], false],
  [["access_control", "apply_require_all_dirspace_access"], true],
  [["access_control", "plan_require_all_dirspace_access"], false],
  [["access_control", "terrateam_config_update"], ANYONE],
  [["access_control", "ci_config_update"], ANYONE],
  [["access_control", "unlock"], ANYONE],
  [["access_control", "files"], {}],
  [["access_control", "policies"], [{ tag_query: "" }]],
  [["apply_requirements", "create_pending_apply_check"], true],
  [["apply_requirements", "create_completed_apply_check_on_noop"], false],
  [
    ["apply_requirements", "checks"],
    [
      {
        tag_query: "",
        approved: OFF,
        merge_conflicts: ON,
        status_checks: ON,
        apply_after_merge: OFF,
        require_ready_for_review_pr: true,
      },
    ],
  ],
  [["automerge", "enabled"], false],
  [["automerge", "delete_branch"], false],
  [["automerge", "merge_strategy"], "auto"],
  [["automerge", "require_explicit_apply"], false],
  [["automerge", "retain_pr_title"], false],
  [["batch_runs", "enabled"], false],
  [["batch_runs", "max_workspaces_per_batch"], 1],
  [["checkout_strategy"], "merge"],
  [["config_builder", "enabled"], false],
  [["cost_estimation", "enabled"], true],
  [["cost_estimation", "provider"], "infracost"],
  [["cost_estimation", "currency"], "USD"],
  [["create_and_select_workspace"], true],
  [["default_branch_overrides"], ["access_control", "apply_requirements", "destination_branches"]],
  [["destination_branches"], []],
  [["drift", "enabled"], false],
  [["enabled"], true],
  [["engine"], { name: "terraform" }],
  [["indexer", "enabled"], false],
  [["integrations", "resourcely"], OFF],
  [["notifications", "policies"], [{ tag_query: "", comment_strategy: "minimize" }]],
  [["notifications", "summary", "enabled"], false],
  [["parallel_runs"], 3],
  [["storage", "plans"], { method: "terrateam" }],
  [["tree_builder", "enabled"], false],
  [
    ["when_modified", "file_patterns"],
    ["**/*.tf", "**/*.tfvars"],
  ],
  [["when_modified", "autoplan"], true],
  [["when_modified", "autoplan_draft_pr"], true],
  [["when_modified", "autoapply"], false],
];
