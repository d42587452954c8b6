import { assert } from "../../base/assert.ts";
import type { Instant } from "../../base/brand.ts";
import type { DirspaceKey } from "../change/dirspace.ts";
import type { RepositoryIndex } from "../change/repository-index.ts";
import type { Decision } from "../decision.ts";
import { evaluate } from "../evaluate.ts";
import type { Happening } from "../event.ts";
import { type Answer, CONFIG_PATHS, type Question, questionKey } from "../fact.ts";
import type {
  Account,
  AccountId,
  CommitSha,
  EventId,
  PullRequestId,
  RepositoryId,
  RunId,
} from "../ids.ts";
import { project } from "../project.ts";
import type { PullRequestView } from "../pull-request.ts";
import type { Work } from "../run/work.ts";
import type { DirspaceState, Snapshot } from "../snapshot.ts";
import type { CaseFile, Given } from "./case.ts";

/** The repository that a case is about. */
export interface Repository {
  /** The text of the configuration, the same on every branch. */
  readonly config: string;
  readonly tree: readonly string[];
  /** What its code refers to; where it is not known, the code refers to nothing. */
  readonly index?: RepositoryIndex;
}

/** Everything a pull request of a case can be asked about. */
export interface World {
  readonly repository: Repository;
  readonly file: CaseFile;
  readonly given: Given;
  readonly view: PullRequestView;
}

const NUMBER = 1;
const HEAD = "a".repeat(40) as CommitSha;
const BASE = "b".repeat(40) as CommitSha;
/** More rounds of questions than any decision needs. */
const ROUNDS_MAX = 50;

export function worldOf(repository: Repository, file: CaseFile, given: Given): World {
  const view: PullRequestView = {
    number: NUMBER,
    title: "",
    author: account(given.author),
    state: "open",
    draft: given.draft,
    fromFork: given.fork,
    headRef: given.branch,
    headSha: HEAD,
    baseRef: given.destBranch,
    baseSha: BASE,
    defaultBranch: file.defaultBranch,
    defaultBranchSha: BASE,
    mergeable: given.mergeable,
    mergeSha: undefined,
    reviews: given.approvals.map((login) => ({
      reviewer: account(login),
      verdict: "approved",
      commit: HEAD,
    })),
    url: undefined,
  };
  return { repository, file, given, view };
}

export function inState(world: World, state: PullRequestView["state"]): World {
  const mergeSha = state === "merged" ? BASE : undefined;
  return { ...world, view: { ...world.view, state, mergeSha } };
}

export function account(login: string): Account {
  return { id: login.toLowerCase() as AccountId, login };
}

/** Nothing has happened yet. */
export function emptySnapshot(): Snapshot {
  return {
    pullRequest: {
      id: "case" as PullRequestId,
      repositoryId: "case" as RepositoryId,
      repository: "case/case",
      number: NUMBER,
      view: undefined,
      changeSet: undefined,
      notice: undefined,
      unlockRequested: false,
      unlocked: false,
      answeredComments: [],
      gateApprovals: [],
      wait: undefined,
    },
    runs: [],
    lastRunNumber: 0,
    dirspaces: [],
    held: new Set<DirspaceKey>(),
  };
}

/** Lets the product's own core decide about one event, and gives the state after it. */
export function happens(
  world: World,
  before: Snapshot,
  what: Happening,
): { readonly decision: Decision; readonly snapshot: Snapshot } {
  const at = (before.runs.length + 1) as Instant;
  const id = `00000000-0000-4000-8000-${String(before.lastRunNumber + 1).padStart(12, "0")}`;
  const event = { id: id as EventId, at, what };
  const facts = new Map<string, Answer>();
  let snapshot = before;
  for (let round = 0; ; round += 1) {
    assert(round < ROUNDS_MAX, "case: the core asks without end");
    const result = evaluate(snapshot, event, facts);
    switch (result.kind) {
      case "decide":
        return {
          decision: result,
          snapshot: result.writes.reduce((now, one) => project(now, one, at), snapshot),
        };
      case "hold":
        snapshot = { ...snapshot, held: new Set([...snapshot.held, ...result.dirspaces]) };
        break;
      case "ask":
        for (const one of result.questions) facts.set(questionKey(one), answer(world, what, one));
    }
  }
}

/** As if every dirspace had been planned and changed something, whatever it waits for. */
export function planned(snapshot: Snapshot): Snapshot {
  const runs = snapshot.runs.map((run) => ({
    ...run,
    state: "ended" as const,
    works: run.works.map((work) => ({ ...work, state: "planned" as const })),
  }));
  const dirspaces = snapshot.dirspaces.map((state) =>
    state.affected === undefined ? state : { ...state, plan: plan(state), lastSeq: 1 },
  );
  return { ...snapshot, runs, dirspaces };
}

/** As if the pull request held every dirspace, so that there is something to unlock. */
export function locked(snapshot: Snapshot): Snapshot {
  const lock = {
    pullRequest: NUMBER,
    because: "applied",
    baseRef: "",
    since: 0 as Instant,
    place: 1,
    branchTarget: undefined,
  } as const;
  const dirspaces = snapshot.dirspaces.map((state) => ({ ...state, locks: [lock] }));
  return { ...snapshot, dirspaces };
}

function plan(state: DirspaceState): Work {
  return {
    runId: "planned" as RunId,
    runNumber: 1,
    op: "plan",
    state: "planned",
    headSha: HEAD,
    baseSha: BASE,
    confirmedBaseSha: BASE,
    planDigest: "0".repeat(64),
    changed: true,
    counts: undefined,
    fenceSeen: state.lastFence,
    stale: undefined,
    seq: 1,
    waitingFor: [],
    failure: undefined,
    fence: undefined,
  };
}

const NO_REFERENCES: RepositoryIndex = { directories: [], symlinks: [], problems: [] };

function answer(
  { repository, file, given, view }: World,
  what: Happening,
  question: Question,
): Answer {
  switch (question.kind) {
    case "comment":
      return {
        kind: "comment",
        comment: what.kind === "commented" ? { author: what.author, body: what.body } : undefined,
      };
    case "pull_request":
      return { kind: "pull_request", view };
    case "permission": {
      const role = file.people.get(question.account)?.role ?? "write";
      return { kind: "permission", permission: role };
    }
    case "team_member": {
      const teams = file.people.get(question.account)?.teams ?? [];
      return { kind: "team_member", member: teams.includes(question.team.toLowerCase()) };
    }
    case "checks":
      return { kind: "checks", checks: given.checks };
    case "open_reviews":
      return { kind: "open_reviews", waitingFor: given.openReviews };
    case "ci_files":
      return { kind: "ci_files", paths: [] };
    case "config":
      return {
        kind: "config",
        file: { kind: "found", path: CONFIG_PATHS[0], text: repository.config },
      };
    // A case is about the files beside it.
    case "central":
      return { kind: "central", at: undefined };
    case "central_files":
      return { kind: "central_files", files: [] };
    case "tree":
      return { kind: "tree", paths: repository.tree };
    case "index":
      return { kind: "index", index: repository.index ?? NO_REFERENCES };
    // A case is about rules that are written down.
    case "built_tree":
      return { kind: "built_tree", tree: { files: repository.tree.map((path) => ({ path })) } };
    case "built_config":
      return { kind: "built_config", text: "" };
    case "changes":
      return { kind: "changes", changes: given.changed };
  }
}
