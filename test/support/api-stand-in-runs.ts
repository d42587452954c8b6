import type { JobWaitView, RunUnitView, RunView } from "../../src/contract/views.ts";
import { counts, HEAD, minutesAgo, OLD_HEAD } from "./api-stand-in-make.ts";

export function unit(dir: string, some: Partial<RunUnitView> = {}): RunUnitView {
  const workspace = some.workspace ?? "prod";
  return {
    key: `${dir}:${workspace}`,
    dir,
    workspace,
    state: "planned",
    standing: some.state ?? "planned",
    changed: true,
    counts: null,
    failure: null,
    startedAt: minutesAgo(59),
    endedAt: minutesAgo(58),
    durationMs: 42_300,
    outputChunks: 3,
    ...some,
  };
}

function run(some: Partial<RunView> & Pick<RunView, "id" | "number" | "unitList">): RunView {
  const { unitList } = some;
  return {
    repository: "infra",
    repositoryId: "repo-1",
    pullRequest: 42,
    kind: "plan",
    state: "ended",
    standing: some.state ?? "ended",
    outcome: "finished",
    headSha: HEAD,
    actor: null,
    createdAt: minutesAgo(60),
    claimedAt: minutesAgo(59.8),
    endedAt: minutesAgo(58),
    units: unitList.length,
    unitsEnded: unitList.filter((one) => one.endedAt !== null).length,
    unitsFailed: unitList.filter((one) => one.state === "failed").length,
    ciUrl: null,
    message: null,
    ...some,
  };
}

export function runs(): RunView[] {
  const running = { startedAt: minutesAgo(3), endedAt: null, durationMs: null } as const;
  return [
    run({
      id: "run-plan-2",
      number: 214,
      state: "running",
      outcome: null,
      actor: "mona",
      createdAt: minutesAgo(3.4),
      claimedAt: minutesAgo(3.2),
      endedAt: null,
      unitList: [
        unit("prod/db", { counts: counts({ create: 2, update: 1, replace: 1, delete: 1 }) }),
        unit("prod/cache", {
          state: "failed",
          changed: null,
          durationMs: 3_900,
          failure: {
            step: "init",
            message: "terraform init ended with an error",
            tail: "",
            exitCode: 1,
            signal: null,
          },
        }),
        unit("prod/queue", { counts: counts({ update: 3 }) }),
        unit("prod/search", { state: "running", changed: null, ...running }),
        unit("prod/mail", { state: "queued", changed: null, ...running, startedAt: null }),
      ],
    }),
    run({
      id: "run-apply",
      number: 213,
      kind: "apply",
      actor: "mona",
      createdAt: minutesAgo(31),
      claimedAt: minutesAgo(30.8),
      endedAt: minutesAgo(29),
      unitList: [unit("network", { state: "applied", durationMs: 96_000 })],
    }),
    run({ id: "run-plan", number: 212, unitList: [unit("network"), unit("iam/baseline")] }),
    run({
      id: "run-old",
      number: 211,
      outcome: "superseded",
      headSha: OLD_HEAD,
      createdAt: minutesAgo(184),
      claimedAt: minutesAgo(183.7),
      endedAt: minutesAgo(182),
      unitList: [unit("network")],
    }),
    run({
      id: "run-lost",
      number: 209,
      kind: "apply",
      outcome: "lost",
      pullRequest: 37,
      actor: "grace",
      createdAt: minutesAgo(2_900),
      claimedAt: minutesAgo(2_899),
      endedAt: minutesAgo(2_880),
      message: "The runner has not reported for 5 minutes. What it applied is not known.",
      unitList: [unit("prod/queue", { state: "unknown", durationMs: null })],
    }),
  ];
}

/** Not part of the example world, where nothing waits for a job. */
export function queuedRun(wait: JobWaitView): RunView {
  return run({
    id: "run-queued",
    number: 215,
    pullRequest: 41,
    state: "queued",
    outcome: null,
    actor: "grace",
    createdAt: minutesAgo(2),
    claimedAt: null,
    endedAt: null,
    wait,
    unitList: [
      unit("prod/search", {
        state: "queued",
        changed: null,
        startedAt: null,
        endedAt: null,
        durationMs: null,
        outputChunks: 0,
      }),
    ],
  });
}

export const ESC = "\u001b";
export const DB_LOG = [
  `${ESC}[1mInitializing the backend...${ESC}[0m\n${ESC}[32mSuccessfully configured the backend "s3"!${ESC}[0m\n`,
  `${ESC}[1mInitializing provider plugins...${ESC}[0m\n- Reusing previous version of hashicorp/aws from the dependency lock file\n- Using hashicorp/aws v5.70.0 from the shared cache directory\n\n${ESC}[1m${ESC}[32mTerraform has been successfully initialized!${ESC}[0m\n\n`,
  `aws_db_instance.main: Refreshing state... [id=main]\naws_db_subnet_group.old: Refreshing state... [id=prod-old]\n\n  # aws_db_subnet_group.old will be ${ESC}[1m${ESC}[31mdestroyed${ESC}[0m\n  ${ESC}[31m-${ESC}[0m resource "aws_db_subnet_group" "old" {\n      ${ESC}[31m-${ESC}[0m id = "prod-old" -> null\n    }\n\n  # aws_db_instance.main must be ${ESC}[1m${ESC}[31mreplaced${ESC}[0m\n${ESC}[31m-${ESC}[0m/${ESC}[32m+${ESC}[0m resource "aws_db_instance" "main" {\n      ${ESC}[33m~${ESC}[0m storage_encrypted = false -> true ${ESC}[31m# forces replacement${ESC}[0m\n    }\n\n${ESC}[1mPlan:${ESC}[0m 3 to add, 1 to change, 2 to destroy.\n`,
];
