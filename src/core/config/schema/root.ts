import { z } from "zod";
import { applyRequirements } from "./apply-requirements.ts";
import { dirs } from "./dirs.ts";
import { engine } from "./engine.ts";
import { branchPattern, optional, strict } from "./helpers.ts";
import { whenModified } from "./when-modified.ts";
import { workflow } from "./workflows.ts";

/** Keys of the language that this version reads past, with a warning. */
export const UNSUPPORTED_KEYS = [
  "access_control",
  "batch_runs",
  "checkout_strategy",
  "config_builder",
  "cost_estimation",
  "drift",
  "hooks",
  "indexer",
  "integrations",
  "notifications",
  "stacks",
  "storage",
  "tree_builder",
] as const;

const unsupported = z.unknown().optional();

const supported = {
  version: optional(z.literal("1")),
  enabled: optional(z.boolean()),
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
  create_and_select_workspace: optional(z.boolean()),
  default_tf_version: optional(z.string()),
  definitions: z.unknown().optional(),
  destination_branches: optional(
    z.array(
      z.union([
        z.string(),
        strict({ branch: z.string(), source_branches: optional(z.array(z.string())) }),
      ]),
    ),
  ),
  dirs: optional(dirs),
  engine: optional(engine),
  parallel_runs: optional(z.int().min(1)),
  tags: optional(
    strict({
      branch: optional(z.record(z.string(), branchPattern)),
      dest_branch: optional(z.record(z.string(), branchPattern)),
    }),
  ),
  when_modified: optional(whenModified),
  workflows: optional(z.array(workflow)),
};

const reserved = {
  access_control: unsupported,
  batch_runs: unsupported,
  checkout_strategy: unsupported,
  config_builder: unsupported,
  cost_estimation: unsupported,
  drift: unsupported,
  hooks: unsupported,
  indexer: unsupported,
  integrations: unsupported,
  notifications: unsupported,
  stacks: unsupported,
  storage: unsupported,
  tree_builder: unsupported,
} satisfies Record<(typeof UNSUPPORTED_KEYS)[number], typeof unsupported>;

export const TOP_LEVEL_KEYS = [
  ...Object.keys(supported),
  "default_branch_overrides",
  ...UNSUPPORTED_KEYS,
].sort();

/** The whole language at the top level, exactly as it may be written. */
export const configSchema = strict({
  ...supported,
  ...reserved,
  default_branch_overrides: optional(z.array(z.enum(TOP_LEVEL_KEYS))),
});

export type ConfigInput = z.infer<typeof configSchema>;
