import * as z from "zod/mini";
import { ChangeCounts, Failure, ResourceChange } from "./work.ts";

/**
 * What the dashboard, the command line and the API's users see. Times are ISO 8601 in UTC.
 * A view shows stored state; it never decides.
 */

export const PhaseView = z.enum([
  "unplanned",
  "waiting",
  "planning",
  "planned",
  "unchanged",
  "stale",
  "plan_failed",
  "applying",
  "unknown",
  "applied",
  "apply_failed",
]);
export type PhaseView = z.infer<typeof PhaseView>;

/** Where a rule of the configuration stands; `file` is null where nobody wrote it, so that the default holds. */
export const RuleView = z.object({
  path: z.string(),
  file: z.nullable(z.string()),
  line: z.nullable(z.number()),
  /** `.terrane/config.yml:12` */
  text: z.string(),
});
export type RuleView = z.infer<typeof RuleView>;

/** A reason in words: what happened, why, and the next command where there is one. */
export const ReasonView = z.object({
  code: z.string(),
  title: z.string(),
  cause: z.string(),
  next: z.nullable(z.string()),
  /** Of reasons that a rule of the configuration makes. */
  rules: z.optional(z.array(RuleView)),
});
export type ReasonView = z.infer<typeof ReasonView>;

export const NoticeView = z.object({
  at: z.string(),
  command: z.nullable(z.string()),
  actor: z.nullable(z.string()),
  outcome: z.enum(["accepted", "refused", "information"]),
  reasons: z.array(ReasonView),
  /** Why nothing can be planned, where this answer came after that was said; it still holds, and `reasons` do not say it. */
  stop: z.optional(z.array(ReasonView)),
  /** What somebody asked since; the notice itself still stands. */
  aside: z.optional(
    z.object({
      at: z.string(),
      command: z.string(),
      actor: z.string(),
      reasons: z.array(ReasonView),
    }),
  ),
});
export type NoticeView = z.infer<typeof NoticeView>;

export const RepositoryView = z.object({
  id: z.string(),
  vcs: z.string(),
  fullName: z.string(),
  defaultBranch: z.string(),
  /** Where people push to, for the local VCS. */
  cloneUrl: z.nullable(z.string()),
  openPullRequests: z.number(),
  /** Something of it was planned once. Older servers do not say it. */
  planned: z._default(z.boolean(), true),
});
export type RepositoryView = z.infer<typeof RepositoryView>;

/** Counts of dirspaces by what a reader wants to know. */
export const ProgressView = z.object({
  total: z.number(),
  changed: z.number(),
  unchanged: z.number(),
  failed: z.number(),
  running: z.number(),
  applied: z.number(),
  waiting: z.number(),
});
export type ProgressView = z.infer<typeof ProgressView>;

export const PullRequestSummary = z.object({
  repository: z.string(),
  repositoryId: z.string(),
  number: z.number(),
  title: z.string(),
  author: z.string(),
  state: z.enum(["open", "merged", "closed"]),
  draft: z.boolean(),
  headRef: z.string(),
  headSha: z.string(),
  baseRef: z.string(),
  progress: ProgressView,
  locks: z.number(),
  updatedAt: z.string(),
  url: z.nullable(z.string()),
});
export type PullRequestSummary = z.infer<typeof PullRequestSummary>;

/** The tool and the providers of a plan. */
export const PlannedWithView = z.object({
  tool: z.nullable(z.string()),
  providers: z.array(z.object({ source: z.string(), version: z.nullable(z.string()) })),
});
export type PlannedWithView = z.infer<typeof PlannedWithView>;

/** What a plan destroys or replaces, from the first on; `total` counts all. */
export const DestructiveView = z.object({
  total: z.number(),
  changes: z.array(ResourceChange),
});
export type DestructiveView = z.infer<typeof DestructiveView>;

export const DirspaceView = z.object({
  /** `dir:workspace`, stable; also the anchor in pages. */
  key: z.string(),
  dir: z.string(),
  workspace: z.string(),
  phase: PhaseView,
  /** Why it is in the change set, in words. */
  because: z.array(z.string()),
  tags: z.array(z.string()),
  wave: z.number(),
  predecessors: z.array(z.string()),
  waitingFor: z.array(z.string()),
  counts: z.nullable(ChangeCounts),
  changes: z.array(ResourceChange),
  plannedWith: z.optional(PlannedWithView),
  planText: z.nullable(z.string()),
  failure: z.nullable(Failure),
  outputs: z.array(
    z.object({ name: z.string(), sensitive: z.boolean(), value: z.nullable(z.string()) }),
  ),
  staleBecause: z.nullable(z.string()),
  lockedBy: z.array(z.object({ number: z.number(), because: z.string(), since: z.string() })),
  planRun: z.nullable(z.string()),
  applyRun: z.nullable(z.string()),
});
export type DirspaceView = z.infer<typeof DirspaceView>;

/** A cap on CI jobs that is reached: so many run, and no more than `max` may. */
export const ReachedCapView = z.object({
  of: z.enum(["installation", "repository", "environment"]),
  name: z.string(),
  max: z.number(),
  running: z.number(),
});
export type ReachedCapView = z.infer<typeof ReachedCapView>;

/** What a queued run waits for, as it stands now. */
export const JobWaitView = z.object({
  /** Among the waiting jobs of its repository, the most urgent first. */
  position: z.number(),
  /** How many CI jobs of the repository run now. */
  running: z.number(),
  /** All caps that are reached, the widest first: each has to have a place again. Older servers do not say it. */
  caps: z._default(z.array(ReachedCapView), []),
  /** The pull request whose apply has one of its dirspaces; null where it waits for a free place. */
  applyOf: z.nullable(z.number()),
});
export type JobWaitView = z.infer<typeof JobWaitView>;

export const RunSummary = z.object({
  id: z.string(),
  number: z.number(),
  repository: z.string(),
  repositoryId: z.string(),
  pullRequest: z.number(),
  kind: z.enum(["plan", "apply"]),
  state: z.enum(["queued", "dispatched", "running", "ended"]),
  /** The state, and what it does not say: that it is being stopped, or that contact was lost. */
  standing: z.enum(["queued", "dispatched", "running", "cancelling", "unknown", "ended"]),
  outcome: z.nullable(z.enum(["finished", "failed", "cancelled", "superseded", "lost"])),
  headSha: z.string(),
  actor: z.nullable(z.string()),
  createdAt: z.string(),
  claimedAt: z.nullable(z.string()),
  endedAt: z.nullable(z.string()),
  units: z.number(),
  unitsEnded: z.number(),
  unitsFailed: z.number(),
  ciUrl: z.nullable(z.string()),
  /** Of a queued run, where it is shown by itself or with its pull request. */
  wait: z.optional(JobWaitView),
});
export type RunSummary = z.infer<typeof RunSummary>;

const UNIT_STATES = [
  "queued",
  "running",
  "granted",
  "unknown",
  "planned",
  "applied",
  "waiting",
  "failed",
  "not_started",
  "abandoned",
] as const;

export const RunUnitView = z.object({
  key: z.string(),
  dir: z.string(),
  workspace: z.string(),
  state: z.enum(UNIT_STATES),
  /** The state, or that its run is being stopped. */
  standing: z.enum([...UNIT_STATES, "cancelling"]),
  changed: z.nullable(z.boolean()),
  counts: z.nullable(ChangeCounts),
  /** Absent where its plan destroys nothing. */
  destructive: z.optional(DestructiveView),
  failure: z.nullable(Failure),
  startedAt: z.nullable(z.string()),
  endedAt: z.nullable(z.string()),
  durationMs: z.nullable(z.number()),
  /** How many output chunks there are. */
  outputChunks: z.number(),
});
export type RunUnitView = z.infer<typeof RunUnitView>;

export const RunView = z.object({
  ...RunSummary.shape,
  unitList: z.array(RunUnitView),
  message: z.nullable(z.string()),
});
export type RunView = z.infer<typeof RunView>;

/** One entry of a pull request's conversation, oldest first. */
export const ConversationEntry = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("comment"),
    id: z.string(),
    author: z.string(),
    byTerrane: z.boolean(),
    markdown: z.string(),
    at: z.string(),
    editedAt: z.nullable(z.string()),
    acknowledged: z.boolean(),
    /** Terrane's own, and replaced by a newer one; absent where it is not. */
    outdated: z.optional(z.boolean()),
  }),
  z.object({
    kind: z.literal("review"),
    id: z.string(),
    author: z.string(),
    verdict: z.enum(["approved", "changes_requested", "dismissed"]),
    commit: z.string(),
    at: z.string(),
  }),
  z.object({ kind: z.literal("event"), text: z.string(), at: z.string() }),
]);
export type ConversationEntry = z.infer<typeof ConversationEntry>;

export const CheckView = z.object({
  name: z.string(),
  status: z.enum(["queued", "in_progress", "completed"]),
  conclusion: z.nullable(z.string()),
  title: z.string(),
  summary: z.string(),
});
export type CheckView = z.infer<typeof CheckView>;

export const DecisionView = z.object({
  id: z.string(),
  at: z.string(),
  event: z.string(),
  reasons: z.array(ReasonView),
});
export type DecisionView = z.infer<typeof DecisionView>;

/** What a person can do with a pull request of the local VCS; empty for a remote one, where people use the VCS itself. */
export const LocalForgeView = z.object({
  conversation: z.array(ConversationEntry),
  checks: z.array(CheckView),
  commits: z.array(
    z.object({ sha: z.string(), subject: z.string(), author: z.string(), at: z.string() }),
  ),
  mergeable: z.enum(["clean", "conflict", "unknown"]),
  people: z.array(z.object({ login: z.string(), permission: z.string() })),
});
export type LocalForgeView = z.infer<typeof LocalForgeView>;

/** An issue that this server keeps for a repository of the local VCS. */
export const IssueView = z.object({
  number: z.number(),
  state: z.enum(["open", "closed"]),
  title: z.string(),
  markdown: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
export type IssueView = z.infer<typeof IssueView>;

/** Large, and the same until somebody pushes; so it is no part of what pages ask for again and again. */
export const DiffView = z.object({ text: z.string(), truncated: z.boolean() });
export type DiffView = z.infer<typeof DiffView>;

export const PullRequestDetail = z.object({
  ...PullRequestSummary.shape,
  notice: z.nullable(NoticeView),
  /** No event waits, no effect waits and no run is active: nothing more happens by itself. */
  settled: z.boolean(),
  dirspaces: z.array(DirspaceView),
  runs: z.array(RunSummary),
  decisions: z.array(DecisionView),
  /** The sticky comment as published, markdown. */
  comment: z.nullable(z.string()),
  local: z.nullable(LocalForgeView),
});
export type PullRequestDetail = z.infer<typeof PullRequestDetail>;

export const LockView = z.object({
  repository: z.string(),
  repositoryId: z.string(),
  dir: z.string(),
  workspace: z.string(),
  pullRequest: z.number(),
  title: z.string(),
  /** `turn` and `waits`: nobody owns the dirspace; this one goes first, and it is its turn, or not yet. */
  because: z.enum(["applied", "merged", "turn", "waits"]),
  since: z.string(),
  applyInFlight: z.boolean(),
  /** Pull requests that wait for this dirspace, first come first. */
  waiting: z.array(z.number()),
  /** Contact to its apply was lost: only `force-unlock` gives it up. */
  inDoubt: z.boolean(),
  /** Its pull request is kept here; elsewhere commands are comments there. Older servers do not say it. */
  local: z._default(z.boolean(), true),
});
export type LockView = z.infer<typeof LockView>;

export const OutputView = z.object({
  chunks: z.array(z.object({ seq: z.number(), text: z.string() })),
  nextSeq: z.number(),
  ended: z.boolean(),
});
export type OutputView = z.infer<typeof OutputView>;

export const ServerView = z.object({
  version: z.string(),
  vcs: z.array(z.string()),
  /** Login the caller acts as by default. */
  actor: z.string(),
  database: z.enum(["embedded", "external"]),
  /** Nothing is applied since then, because the database was promoted or restored. */
  quarantine: z.optional(z.nullable(z.object({ since: z.number(), because: z.string() }))),
  /** What somebody has to do about a VCS before it stops working, such as a token that ends. */
  notices: z.optional(
    z.array(z.object({ vcs: z.string(), message: z.string(), next: z.string() })),
  ),
});
export type ServerView = z.infer<typeof ServerView>;

/** Server-sent event `changed`: re-fetch what you show of these. */
export const ChangedEvent = z.object({
  cursor: z.number(),
  pullRequests: z.array(z.object({ repositoryId: z.string(), number: z.number() })),
});
export type ChangedEvent = z.infer<typeof ChangedEvent>;

/** An event that could not be decided or an effect that was rejected; `terrane set-aside --json` prints a list of them. */
export const SetAsideView = z.object({
  id: z.string(),
  kind: z.enum(["event", "effect"]),
  what: z.string(),
  repository: z.string(),
  repositoryId: z.optional(z.string()),
  pullRequest: z.number(),
  error: z.string(),
  attempts: z.number(),
  since: z.string(),
});
export type SetAsideView = z.infer<typeof SetAsideView>;
