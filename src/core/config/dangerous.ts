import { chosenRules } from "./chosen-rules.ts";
import type { Config } from "./config.ts";
import type { Finding } from "./finding.ts";
import type { Match } from "./match.ts";
import { DEFAULT_BRANCH_OVERRIDES } from "./merge.ts";
import type { Path } from "./places.ts";
import type { RawConfig } from "./raw.ts";

/**
 * Rules that let a change decide about itself. Each names what can happen and what to write instead;
 * a configuration that says nothing about these things has none.
 */
export function findDangerous(raw: RawConfig, config: Config): readonly Finding[] {
  return RULES.flatMap((rule) => rule(raw, config));
}

type Rule = (raw: RawConfig, config: Config) => readonly Finding[];

const RULES: readonly Rule[] = [
  guardsFromTheChange,
  openConfiguration,
  rulesByTags,
  builders,
  appliesWithoutApproval,
  openShortcuts,
  approvalsOfNobody,
];

/** Together they decide what runs with the credentials of the CI job. */
const WHAT_RUNS = [
  "workflows",
  "hooks",
  "engine",
  "config_builder",
  "tree_builder",
  "storage",
] as const;

function guardsFromTheChange(raw: RawConfig): readonly Finding[] {
  const listed = raw.default_branch_overrides;
  if (!listed) return [];
  const missing = DEFAULT_BRANCH_OVERRIDES.filter((key) => !listed.includes(key));
  if (missing.length === 0) return [];
  const message =
    `${names(missing)} can be changed by the very pull request that they are there to guard. ` +
    `Add ${names(missing)} to this list.`;
  return [dangerous(["default_branch_overrides"], message)];
}

function openConfiguration(raw: RawConfig, config: Config): readonly Finding[] {
  const { enabled, policies, configUpdate, ciConfigUpdate } = config.accessControl;
  const restricted = policies.some(({ apply }) => !isOpen(apply));
  if (!enabled || !restricted) return [];
  const open = [
    ...(isOpen(configUpdate) ? ["terrateam_config_update"] : []),
    ...(isOpen(ciConfigUpdate) ? ["ci_config_update"] : []),
  ];
  const missing = WHAT_RUNS.filter((key) => !config.defaultBranchOverrides.includes(key));
  if (open.length === 0 || missing.length === 0) return [];
  const message =
    `Only some people may apply, but a pull request of anyone can change what runs: ${names(open)} ` +
    `${open.length === 1 ? "is" : "are"} open to everyone, and ${names(missing)} ` +
    `${missing.length === 1 ? "comes" : "come"} from the pull request. Name in ${names(open)} who may, ` +
    `or add ${names(missing)} to \`default_branch_overrides\`.`;
  return [dangerous(["access_control"], message, true)];
}

/** They give a dirspace its tags. */
const GIVES_TAGS = ["dirs", "stacks", "tags"] as const;

/** `default_branch_overrides` keeps the rules, and not the tags by which they are found. */
function rulesByTags(_raw: RawConfig, config: Config): readonly Finding[] {
  const { enabled, configUpdate } = config.accessControl;
  const missing = GIVES_TAGS.filter((key) => !config.defaultBranchOverrides.includes(key));
  if ((enabled && !isOpen(configUpdate)) || missing.length === 0) return [];
  return chosenRules(config).map(({ path, tags, decides }) => {
    const message =
      `Tags decide ${decides} here, and a pull request of anyone can change its own: with other ${names(missing)} ` +
      `it gains or loses ${names(tags)}, and another rule judges it. Name in ` +
      "`access_control.terrateam_config_update` who may change the configuration, ask for a directory with " +
      `\`dir:\` or \`in dir\` instead, or add ${names(missing)} to \`default_branch_overrides\`.`;
    return dangerous(path, message);
  });
}

function builders(_raw: RawConfig, config: Config): readonly Finding[] {
  const sections = [
    { key: "config_builder", builder: config.configBuilder, gives: "the configuration" },
    { key: "tree_builder", builder: config.treeBuilder, gives: "the list of files" },
  ];
  return sections.flatMap(({ key, builder, gives }) => {
    if (!builder.enabled || config.defaultBranchOverrides.includes(key)) return [];
    const message =
      `A pull request can change this script, which runs before any review and gives ${gives}. ` +
      `Add \`${key}\` to \`default_branch_overrides\`.`;
    return [dangerous([key], message, true)];
  });
}

function appliesWithoutApproval(_raw: RawConfig, config: Config): readonly Finding[] {
  const asked = config.applyRequirements.checks.some(({ approved }) => approved.enabled);
  if (asked) return [];
  const advice =
    "Set `approved: {enabled: true}` in `apply_requirements.checks` for those that somebody should look at first.";
  const applied = "What is planned is applied at once, and nobody has to approve it. ";
  const merged = "A pull request merges by itself after its apply, and nobody has to approve it. ";
  return [
    ...autoapplied(config).map((path) => dangerous(path, applied + advice)),
    ...(config.automerge.enabled ? [dangerous(["automerge", "enabled"], merged + advice)] : []),
  ];
}

function autoapplied({ whenModified, dirs, stacks }: Config): readonly Path[] {
  return [
    ...(whenModified.autoapply ? [["when_modified", "autoapply"]] : []),
    ...dirs.flatMap((dir) => [
      ...(dir.whenModified.autoapply === true
        ? [["dirs", dir.key, "when_modified", "autoapply"]]
        : []),
      ...dir.workspaces.flatMap((workspace) =>
        workspace.whenModified.autoapply === true
          ? [
              [
                "dirs",
                dir.key,
                workspace.tagKey === "stack" ? "stacks" : "workspaces",
                workspace.name,
                "when_modified",
                "autoapply",
              ],
            ]
          : [],
      ),
    ]),
    ...stacks.flatMap(({ name, rules }) =>
      rules.autoApply === true ? [["stacks", "names", name, "rules", "auto_apply"]] : [],
    ),
  ];
}

function openShortcuts(_raw: RawConfig, { accessControl }: Config): readonly Finding[] {
  if (!accessControl.enabled) return [];
  return accessControl.policies.flatMap(({ applyForce, applyAutoapprove }, index) => {
    const path: Path = ["access_control", "policies", index];
    const force =
      "Everyone may apply without the apply requirements. Name who may in an emergency, such as `team:on-call`.";
    const autoapprove =
      "Everyone may apply without a plan that somebody has seen. Name who may, such as `team:on-call`.";
    return [
      ...(isOpen(applyForce) ? [dangerous([...path, "apply_force"], force)] : []),
      ...(isOpen(applyAutoapprove) ? [dangerous([...path, "apply_autoapprove"], autoapprove)] : []),
    ];
  });
}

function approvalsOfNobody(_raw: RawConfig, config: Config): readonly Finding[] {
  return config.applyRequirements.checks.flatMap(({ approved }, index) => {
    const { enabled, allOf, anyOf, anyOfCount } = approved;
    if (!enabled || allOf.length > 0 || anyOfCount > 0) return [];
    const whom = anyOf.length === 0 ? "nobody" : "none of them";
    const message =
      `This asks for approvals and then for ${whom}, so that it always holds. Set \`any_of_count\` ` +
      "to 1 or more, or name people in `all_of`.";
    return [dangerous(["apply_requirements", "checks", index, "approved"], message, true)];
  });
}

function isOpen(matches: readonly Match[]): boolean {
  return matches.some(({ kind }) => kind === "anyone");
}

function names(keys: readonly string[]): string {
  return keys.map((key) => `\`${key}\``).join(", ");
}

function dangerous(path: Path, message: string, atKey = false): Finding {
  return { severity: "warning", code: "dangerous", message, path, ...(atKey ? { atKey } : {}) };
}
