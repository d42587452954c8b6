/** Valid configurations that touch most of the language; what is made of them is mostly almost valid. */
export const CONFIGS: readonly string[] = [
  "",
  "# nothing\n",
  `version: "1"
enabled: true
parallel_runs: 4
engine: {name: tofu, version: "1.8.0"}
when_modified:
  file_patterns: ["**/*.tf", "**/*.tfvars", "!**/test/**"]
  autoplan: true
  depends_on: {tag_query: "dir:base", prune_on_no_change: true}
dirs:
  "live/*/**":
    tags: [live]
    when_modified: {file_patterns: ["\${DIR}/*.tf", "modules/{a,b}/*.tf"]}
  app:
    create_and_select_workspace: false
    lock_branch_target: dest_branch
    workspaces:
      dev: {tags: [dev]}
      prod: {tags: [prod], when_modified: {autoplan: false, depends_on: "workspace:dev"}}
  db: {stacks: {one: {}}}
`,
  `definitions:
  steps: &steps
    - type: init
    - type: run
      cmd: ["sh", "-c", "echo hi"]
      run_on: always
    - {type: env, name: A, cmd: [date]}
    - type: plan
  base: &base {tag_query: "a and (b or c)", plan: *steps}
workflows:
  - <<: *base
    lock_policy: apply
    environment: "x-\${region}"
  - tag_query: "not (x in dir) or 'q q'"
    engine: {name: terragrunt, version: "0.60.0", tf_cmd: tofu}
    runs_on: [self-hosted, linux]
    plan: [{type: init}, {type: plan, mode: fast-and-loose}]
    apply: [{type: init}, {type: apply}]
hooks:
  all: {pre: [{type: oidc, provider: aws, role_arn: "arn:x"}]}
  plan: {post: [{type: run, cmd: [echo], run_on: failure, capture_output: true}]}
`,
  `access_control:
  enabled: true
  policies:
    - {tag_query: prod, plan: ["*"], apply: ["team:sre", "user:ada"], superapproval: ["role:admin"]}
    - {tag_query: ""}
  files: {"config.yml": ["team:sre"]}
apply_requirements:
  checks:
    - tag_query: ""
      approved: {enabled: true, any_of: ["team:a"], any_of_count: 2}
      status_checks: {enabled: true, ignore_matching: ["^ci/.*$", "/x+/"]}
tags:
  branch: {feature: "^feat/%w+", hot: "/^hotfix-[0-9]+$/"}
  dest_branch: {main: main}
destination_branches: [main, {branch: "release/*", source_branches: ["!dev", "*"]}]
automerge: {enabled: true, merge_strategy: squash}
batch_runs: {enabled: true, max_workspaces_per_batch: 10}
drift:
  enabled: true
  schedules:
    nightly:
      schedule: daily
      tag_query: prod
      reconcile: true
      window: {start: "22:00 UTC", end: "04:00 CET"}
stacks:
  names:
    net: {tag_query: "net in dir", variables: {region: eu}}
    app: {tag_query: app, rules: {plan_after: [net], auto_apply: true}}
    all: {stacks: [net, app]}
storage: {plans: {method: s3, bucket: b, region: r}}
notifications: {policies: [{tag_query: "", comment_strategy: append}]}
`,
  `default_tf_version: "1.5.7"
workflows: [{tag_query: "", terragrunt: true, terraform_version: "1.5.7"}]
apply_requirements: {checks: {approved: {enabled: true, count: 1}}}
drift: {enabled: true, schedule: weekly, tag_query: ""}
config_builder: {enabled: true, script: "#!/bin/sh\\necho"}
indexer: {enabled: false}
cost_estimation: {enabled: false}
`,
];

/** What breaks readers: names of the language's own objects, YAML's corners, endless repetition. */
export const TOKENS: readonly string[] = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "<<",
  "<<: *a",
  "&a ",
  "*a",
  "!!binary ",
  "!!js/function ",
  "!local ",
  "---\n",
  "...\n",
  "%YAML 1.1\n",
  "? ",
  ": ",
  "- ",
  "|\n",
  ">-\n",
  "[",
  "]",
  "{",
  "}",
  ",",
  '"',
  "'",
  "\\",
  "#",
  "\t",
  "\r\n",
  "\n",
  "\u0000",
  "\u0085",
  "\u2028",
  "\ufeff",
  "\ud800",
  "😀",
  "é",
  "e\u0301",
  "~",
  "null",
  "NaN",
  ".inf",
  "-0",
  "0x7fffffffffffffff",
  "1e400",
  "99999999999999999999999999",
  "1_000",
  "yes",
  "2026-01-01",
  "${DIR}",
  "${WORKSPACE}",
  "${",
  "**/",
  "*a*a*a*a*a*a*a*a",
  "{a,{b,{c,d}}}",
  "[!a-z]",
  "%b()",
  "%f[%w]",
  "/(a+)+$/",
  "/(?:x{1,1000}){1,1000}/",
  "(a or ",
  "not ",
  " in dir",
  "../",
  "0 0 31 2 *",
  "*/0 * * * *",
  "25:61 XYZ",
];

export const QUERIES: readonly string[] = [
  "",
  "a and b or c",
  "not (a in dir) and 'x y'",
  "relative_dir:../base or dir:a/b",
  "(a (b or (c and not d)))",
];

export const GLOBS: readonly string[] = [
  "**/*.tf",
  "a/{b,c/d}/[!x-z]?*.{tf,tfvars}",
  "${DIR}/../x/**",
  "!**/test/**",
  "a\\*b/**/c*d*e",
];

export const PATTERNS: readonly string[] = [
  "^feat/[%w_-]+$",
  "%f[%a]x.-y",
  "/^(a|b)*c{1,20}$/",
  "[^%s%p]+",
];
