import type { Instant } from "../../src/base/brand.ts";
import type { BuiltTree } from "../../src/core/build/built-tree.ts";
import type { DirspaceKey } from "../../src/core/change/dirspace.ts";
import type { RepositoryIndex } from "../../src/core/change/repository-index.ts";
import type { Decision } from "../../src/core/decision.ts";
import { evaluate } from "../../src/core/evaluate.ts";
import type { Happening } from "../../src/core/event.ts";
import { type Answer, type CentralFile, type Facts, questionKey } from "../../src/core/fact.ts";
import type {
  Account,
  AccountId,
  CommitSha,
  EventId,
  PullRequestId,
  RepositoryId,
  RunId,
} from "../../src/core/ids.ts";
import { type Phase, phasesOf } from "../../src/core/phase.ts";
import { project } from "../../src/core/project.ts";
import type {
  CommitCheck,
  FileChange,
  Permission,
  PullRequestView,
  SaidComment,
} from "../../src/core/pull-request.ts";
import type { Reason } from "../../src/core/reason.ts";
import type { LiveCheck } from "../../src/core/run/live-check.ts";
import type { RaisedGate } from "../../src/core/run/report.ts";
import type { Work } from "../../src/core/run/work.ts";
import type { DirspaceState, Snapshot } from "../../src/core/snapshot.ts";
import { ENDED_RUNS_MAX } from "../../src/store/engine/snapshot.ts";
import { answerOf } from "./core-answers.ts";
import { aLock } from "./locks.ts";

export function sha(n: number): CommitSha {
  return n.toString(16).padStart(40, "0") as CommitSha;
}

export function person(login: string): Account {
  return { id: `id-${login}` as AccountId, login };
}

/** One pull request and its VCS, in memory: events go in, decisions come out and are applied. */
export class CoreWorld {
  view: PullRequestView;
  config: string | undefined;
  /** Of commits that say something else. */
  configAt = new Map<CommitSha, string>();
  /** Of the owner's central repository; undefined where there is none. */
  centralFiles: readonly CentralFile[] | undefined;
  tree: readonly string[];
  changes: readonly FileChange[];
  /** What a job found out about the code of the head. */
  index: RepositoryIndex | undefined;
  builtTree: BuiltTree | undefined;
  builtConfig: string | undefined;
  /** What came into the base between two commits. */
  baseChanges = new Map<string, readonly FileChange[]>();
  /** What people said, by the comment's id. */
  comments = new Map<string, SaidComment>();
  permissions = new Map<string, Permission>();
  /** `team:login`. */
  teams = new Set<string>();
  /** Of teams whose members the VCS will not name. */
  hiddenTeams = new Set<string>();
  checks: readonly CommitCheck[] = [];
  openReviews: readonly string[] = [];
  ciFiles: readonly string[] = ["ci/run.yml"];
  /** Everything the last event asked, in order. */
  asked: string[] = [];
  /** The VCS does not know the pull request any more. */
  gone = false;
  snapshot: Snapshot;
  last: Decision | undefined;
  #events = 0;

  constructor(files: readonly string[], changed: readonly string[], config?: string) {
    this.tree = files;
    this.changes = changed.map((path) => ({ kind: "modified", path }));
    this.config = config;
    this.view = {
      number: 7,
      title: "Change things",
      author: person("ann"),
      state: "open",
      draft: false,
      fromFork: false,
      headRef: "feature",
      headSha: sha(10),
      baseRef: "main",
      baseSha: sha(1),
      defaultBranch: "main",
      defaultBranchSha: sha(1),
      mergeable: "clean",
      mergeSha: undefined,
      reviews: [],
      url: undefined,
    };
    this.snapshot = {
      pullRequest: {
        id: "pr-7" as PullRequestId,
        repositoryId: "repo" as RepositoryId,
        repository: "acme/infra",
        number: 7,
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
      held: new Set(),
    };
  }

  happens(what: Happening): readonly Reason[] {
    this.#events += 1;
    const id = `00000000-0000-4000-8000-${String(this.#events).padStart(12, "0")}` as EventId;
    const event = { id, at: (1_000 * this.#events) as Instant, what };
    const facts = new Map<string, Answer>();
    this.asked = [];
    let snapshot: Snapshot = { ...this.snapshot, held: new Set() };
    for (let round = 0; round < 20; round++) {
      const result = evaluate(snapshot, event, facts);
      if (result.kind === "decide") {
        this.last = result;
        this.snapshot = result.writes.reduce((now, one) => project(now, one, event.at), snapshot);
        return result.reasons;
      }
      if (result.kind === "hold") {
        snapshot = { ...snapshot, held: new Set([...snapshot.held, ...result.dirspaces]) };
        continue;
      }
      for (const question of result.questions) {
        this.asked.push(questionKey(question));
        facts.set(questionKey(question), answerOf(this, question));
      }
    }
    throw new Error("the core never decided");
  }

  /** Answers what a check asks until it asks no more. */
  live(check: (facts: Facts) => LiveCheck): LiveCheck {
    const facts = new Map<string, Answer>();
    for (let round = 0; round < 20; round++) {
      const checked = check(facts);
      if (checked.kind !== "ask") return checked;
      for (const question of checked.questions) {
        facts.set(questionKey(question), answerOf(this, question));
      }
    }
    throw new Error("the check never ended");
  }

  changed(): readonly Reason[] {
    return this.happens({ kind: "pull_request_changed", hint: "opened" });
  }

  /** `writtenAt`: by the clock of the VCS; without it the VCS does not say. */
  says(login: string, body: string, writtenAt?: Instant): readonly Reason[] {
    const commentId = `c${this.#events}`;
    const said = { author: person(login), body };
    this.comments.set(commentId, { ...said, ...(writtenAt === undefined ? {} : { writtenAt }) });
    return this.happens({ kind: "commented", commentId, ...said });
  }

  approve(login: string): void {
    const review = {
      reviewer: person(login),
      verdict: "approved",
      commit: this.view.headSha,
    } as const;
    this.view = { ...this.view, reviews: [...this.view.reviews, review] };
  }

  /** The runner's part: ends the works of the newest active run of the kind and then the run. */
  runnerPlans(outcomes: Readonly<Record<string, "changed" | "unchanged" | "failed">>): void {
    const run = this.activeRun("plan");
    for (const work of run.works) {
      const outcome = outcomes[work.dirspace] ?? "changed";
      const waits = this.#waitsFor(
        work.dirspace,
        run.works.map((one) => one.dirspace),
      );
      this.#setWork(work.dirspace, "plan", (old) =>
        waits
          ? { ...old, state: "waiting" }
          : outcome === "failed"
            ? { ...old, state: "failed", failure: "it broke" }
            : {
                ...old,
                state: "planned",
                changed: outcome === "changed",
                endedAt: this.plansEndAt,
                planDigest: `digest-${work.dirspace}-${run.number}`,
                ...(this.gates.length === 0 ? {} : { gates: this.gates }),
                ...(this.gatesUnasked ? { gatesUnasked: true } : {}),
              },
      );
    }
    this.#endWorks(run.id);
    this.ends(run.id);
  }

  /** When the next plans end, by the database's clock. */
  plansEndAt: Instant | undefined;
  /** What the steps of the next plans ask for. */
  gates: readonly RaisedGate[] = [];
  /** A hook after the dirspaces may ask for approvals, and has not. */
  gatesUnasked = false;

  runnerApplies(outcome: "applied" | "failed" = "applied"): void {
    const run = this.activeRun("apply");
    for (const work of run.works) this.grantWork(work.dirspace);
    for (const work of run.works) this.endWork(work.dirspace, outcome);
    this.ends(run.id);
  }

  endWork(key: string, outcome: "applied" | "failed"): void {
    const run = this.activeRun("apply");
    this.#setWork(key, "apply", (old) => ({ ...old, state: outcome }));
    this.#setState(key, (state) => ({ ...state, inFlight: undefined }));
    this.#endWorks(run.id);
  }

  grantWork(key: string): void {
    const run = this.activeRun("apply");
    this.#setState(key, (state) => ({
      ...state,
      lastFence: state.lastFence + 1,
      inFlight: { runId: run.id, number: this.view.number },
      granted: true,
    }));
    this.#setWork(key, "apply", (old) => ({
      ...old,
      state: "granted",
      fence: this.state(key).lastFence,
    }));
    this.#endWorks(run.id);
  }

  ends(runId: string, conclusion?: string): readonly Reason[] {
    const run = this.snapshot.runs.find((one) => one.id === runId);
    if (run === undefined) throw new Error("no such run");
    const how =
      conclusion === undefined
        ? ({ kind: "finished", failure: undefined } as const)
        : ({ kind: "ci_ended", conclusion } as const);
    return this.happens({ kind: "run_ended", runId: run.id, attemptId: run.attemptId, how });
  }

  /** A lock of another pull request, or none. */
  lockedBy(key: string, number: number | undefined): void {
    const locks = number === undefined ? [] : [aLock(number)];
    this.#setState(key, (state) => ({ ...state, locks }));
  }

  /** The job of the newest active run has come. */
  claims(kind: "plan" | "apply"): void {
    const { id } = this.activeRun(kind);
    const runs = this.snapshot.runs.map((run) =>
      run.id === id ? { ...run, state: "running" as const } : run,
    );
    this.snapshot = { ...this.snapshot, runs };
  }

  /** Another pull request has its grant and works on it. */
  applyingElsewhere(key: string, number: number): void {
    const inFlight = { runId: "elsewhere" as RunId, number };
    this.#setState(key, (state) => ({ ...state, lastFence: state.lastFence + 1, inFlight }));
  }

  appliesNoMore(key: string): void {
    this.#setState(key, (state) => ({ ...state, inFlight: undefined }));
  }

  appliedElsewhere(key: string): void {
    this.#setState(key, (state) => ({ ...state, lastFence: state.lastFence + 1 }));
  }

  /** As the next decision reads it: of the runs that have ended only the latest. */
  keepsLatestRuns(): void {
    const { runs, lastRunNumber } = this.snapshot;
    const kept = runs.filter(
      (run) => run.state !== "ended" || run.number > lastRunNumber - ENDED_RUNS_MAX,
    );
    this.snapshot = { ...this.snapshot, runs: kept };
  }

  activeRun(kind: "plan" | "apply") {
    const run = this.snapshot.runs.findLast((one) => one.kind === kind && one.state !== "ended");
    if (run === undefined) throw new Error(`no active ${kind} run`);
    return run;
  }

  hasActiveRun(): boolean {
    return this.snapshot.runs.some((run) => run.state !== "ended");
  }

  state(key: string): DirspaceState {
    const state = this.snapshot.dirspaces.find((one) => one.key === key);
    if (state === undefined) throw new Error(`no dirspace ${key}`);
    return state;
  }

  phases(): Readonly<Record<string, Phase>> {
    return Object.fromEntries(phasesOf(this.snapshot.dirspaces, this.view));
  }

  ownLocks(): readonly DirspaceKey[] {
    const { number } = this.view;
    return this.snapshot.dirspaces
      .filter((state) => state.locks.some((lock) => lock.pullRequest === number))
      .map((state) => state.key);
  }

  effects(): readonly string[] {
    return (this.last?.effects ?? []).map((effect) => effect.kind);
  }

  #waitsFor(key: string, inRun: readonly string[]): boolean {
    const before = this.state(key).affected?.predecessors ?? [];
    return before.some((one) => {
      const name = `${one.dir}:${one.workspace}`;
      const plan = this.snapshot.dirspaces.find((state) => state.key === name)?.plan;
      return inRun.includes(name) && !(plan?.state === "planned" && plan.changed === false);
    });
  }

  #setState(key: string, change: (state: DirspaceState) => DirspaceState): void {
    const dirspaces = this.snapshot.dirspaces.map((one) => (one.key === key ? change(one) : one));
    this.snapshot = { ...this.snapshot, dirspaces };
  }

  #setWork(key: string, op: "plan" | "apply", change: (work: Work) => Work): void {
    this.#setState(key, (state) => {
      const work = state[op];
      return work === undefined ? state : { ...state, [op]: change(work) };
    });
  }

  /** The list inside the run follows the works. */
  #endWorks(runId: string): void {
    const runs = this.snapshot.runs.map((run) =>
      run.id !== runId
        ? run
        : {
            ...run,
            works: run.works.map((work) => ({
              ...work,
              state: this.state(work.dirspace)[run.kind]?.state ?? work.state,
            })),
          },
    );
    this.snapshot = { ...this.snapshot, runs };
  }
}
