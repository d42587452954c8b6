import { z } from "zod";
import { accessControl } from "./access-control.ts";
import { applyRequirements } from "./apply-requirements.ts";
import { dirs } from "./dirs.ts";
import { drift } from "./drift.ts";
import { engine } from "./engine.ts";
import { branchName, branchPattern, optional, strict, tagName } from "./helpers.ts";
import { hooks } from "./hooks.ts";
import { integrations } from "./integrations.ts";
import { notifications } from "./notifications.ts";
import { stacks } from "./stacks.ts";
import { storage } from "./storage.ts";
import { whenModified } from "./when-modified.ts";
import { workflow } from "./workflows.ts";

const builder = optional(strict({ enabled: optional(z.boolean()), script: optional(z.string()) }));

const keys = {
  version: optional(z.literal("1")),
  enabled: optional(z.boolean()),
  access_control: optional(accessControl),
  apply_requirements: optional(applyRequirements),
  automerge: optional(
    strict({
      enabled: optional(z.boolean()),
      delete_branch: optional(z.boolean()),
      merge_strategy: optional(z.enum(["auto", "merge", "rebase", "squash"])),
      require_explicit_apply: optional(z.boolean()),
      retain_pr_title: optional(z.boolean()),
    }),
  ),
  batch_runs: optional(
    strict({
      enabled: optional(z.boolean()),
      max_workspaces_per_batch: optional(z.int()),
    }),
  ),
  checkout_strategy: optional(z.enum(["merge", "checkout"])),
  config_builder: builder,
  cost_estimation: optional(
    strict({
      enabled: optional(z.boolean()),
      provider: optional(z.enum(["infracost", "openinfraquote"])),
      currency: optional(z.string().min(1)),
    }),
  ),
  create_and_select_workspace: optional(z.boolean()),
  default_tf_version: optional(z.string()),
  definitions: z.unknown().optional(),
  destination_branches: optional(
    z.array(
      z.union([
        branchName,
        strict({ branch: branchName, source_branches: optional(z.array(branchName)) }),
      ]),
    ),
  ),
  dirs: optional(dirs),
  drift: optional(drift),
  engine: optional(engine),
  hooks: optional(hooks),
  indexer: optional(strict({ enabled: optional(z.boolean()), build_tag: optional(z.string()) })),
  integrations: optional(integrations),
  notifications: optional(notifications),
  parallel_runs: optional(z.int()),
  stacks: optional(stacks),
  storage: optional(storage),
  tags: optional(
    strict({
      branch: optional(z.record(tagName, branchPattern)),
      dest_branch: optional(z.record(tagName, branchPattern)),
    }),
  ),
  tree_builder: builder,
  when_modified: optional(whenModified),
  workflows: optional(z.array(workflow)),
};

export const TOP_LEVEL_KEYS = [...Object.keys(keys), "default_branch_overrides"].sort();

/** The whole language at the top level, exactly as it may be written. */
export const configSchema = strict({
  ...keys,
  default_branch_overrides: optional(z.array(z.enum(TOP_LEVEL_KEYS))),
});

export type ConfigInput = z.infer<typeof configSchema>;
