import type { BudgetView } from "../../src/contract/budget.ts";
import type {
  DirspaceView,
  LockView,
  PullRequestDetail,
  RepositoryView,
  RunView,
  ServerView,
  SetAsideView,
} from "../../src/contract/views.ts";
import type { ChangeCounts } from "../../src/contract/work.ts";
import type { RepositoryIndex } from "../../src/core/change/repository-index.ts";
import type { FakeVcs } from "./fake-vcs.ts";

/** What the stand-in knows; tests change it and say so with `changed`. */
export interface World {
  server: ServerView;
  repositories: RepositoryView[];
  pulls: PullRequestDetail[];
  runs: RunView[];
  locks: LockView[];
  setAside: SetAsideView[];
  budget: BudgetView;
  diff: string;
  /** Holds the configuration file and the names of the files of the default branch. */
  vcs: FakeVcs;
  /** What was read of the code, by commit. */
  code: Map<string, RepositoryIndex>;
  /** `run unit` → chunks. */
  output: Map<string, { chunks: string[]; ended: boolean }>;
}

export const HEAD = "8f3c1d2e4b5a69788796a5b4c3d2e1f00f1e2d3c";
export const OLD_HEAD = "1b2c3d4e5f60718293a4b5c6d7e8f90112233445";

/** Minutes before now, as the contract writes times. */
export function minutesAgo(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString();
}

export function counts(some: Partial<ChangeCounts> = {}): ChangeCounts {
  return {
    create: 0,
    update: 0,
    replace: 0,
    delete: 0,
    import: 0,
    move: 0,
    forget: 0,
    outputs: 0,
    ...some,
  };
}

export function dirspace(dir: string, some: Partial<DirspaceView> = {}): DirspaceView {
  const workspace = some.workspace ?? "default";
  return {
    key: `${dir}:${workspace}`,
    dir,
    workspace,
    phase: "planned",
    because: [`\`${dir}/main.tf\` changed`],
    tags: [`dir:${dir}`, `workspace:${workspace}`],
    wave: 0,
    predecessors: [],
    waitingFor: [],
    counts: null,
    changes: [],
    planText: null,
    failure: null,
    outputs: [],
    staleBecause: null,
    lockedBy: [],
    planRun: null,
    applyRun: null,
    ...some,
  };
}
