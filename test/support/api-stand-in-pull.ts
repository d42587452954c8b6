import type {
  ConversationEntry,
  DecisionView,
  DirspaceView,
  LocalForgeView,
  PullRequestDetail,
  RunView,
} from "../../src/contract/views.ts";
import type { ResourceChange } from "../../src/contract/work.ts";
import { counts, dirspace, HEAD, minutesAgo, OLD_HEAD } from "./api-stand-in-make.ts";
import { DB_PLAN, NETWORK_PLAN, STICKY } from "./api-stand-in-texts.ts";

const DB_CHANGES: ResourceChange[] = [
  { address: "aws_db_parameter_group.main", action: "update", replacePaths: [] },
  { address: "aws_db_instance.main", action: "replace", replacePaths: ["storage_encrypted"] },
  { address: "aws_db_subnet_group.old", action: "delete", replacePaths: [] },
  { address: 'aws_cloudwatch_metric_alarm.cpu["primary"]', action: "create", replacePaths: [] },
  { address: 'aws_cloudwatch_metric_alarm.cpu["replica"]', action: "create", replacePaths: [] },
];

function firstWave(): DirspaceView[] {
  return [
    dirspace("network", {
      phase: "applied",
      workspace: "prod",
      tags: ["dir:network", "workspace:prod", "team:platform"],
      counts: counts({ create: 2, update: 1 }),
      changes: [
        { address: 'module.vpc.aws_subnet.private["c"]', action: "create", replacePaths: [] },
        { address: 'module.vpc.aws_route_table.private["c"]', action: "create", replacePaths: [] },
        { address: "module.vpc.aws_vpc.main", action: "update", replacePaths: [] },
      ],
      planText: NETWORK_PLAN,
      outputs: [
        { name: "vpc_id", sensitive: false, value: "vpc-0f5c2a9e1d" },
        { name: "private_subnets", sensitive: false, value: '["subnet-0a1", "subnet-0b2"]' },
        { name: "peering_token", sensitive: true, value: null },
      ],
      planRun: "run-plan",
      applyRun: "run-apply",
    }),
    dirspace("iam/baseline", {
      phase: "unchanged",
      because: ["module `modules/tags` changed"],
      counts: counts(),
      planRun: "run-plan",
    }),
  ];
}

function laterWaves(): DirspaceView[] {
  return [
    dirspace("prod/db", {
      workspace: "prod",
      wave: 1,
      predecessors: ["network:prod"],
      tags: ["dir:prod/db", "workspace:prod", "team:dba"],
      counts: counts({ create: 2, update: 1, replace: 1, delete: 1, outputs: 1 }),
      changes: DB_CHANGES,
      planText: DB_PLAN,
      planRun: "run-plan-2",
    }),
    dirspace("prod/cache", {
      phase: "plan_failed",
      workspace: "prod",
      wave: 1,
      predecessors: ["network:prod"],
      failure: {
        step: "init",
        message: "terraform init ended with an error",
        tail: `Initializing the backend...\nInitializing provider plugins...\n\u001b[31m╷\u001b[0m\n\u001b[31m│\u001b[0m \u001b[1m\u001b[31mError: \u001b[0m\u001b[1mFailed to query available provider packages\u001b[0m\n\u001b[31m│\u001b[0m Could not retrieve the list of available versions for provider\n\u001b[31m│\u001b[0m hashicorp/aws: locked provider 5.61.0 does not match configured\n\u001b[31m│\u001b[0m version constraint ~> 5.70\n\u001b[31m╵\u001b[0m\n`,
        exitCode: 1,
        signal: null,
      },
      planRun: "run-plan-2",
    }),
    dirspace("prod/queue", {
      phase: "stale",
      workspace: "prod",
      wave: 1,
      predecessors: ["network:prod"],
      counts: counts({ update: 3 }),
      staleBecause: "The base branch moved to `5d0c7e1` since this plan was made.",
      lockedBy: [{ number: 37, because: "it applied and is not merged", since: minutesAgo(95) }],
      planRun: "run-plan-2",
    }),
    dirspace("prod/search", {
      phase: "planning",
      workspace: "prod",
      wave: 1,
      predecessors: ["network:prod"],
      planRun: "run-plan-2",
    }),
    dirspace("prod/app", {
      phase: "waiting",
      workspace: "prod",
      wave: 2,
      predecessors: ["prod/db:prod", "prod/cache:prod"],
      waitingFor: ["prod/db:prod", "prod/cache:prod"],
    }),
    dirspace("prod/app", {
      phase: "waiting",
      workspace: "prod-blue",
      wave: 2,
      predecessors: ["prod/db:prod"],
      waitingFor: ["prod/db:prod"],
      because: ["depends on `prod/db:prod`, which changes"],
    }),
  ];
}

function mainConversation(): ConversationEntry[] {
  return [
    { kind: "event", text: "mona opened this pull request", at: minutesAgo(184) },
    {
      kind: "comment",
      id: "c1",
      author: "terrane",
      byTerrane: true,
      markdown: STICKY,
      at: minutesAgo(183),
      editedAt: minutesAgo(4),
      acknowledged: false,
    },
    {
      kind: "comment",
      id: "c2",
      author: "mona",
      byTerrane: false,
      markdown:
        "Encryption at rest for the main database. **The instance is replaced**, so:\n\n- [x] snapshot taken\n- [ ] maintenance window agreed\n\nSee [the runbook](https://example.com/runbook) and `modules/db`.",
      at: minutesAgo(120),
      editedAt: null,
      acknowledged: false,
    },
    {
      kind: "review",
      id: "r1",
      author: "grace",
      verdict: "approved",
      commit: OLD_HEAD,
      at: minutesAgo(90),
    },
    { kind: "event", text: "mona pushed 8f3c1d2e", at: minutesAgo(60) },
    {
      kind: "comment",
      id: "c3",
      author: "mona",
      byTerrane: false,
      markdown: "terrane apply dir:prod/db",
      at: minutesAgo(5),
      editedAt: null,
      acknowledged: true,
    },
  ];
}

function mainDecisions(): DecisionView[] {
  return [
    {
      id: "1204",
      at: minutesAgo(4),
      event: "comment: terrane apply dir:prod/db",
      reasons: [
        {
          code: "E_NOT_APPROVED",
          title: "`prod/db:prod` needs 1 approval and has none of this commit",
          cause: "`grace` approved `1b2c3d4e`, and `8f3c1d2e` was pushed since.",
          next: "Get the approval, then comment `terrane apply dir:prod/db`.",
        },
      ],
    },
    {
      id: "1187",
      at: minutesAgo(60),
      event: "head moved to 8f3c1d2e",
      reasons: [
        {
          code: "I_PLAN_STARTED",
          title: "Planning 6 dirspaces",
          cause: "Files of the pull request touch them.",
          next: null,
        },
        {
          code: "I_RUN_SUPERSEDED",
          title: "Run 211 is pointless now",
          cause: "It planned `1b2c3d4e`.",
          next: null,
        },
      ],
    },
  ];
}

function mainForge(): LocalForgeView {
  return {
    conversation: mainConversation(),
    checks: [
      {
        name: "terrane/plan",
        status: "completed",
        conclusion: "failure",
        title: "1 of 8 dirspaces failed",
        summary: "",
      },
      {
        name: "terrane/apply",
        status: "completed",
        conclusion: "action_required",
        title: "1 dirspace needs an approval",
        summary: "",
      },
    ],
    commits: [
      {
        sha: OLD_HEAD,
        subject: "Encrypt the main database",
        author: "mona",
        at: minutesAgo(190),
      },
      { sha: HEAD, subject: "Add zone c", author: "mona", at: minutesAgo(61) },
    ],
    mergeable: "clean",
    people: [
      { login: "mona", permission: "admin" },
      { login: "grace", permission: "write" },
      { login: "otto", permission: "read" },
    ],
  };
}

export function mainPull(runs: readonly RunView[]): PullRequestDetail {
  return {
    repository: "infra",
    repositoryId: "repo-1",
    number: 42,
    title: "Encrypt the main database and add a third zone",
    author: "mona",
    state: "open",
    draft: false,
    headRef: "encrypt-db",
    headSha: HEAD,
    baseRef: "main",
    progress: {
      total: 8,
      changed: 1,
      unchanged: 1,
      failed: 1,
      running: 1,
      applied: 1,
      waiting: 3,
    },
    locks: 1,
    updatedAt: minutesAgo(4),
    url: null,
    notice: {
      at: minutesAgo(4),
      command: "terrane apply dir:prod/db",
      actor: "mona",
      outcome: "refused",
      reasons: [
        {
          code: "E_NOT_APPROVED",
          title: "`prod/db:prod` needs 1 approval and has none of this commit",
          cause: "`grace` approved `1b2c3d4e`, and `8f3c1d2e` was pushed since.",
          next: "Get the approval, then comment `terrane apply dir:prod/db`.",
        },
      ],
    },
    dirspaces: [...firstWave(), ...laterWaves()],
    settled: false,
    runs: runs.filter((run) => run.pullRequest === 42),
    decisions: mainDecisions(),
    comment: STICKY,
    local: mainForge(),
  };
}

/** A pull request with nothing unusual in it. */
export function pull(number: number, some: Partial<PullRequestDetail> = {}): PullRequestDetail {
  return {
    ...mainPull([]),
    number,
    title: `Change ${number}`,
    author: "grace",
    headRef: `change-${number}`,
    dirspaces: [],
    progress: {
      total: 0,
      changed: 0,
      unchanged: 0,
      failed: 0,
      running: 0,
      applied: 0,
      waiting: 0,
    },
    locks: 0,
    notice: null,
    settled: true,
    decisions: [],
    runs: [],
    comment: null,
    ...some,
  };
}
