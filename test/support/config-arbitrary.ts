import fc from "fast-check";
import type { Json } from "../../src/core/config/json.ts";
import type { RawConfig } from "../../src/core/config/raw.ts";
import { TOP_LEVEL_KEYS } from "../../src/core/config/schema/root.ts";
import { hook, step } from "./config-arbitrary-steps.ts";
import {
  argv,
  bool,
  count,
  key,
  matchList,
  maybe,
  query,
  some,
  text,
  word,
} from "./config-arbitrary-words.ts";

const filePattern = fc.constantFrom(
  "**/*.tf",
  "!*.auto.tf",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the language's own variable.
  "${DIR}/../modules/**/*.tf",
  "{a,b}/[cd]?.tfvars",
);

const whenModified = maybe({
  file_patterns: fc.array(filePattern, { maxLength: 3 }),
  autoplan: bool,
  autoplan_draft_pr: bool,
  autoapply: bool,
  depends_on: fc.oneof(query, some({ tag_query: query }, { prune_on_no_change: bool })),
});

const tags = fc.array(word, { maxLength: 2 });

const workspaces = (prefix: string) =>
  fc.dictionary(
    word.map((name) => prefix + name),
    fc.option(maybe({ tags, when_modified: whenModified })),
    { maxKeys: 2 },
  );

const dirs = fc.dictionary(
  fc.oneof(
    word,
    fc.constantFrom(".", "a/b", "env/*", "**/prod", "{a,b}/c", "main.tf", "<<", "1", "0x1", "null"),
  ),
  fc.option(
    maybe({
      create_and_select_workspace: bool,
      create_if_missing: bool,
      lock_branch_target: fc.constantFrom("all" as const, "dest_branch" as const),
      tags,
      when_modified: whenModified,
      workspaces: workspaces("w"),
      stacks: workspaces("s"),
    }),
  ),
  { maxKeys: 4 },
);

const common = { override_tf_cmd: text, outputs: maybe({ collect: bool }) };

const engine = fc.oneof(
  some(
    { name: fc.constantFrom("terraform" as const, "tofu" as const) },
    { version: text, ...common },
  ),
  some(
    { name: fc.constantFrom("terragrunt" as const, "stategraph" as const) },
    { version: text, tf_cmd: text, tf_version: text, ...common },
  ),
  some({ name: fc.constant("cdktf" as const) }, { tf_cmd: text, tf_version: text, ...common }),
  some({ name: fc.constant("pulumi" as const) }, {}),
  some({ name: fc.constant("fly" as const), config_file: text }, {}),
  some(
    { name: fc.constant("custom" as const) },
    { init: argv, plan: argv, diff: argv, apply: argv, unsafe_apply: argv, outputs: argv },
  ),
);

const integrations = maybe({ resourcely: some({ enabled: bool }, { extra_args: argv }) });

const json = fc.jsonValue({ maxDepth: 2 }).map(withoutTraps);

const workflow = some(
  { tag_query: query },
  {
    plan: fc.array(step, { maxLength: 4 }),
    apply: fc.array(step, { maxLength: 4 }),
    engine,
    environment: text,
    integrations,
    lock_policy: fc.constantFrom(
      "strict" as const,
      "apply" as const,
      "merge" as const,
      "none" as const,
    ),
    runs_on: json,
  },
);

const on = maybe({ enabled: bool });

const applyRequirements = maybe({
  create_pending_apply_check: bool,
  create_completed_apply_check_on_noop: bool,
  checks: fc.array(
    some(
      { tag_query: query },
      {
        approved: maybe({
          enabled: bool,
          all_of: matchList,
          any_of: matchList,
          any_of_count: count,
          require_completed_reviews: bool,
        }),
        merge_conflicts: on,
        status_checks: maybe({ enabled: bool, ignore_matching: fc.array(text, { maxLength: 2 }) }),
        apply_after_merge: on,
        require_ready_for_review_pr: bool,
      },
    ),
    { maxLength: 2 },
  ),
});

const accessControl = maybe({
  enabled: bool,
  apply_require_all_dirspace_access: bool,
  plan_require_all_dirspace_access: bool,
  terrateam_config_update: matchList,
  ci_config_update: matchList,
  unlock: matchList,
  files: fc.dictionary(fc.constantFrom("a.tf", "a/b.tf", "with space.tf", "<<"), matchList),
  policies: fc.array(
    some(
      { tag_query: query },
      {
        plan: matchList,
        apply: matchList,
        apply_autoapprove: matchList,
        apply_force: matchList,
        apply_with_superapproval: matchList,
        superapproval: matchList,
      },
    ),
    { maxLength: 2 },
  ),
});

const windowTime = fc.constantFrom("22:00 UTC", "6:30 pm EST", "06:00:00 Europe/Paris", "0:00 cet");

const drift = maybe({
  enabled: bool,
  schedules: fc.dictionary(
    key,
    some(
      {
        schedule: fc.constantFrom("hourly", "monthly", "0 3 * * MON-FRI", "*/5 * 31 1,7 *"),
        tag_query: query,
      },
      {
        time_zone: fc.constantFrom("UTC", "Europe/Paris", "America/New_York"),
        reconcile: bool,
        window: some({ start: windowTime, end: windowTime }, {}),
      },
    ),
    { maxKeys: 2 },
  ),
});

/** Whatever a stack names is the implicit one, or one of these: it has to be there. */
const STACKS = ["network", "prod", "with space"];
const stackNames = fc.subarray(["default", ...STACKS]);
const aboutStack = {
  variables: fc.dictionary(fc.constantFrom("region", "ACCOUNT_ID"), text),
  rules: maybe({
    plan_after: stackNames,
    apply_after: stackNames,
    modified_by: stackNames,
    auto_apply: bool,
  }),
};
const stack = fc.oneof(
  some({ tag_query: query }, aboutStack),
  some({ stacks: stackNames }, aboutStack),
);
const stacks = maybe({
  names: fc
    .tuple(...STACKS.map(() => stack))
    .map((all) => Object.fromEntries(all.map((one, index) => [STACKS[index] ?? "", one]))),
});

const hookLists = maybe({
  pre: fc.array(hook, { maxLength: 2 }),
  post: fc.array(hook, { maxLength: 2 }),
});

const plans = fc.oneof(
  some(
    { method: fc.constantFrom("server" as const, "terrane" as const, "terrateam" as const) },
    {},
  ),
  some({ method: fc.constant("cmd" as const), store: argv, fetch: argv }, { delete: argv }),
  some(
    { method: fc.constant("s3" as const), bucket: word, region: word },
    {
      path: text,
      access_key_id: text,
      secret_access_key: text,
      delete_used_plans: bool,
      store_extra_args: argv,
      fetch_extra_args: argv,
      delete_extra_args: argv,
    },
  ),
);

const branch = text.filter((name) => name !== "");
const branchPattern = fc.constantFrom("^release/", "/^(main|dev)$/", "%d+", "");
const builder = maybe({ enabled: bool, script: text });

/** Every configuration that can be written without deprecated keys, as it is read. */
export const rawConfig: fc.Arbitrary<RawConfig> = maybe({
  version: fc.constant("1" as const),
  enabled: bool,
  access_control: accessControl,
  apply_requirements: applyRequirements,
  automerge: maybe({
    enabled: bool,
    delete_branch: bool,
    merge_strategy: fc.constantFrom(
      "auto" as const,
      "merge" as const,
      "rebase" as const,
      "squash" as const,
    ),
    require_explicit_apply: bool,
    retain_pr_title: bool,
  }),
  batch_runs: maybe({ enabled: bool, max_workspaces_per_batch: fc.integer({ min: -2, max: 50 }) }),
  checkout_strategy: fc.constantFrom("merge" as const, "checkout" as const),
  config_builder: builder,
  cost_estimation: maybe({
    enabled: bool,
    provider: fc.constant("infracost" as const),
    currency: word,
  }),
  create_and_select_workspace: bool,
  default_branch_overrides: fc.subarray([...TOP_LEVEL_KEYS]),
  definitions: json,
  destination_branches: fc.array(
    fc.oneof(branch, some({ branch }, { source_branches: fc.array(branch, { maxLength: 2 }) })),
    { maxLength: 2 },
  ),
  dirs,
  drift,
  engine,
  hooks: maybe({ all: hookLists, plan: hookLists, apply: hookLists }),
  indexer: maybe({ enabled: bool, build_tag: text }),
  integrations,
  notifications: maybe({
    policies: fc.array(
      some(
        { tag_query: query },
        {
          comment_strategy: fc.constantFrom(
            "append" as const,
            "delete" as const,
            "minimize" as const,
          ),
        },
      ),
      { maxLength: 2 },
    ),
    summary: on,
    dirspace_checks: maybe({ enabled: fc.boolean(), max: count }),
    statuses: maybe({
      enabled: fc.boolean(),
      name: fc.constantFrom("terrane" as const, "terrateam" as const),
    }),
    labels: on,
  }),
  parallel_runs: count,
  stacks,
  storage: maybe({ plans }),
  tags: maybe({
    branch: fc.dictionary(word, branchPattern, { maxKeys: 2 }),
    dest_branch: fc.dictionary(word, branchPattern, { maxKeys: 2 }),
  }),
  tree_builder: builder,
  when_modified: whenModified,
  workflows: fc.array(workflow, { maxLength: 2 }),
});

/** `-0` is `0` in a file, and `__proto__` is refused as a key. */
function withoutTraps(value: unknown): Json {
  return JSON.parse(JSON.stringify(value).replaceAll("__proto__", "proto")) as Json;
}
