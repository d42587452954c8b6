import type {
  LockView,
  PullRequestDetail,
  RunView,
  SetAsideView,
} from "../../src/contract/views.ts";
import { budgetExample } from "./api-stand-in-budget.ts";
import { exampleVcs } from "./api-stand-in-configuration.ts";
import { dirspace, minutesAgo, type World } from "./api-stand-in-make.ts";
import { mainPull, pull } from "./api-stand-in-pull.ts";
import { DB_LOG, ESC, runs } from "./api-stand-in-runs.ts";
import { DIFF } from "./api-stand-in-texts.ts";

export function exampleWorld(): World {
  const allRuns = runs();
  return {
    server: { version: "0.1.0", vcs: ["local"], actor: "mona", database: "embedded" },
    repositories: [
      {
        id: "repo-1",
        vcs: "local",
        fullName: "infra",
        defaultBranch: "main",
        cloneUrl: "http://127.0.0.1:8080/git/infra.git",
        openPullRequests: 5,
        planned: true,
      },
    ],
    pulls: pulls(allRuns),
    runs: allRuns,
    locks: [
      lock("network", 42, { title: "Encrypt the main database and add a third zone" }),
      lock("prod/queue", 37, { since: minutesAgo(95), waiting: [42, 41] }),
      lock("prod/mail", 37, { since: minutesAgo(95), applyInFlight: true }),
      lock("audit", 33, {
        title: "Add the audit bucket",
        because: "merged",
        since: minutesAgo(9_000),
        workspace: "default",
      }),
    ],
    setAside: [],
    budget: budgetExample(),
    diff: DIFF,
    vcs: exampleVcs(),
    code: new Map(),
    output: new Map([
      ["run-plan-2 prod/db:prod", { chunks: DB_LOG, ended: true }],
      [
        "run-plan-2 prod/cache:prod",
        { chunks: [...DB_LOG.slice(0, 1), `${ESC}[31mError: no version${ESC}[0m\n`], ended: true },
      ],
      ["run-plan-2 prod/search:prod", { chunks: DB_LOG.slice(0, 2), ended: false }],
    ]),
  };
}

function pulls(allRuns: readonly RunView[]): PullRequestDetail[] {
  return [
    mainPull(allRuns),
    pull(41, {
      title: "Upgrade every cluster to 1.33",
      author: "otto",
      headRef: "k8s-133",
      updatedAt: minutesAgo(22),
      progress: {
        total: 14,
        changed: 3,
        unchanged: 10,
        failed: 0,
        running: 0,
        applied: 1,
        waiting: 0,
      },
    }),
    pull(40, {
      title: "Rotate the signing keys of the staging registry and everything that trusts them",
      draft: true,
      headRef: "rotate-staging-registry-signing-keys-and-their-consumers",
      updatedAt: minutesAgo(180),
      progress: {
        total: 4,
        changed: 0,
        unchanged: 0,
        failed: 0,
        running: 4,
        applied: 0,
        waiting: 0,
      },
    }),
    pull(37, {
      title: "Give the queue a dead letter",
      locks: 2,
      updatedAt: minutesAgo(95),
      dirspaces: [dirspace("prod/queue", { workspace: "prod", phase: "unknown" })],
      progress: {
        total: 2,
        changed: 0,
        unchanged: 0,
        failed: 0,
        running: 0,
        applied: 2,
        waiting: 0,
      },
      runs: allRuns.filter((one) => one.pullRequest === 37),
    }),
    pull(36, { title: "Correct a typo in the README", updatedAt: minutesAgo(2_000) }),
    pull(33, { title: "Add the audit bucket", state: "merged", updatedAt: minutesAgo(9_000) }),
    pull(31, { title: "Try spot instances", state: "closed", updatedAt: minutesAgo(90_000) }),
  ];
}

/** What needs somebody; nothing of it in the example world. */
export function failures(): SetAsideView[] {
  const of = { repository: "infra", repositoryId: "repo-1" };
  return [
    {
      ...of,
      id: "effect-merge:0b9a64c2-5c0e-4f6e-9a4f-0f4a5f3f7c11:8f3c1d2e",
      kind: "effect",
      what: "merge",
      pullRequest: 41,
      error: "The VCS answered 405 to the merge: a required review is missing.",
      attempts: 1,
      since: minutesAgo(14),
    },
    {
      ...of,
      id: "event-6a1d7c1e-8a55-4d3e-8a0e-1f2f4f1c9b21",
      kind: "event",
      what: "review_changed",
      pullRequest: 37,
      error:
        "TypeError: Cannot read properties of undefined (reading 'headSha')\n    at settle (settle.ts:41:12)\n    at evaluate (evaluate.ts:77:10)",
      attempts: 4,
      since: minutesAgo(1_700),
    },
  ];
}

function lock(dir: string, pullRequest: number, some: Partial<LockView> = {}): LockView {
  return {
    repository: "infra",
    repositoryId: "repo-1",
    dir,
    workspace: "prod",
    pullRequest,
    title: "Give the queue a dead letter",
    because: "applied",
    since: minutesAgo(29),
    applyInFlight: false,
    inDoubt: false,
    local: true,
    waiting: [],
    ...some,
  };
}
