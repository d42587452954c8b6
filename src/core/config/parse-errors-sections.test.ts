import { expect, test } from "vitest";
import { parseConfig } from "./parse.ts";

const step = (text: string) => `workflows:\n  - tag_query: ""\n    plan:\n      - ${text}\n`;

/** What is broken, the document, where and how that is reported, and what to write instead. */
const BROKEN: readonly (readonly [string, string, string, string | undefined])[] = [
  [
    "a misspelt key of access control",
    "access_control:\n  enable: true\n",
    "2:3 unknown_key access_control.enable",
    "enabled",
  ],
  [
    "a policy without a query",
    "access_control:\n  policies:\n    - plan: ['*']\n",
    "3:7 missing_key access_control.policies[0].tag_query",
    undefined,
  ],
  [
    "text for a list of people",
    "access_control:\n  unlock: team:sre\n",
    "2:11 wrong_type access_control.unlock",
    '["team:sre"]',
  ],
  [
    "misspelt role",
    "access_control:\n  unlock: ['role:wirte']\n",
    "2:12 match access_control.unlock[0]",
    "role:write",
  ],
  [
    "a misspelt kind of match",
    "access_control:\n  unlock: ['usr:ann']\n",
    "2:12 match access_control.unlock[0]",
    "user:ann",
  ],
  [
    "a guarded file with an absolute path",
    "access_control:\n  files:\n    /a.tf: ['*']\n",
    '3:5 wrong_value access_control.files["/a.tf"]',
    undefined,
  ],
  [
    "a guarded file that is written in two ways",
    "access_control:\n  files:\n    ./a.tf: ['*']\n",
    '3:5 wrong_value access_control.files["./a.tf"]',
    "a.tf",
  ],
  [
    "a guarded file outside of the repository",
    "access_control:\n  files: {../a.tf: ['*']}\n",
    '2:11 wrong_value access_control.files["../a.tf"]',
    undefined,
  ],
  [
    "a misspelt operation of a policy",
    "access_control:\n  policies:\n    - {tag_query: '', aply: ['*']}\n",
    "3:23 unknown_key access_control.policies[0].aply",
    "apply",
  ],
  [
    "half the name of a guard",
    "access_control: {config_update: ['*']}\n",
    "1:18 unknown_key access_control.config_update",
    "terrateam_config_update",
  ],
  [
    "an unknown way to check out",
    "checkout_strategy: rebase\n",
    "1:20 wrong_value checkout_strategy",
    undefined,
  ],
  [
    "a list for a script",
    "config_builder: {enabled: true, script: [a]}\n",
    "1:41 wrong_type config_builder.script",
    undefined,
  ],
  [
    "an unknown provider of prices",
    "cost_estimation: {provider: infracst}\n",
    "1:29 wrong_value cost_estimation.provider",
    "infracost",
  ],
  [
    "drift in the older form without a schedule",
    "drift:\n  enabled: true\n  reconcile: true\n",
    "2:3 missing_key drift.schedule",
    undefined,
  ],
  [
    "drift in both forms",
    "drift:\n  schedule: daily\n  schedules: {a: {schedule: daily, tag_query: ''}}\n",
    "2:13 unknown_key drift.schedule",
    undefined,
  ],
  [
    "a misspelt schedule",
    "drift: {schedules: {a: {schedule: dayly, tag_query: ''}}}\n",
    "1:35 cron drift.schedules.a.schedule",
    "daily",
  ],
  [
    "a schedule that is none",
    "drift: {schedules: {a: {schedule: sometimes, tag_query: ''}}}\n",
    "1:35 cron drift.schedules.a.schedule",
    undefined,
  ],
  [
    "a cron expression with seconds",
    "drift: {schedules: {a: {schedule: '0 0 * * * *', tag_query: ''}}}\n",
    "1:35 cron drift.schedules.a.schedule",
    undefined,
  ],
  [
    "a minute that no hour has",
    "drift: {schedules: {a: {schedule: '61 0 * * *', tag_query: ''}}}\n",
    "1:35 cron drift.schedules.a.schedule",
    undefined,
  ],
  [
    "a day that never comes",
    "drift: {schedules: {a: {schedule: '0 0 30 2 *', tag_query: ''}}}\n",
    "1:35 cron drift.schedules.a.schedule",
    undefined,
  ],
  [
    "a schedule without a query",
    "drift: {schedules: {a: {schedule: daily}}}\n",
    "1:24 missing_key drift.schedules.a.tag_query",
    undefined,
  ],
  [
    "a misspelt time zone",
    "drift: {schedules: {a: {schedule: daily, tag_query: '', time_zone: Europe/Berln}}}\n",
    "1:68 time drift.schedules.a.time_zone",
    "Europe/Berlin",
  ],
  [
    "a city for a time zone",
    "drift: {schedules: {a: {schedule: daily, tag_query: '', time_zone: Tokyo}}}\n",
    "1:68 time drift.schedules.a.time_zone",
    "Asia/Tokyo",
  ],
  [
    "an offset for a time zone",
    "drift: {schedules: {a: {schedule: daily, tag_query: '', time_zone: '+02:00'}}}\n",
    "1:68 time drift.schedules.a.time_zone",
    undefined,
  ],
  [
    "a window without a time zone",
    "drift: {schedules: {a: {schedule: daily, tag_query: '', window: {start: '22:00', end: '06:00 UTC'}}}}\n",
    "1:73 time drift.schedules.a.window.start",
    "22:00 UTC",
  ],
  [
    "a window with a misspelt time zone",
    "drift: {schedules: {a: {schedule: daily, tag_query: '', window: {start: '22:00 Europ/Paris', end: '06:00 UTC'}}}}\n",
    "1:73 time drift.schedules.a.window.start",
    "22:00 Europe/Paris",
  ],
  [
    "a window at an hour that no day has",
    "drift: {schedules: {a: {schedule: daily, tag_query: '', window: {start: '25:00 UTC', end: '06:00 UTC'}}}}\n",
    "1:73 time drift.schedules.a.window.start",
    undefined,
  ],
  [
    "a number for a time",
    "drift: {schedules: {a: {schedule: daily, tag_query: '', window: {start: 22, end: '06:00 UTC'}}}}\n",
    "1:73 wrong_type drift.schedules.a.window.start",
    '"22"',
  ],
  [
    "a hook that initialises",
    "hooks: {all: {pre: [{type: init}]}}\n",
    "1:28 wrong_value hooks.all.pre[0].type",
    undefined,
  ],
  [
    "an unknown list of hooks",
    "hooks: {all: {before: [{type: init}]}}\n",
    "1:15 unknown_key hooks.all.before",
    undefined,
  ],
  [
    "an unknown way to group issues",
    "hooks: {all: {post: [{type: drift_create_issue, group_by: dir}]}}\n",
    "1:59 wrong_value hooks.all.post[0].group_by",
    undefined,
  ],
  [
    "a step that is only a hook",
    step("{type: drift_create_issue}"),
    "4:16 wrong_value workflows[0].plan[0].type",
    undefined,
  ],
  [
    "an integration that does not say whether it is on",
    "integrations: {resourcely: {extra_args: []}}\n",
    "1:28 missing_key integrations.resourcely.enabled",
    undefined,
  ],
  [
    "more checks than a branch can wait for",
    "notifications: {dirspace_checks: {enabled: true, max: 101}}\n",
    "1:55 wrong_value notifications.dirspace_checks.max",
    undefined,
  ],
  [
    "a strategy in another English",
    "notifications: {policies: [{tag_query: '', comment_strategy: minimise}]}\n",
    "1:62 wrong_value notifications.policies[0].comment_strategy",
    "minimize",
  ],
  [
    "a stack of nothing",
    "stacks:\n  names:\n    a: {variables: {}}\n",
    "3:8 missing_key stacks.names.a.tag_query",
    undefined,
  ],
  [
    "a stack of dirspaces and of stacks",
    "stacks: {names: {a: {tag_query: x, stacks: [b]}, b: {tag_query: ''}}}\n",
    "1:44 stack stacks.names.a.stacks",
    undefined,
  ],
  [
    "a stack with a misspelt query",
    "stacks: {names: {a: {tagquery: x}}}\n",
    "1:22 unknown_key stacks.names.a.tagquery",
    "tag_query",
  ],
  [
    "a variable that YAML reads as a number",
    "stacks: {names: {a: {tag_query: x, variables: {n: 1.10}}}}\n",
    "1:51 wrong_type stacks.names.a.variables.n",
    '"1.10"',
  ],
  [
    "a variable that no shell can have",
    "stacks: {names: {a: {tag_query: x, variables: {a-b: x}}}}\n",
    "1:48 wrong_value stacks.names.a.variables.a-b",
    undefined,
  ],
  [
    "a stack of an unknown stack",
    "stacks: {names: {network: {tag_query: x}, b: {stacks: [netwrok]}}}\n",
    "1:56 stack stacks.names.b.stacks[0]",
    "network",
  ],
  [
    "a rule about an unknown stack",
    "stacks: {names: {network: {tag_query: x, rules: {plan_after: [other]}}}}\n",
    "1:63 stack stacks.names.network.rules.plan_after[0]",
    undefined,
  ],
  [
    "half the name of a rule",
    "stacks: {names: {a: {tag_query: x, rules: {after: []}}}}\n",
    "1:44 unknown_key stacks.names.a.rules.after",
    "plan_after",
  ],
  [
    "stacks without `names`",
    "stacks: {a: {tag_query: x}}\n",
    "1:10 unknown_key stacks.a",
    undefined,
  ],
  [
    "a storage without a method",
    "storage: {plans: {bucket: a}}\n",
    "1:18 missing_key storage.plans.method",
    undefined,
  ],
  [
    "a method in capitals",
    "storage: {plans: {method: S3}}\n",
    "1:27 wrong_value storage.plans.method",
    "s3",
  ],
  [
    "a bucket with a command",
    "storage: {plans: {method: s3, bucket: a, region: b, store: [a]}}\n",
    "1:53 unknown_key storage.plans.store",
    undefined,
  ],
  [
    "a bucket without a region",
    "storage: {plans: {method: s3, bucket: a}}\n",
    "1:18 missing_key storage.plans.region",
    undefined,
  ],
  [
    "a command of a storage in one string",
    "storage: {plans: {method: cmd, store: 'a b', fetch: [b]}}\n",
    "1:39 wrong_type storage.plans.store",
    '["sh", "-c", "a b"]',
  ],
  [
    "keys of a cloud that is not named",
    step("{type: oidc, service_account: s, workload_identity_provider: w}"),
    "4:22 unknown_key workflows[0].plan[0].service_account",
    undefined,
  ],
  [
    "an unknown cloud",
    step("{type: oidc, provider: gpc, service_account: s}"),
    "4:32 wrong_value workflows[0].plan[0].provider",
    "gcp",
  ],
  [
    "credentials for less time than the cloud gives",
    step("{type: oidc, role_arn: x, duration: 100}"),
    "4:45 wrong_value workflows[0].plan[0].duration",
    undefined,
  ],
  [
    "a gate for nobody",
    step("{type: checkov, gate: {any_of: ['*'], any_of_count: 0}}"),
    "4:61 wrong_value workflows[0].plan[0].gate.any_of_count",
    undefined,
  ],
  [
    "a misspelt gate",
    step("{type: run, cmd: [a], on_error: [{type: gat}]}"),
    "4:49 wrong_value workflows[0].plan[0].on_error[0].type",
    "gate",
  ],
  [
    "runner defect 28: the gate of a policy tool at another step",
    step("{type: run, cmd: [a], gate: {any_of: [a]}}"),
    "4:31 unknown_key workflows[0].plan[0].gate",
    undefined,
  ],
  [
    "a key of another policy tool",
    step("{type: checkov, fail_on: defined}"),
    "4:25 unknown_key workflows[0].plan[0].fail_on",
    undefined,
  ],
  [
    "another word for a message",
    step("{type: slack, message: hi}"),
    "4:23 unknown_key workflows[0].plan[0].message",
    "msg",
  ],
  [
    "an empty command",
    step("{type: gates, cmd: []}"),
    "4:28 wrong_value workflows[0].plan[0].cmd",
    undefined,
  ],
  [
    "a name for what a script sets",
    step("{type: env, method: source, name: A, cmd: [a]}"),
    "4:37 unknown_key workflows[0].plan[0].name",
    undefined,
  ],
  [
    "a misspelt method",
    step("{type: env, method: sorce, cmd: [a]}"),
    "4:29 wrong_value workflows[0].plan[0].method",
    "source",
  ],
  [
    "an unknown format",
    step("{type: run, cmd: [a], format: md}"),
    "4:39 wrong_value workflows[0].plan[0].format",
    undefined,
  ],
  [
    "a format that has no options",
    step("{type: run, cmd: [a], format: {type: json}}"),
    "4:46 wrong_value workflows[0].plan[0].format.type",
    undefined,
  ],
];

test.each(BROKEN)("%s is refused with its place", (_name, text, place, suggestion) => {
  const { raw, diagnostics } = parseConfig(text, "config.yml");
  expect(raw).toBeUndefined();
  const [first] = diagnostics;
  expect(`${first?.line}:${first?.column} ${first?.code} ${first?.path}`).toBe(place);
  expect(first?.suggestion).toBe(suggestion);
  expect(first?.severity).toBe("error");
});
