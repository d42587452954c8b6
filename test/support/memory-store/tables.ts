import type {
  AttemptId,
  EventId,
  InstallationId,
  PullRequestId,
  RepositoryId,
  RunId,
} from "../../../src/core/ids.ts";
import type {
  AttemptRow,
  CiJobRow,
  CiNewsRow,
  CiShareRow,
  CommitFactRow,
  DecisionRow,
  DeliveryRow,
  DirspaceRow,
  EventFactRow,
  EventRow,
  GrantRow,
  IgnoredDeliveryRow,
  InstallationRow,
  JobRow,
  LateResultRow,
  LockRow,
  MemberRow,
  OutboxRow,
  OutputRow,
  PlanFileRow,
  PublicationRow,
  PullRequestRow,
  RepositoryRow,
  RunRow,
  WaitDirspaceRow,
  WaitRow,
  WorkRow,
} from "./rows.ts";
import { type Journal, Table } from "./table.ts";

export type Tables = ReturnType<typeof createTables>;

/** The tables, and an index for each way in which they are read. */
export function createTables(journal: Journal) {
  return {
    ...repositoryTables(journal),
    ...eventTables(journal),
    ...runTables(journal),
    ...effectTables(journal),
    ...queueTables(journal),
  };
}

function repositoryTables(journal: Journal) {
  const repositories = new Table<RepositoryId, RepositoryRow>(journal);
  const pullRequests = new Table<PullRequestId, PullRequestRow>(journal);
  const dirspaces = new Table<number, DirspaceRow>(journal);
  const members = new Table<string, MemberRow>(journal);
  const locks = new Table<string, LockRow>(journal);
  const waitDirspaces = new Table<string, WaitDirspaceRow>(journal);
  return {
    installations: new Table<InstallationId, InstallationRow>(journal),
    repositories,
    repositoryByName: repositories.index(({ stored }) =>
      repositoryName(stored.vcs, stored.ref.installation, stored.ref.id),
    ),
    pullRequests,
    pullRequestByNumber: pullRequests.index((row) => `${row.repositoryId}#${row.number}`),
    pullRequestsOf: pullRequests.index((row) => row.repositoryId),
    dirspaces,
    dirspaceByKey: dirspaces.index((row) => `${row.repositoryId}|${row.key}`),
    /** By pull request and dirspace. */
    members,
    membersOf: members.index((row) => row.pullRequestId),
    memberPullRequests: members.index((row) => row.dirspaceId),
    /** By pull request and dirspace. */
    locks,
    locksOf: locks.index((row) => row.dirspaceId),
    locksBy: locks.index((row) => row.pullRequestId),
    waits: new Table<PullRequestId, WaitRow>(journal),
    /** By pull request and dirspace. */
    waitDirspaces,
    waitDirspacesOf: waitDirspaces.index((row) => row.dirspaceId),
    waitDirspacesBy: waitDirspaces.index((row) => row.pullRequestId),
  };
}

export function repositoryName(vcs: string, installation: string, externalId: string): string {
  return `${vcs}|${installation}|${externalId}`;
}

/** The key of what belongs to one pull request and one dirspace. */
export function pairKey(pullRequest: PullRequestId, dirspaceId: number): string {
  return `${pullRequest}|${dirspaceId}`;
}

function eventTables(journal: Journal) {
  const events = new Table<EventId, EventRow>(journal);
  const eventFacts = new Table<string, EventFactRow>(journal);
  return {
    /** `source|id`. */
    deliveries: new Table<string, DeliveryRow>(journal),
    ignoredDeliveries: new Table<string, IgnoredDeliveryRow>(journal),
    events,
    pendingEvents: events.index((row) => (row.state === "pending" ? row.pullRequestId : undefined)),
    eventsAside: events.index((row) => (row.state === "dead" ? "aside" : undefined)),
    eventsWaiting: events.index((row) => (row.state === "pending" ? "waiting" : undefined)),
    /** By run: the news of its job that nobody has looked at. */
    pendingProgress: events.index(({ state, happening }) =>
      state === "pending" && happening.kind === "run_progressed" ? happening.runId : undefined,
    ),
    /** `repository|key`. */
    commitFacts: new Table<string, CommitFactRow>(journal),
    eventFacts,
    factsOf: eventFacts.index((row) => row.eventId),
    decisions: new Table<EventId, DecisionRow>(journal),
  };
}

function runTables(journal: Journal) {
  const runs = new Table<RunId, RunRow>(journal);
  const attempts = new Table<AttemptId, AttemptRow>(journal);
  const works = new Table<string, WorkRow>(journal);
  const grants = new Table<string, GrantRow>(journal);
  const planFiles = new Table<string, PlanFileRow>(journal);
  const lateResults = new Table<string, LateResultRow>(journal);
  return {
    runs,
    runsOf: runs.index((row) => row.pullRequestId),
    attempts,
    attemptsOf: attempts.index((row) => row.runId),
    attemptByCredential: attempts.index((row) => row.credentialHash),
    openAttempts: attempts.index((row) => (row.endedAt === undefined ? "open" : undefined)),
    usedTokens: new Table<string, string>(journal),
    /** `run|dirspace id`. */
    works,
    worksOf: works.index((row) => row.runId),
    worksOfPullRequest: works.index((row) => row.pullRequestId),
    worksOfPair: works.index((row) => pairKey(row.pullRequestId, row.dirspaceId)),
    /** The unique index of S1: the apply that has the dirspace. */
    applying: works.index((row) => (isApplying(row) ? row.dirspaceId : undefined)),
    /** Applies that have not ended, by dirspace. */
    openApplies: works.index((row) =>
      row.op === "apply" && row.endedAt === undefined ? row.dirspaceId : undefined,
    ),
    /** `dirspace id|fence`. */
    grants,
    grantsOf: grants.index((row) => row.runId),
    /** `run|digest`. */
    planFiles,
    planFilesOf: planFiles.index((row) => row.runId),
    /** `run|dirspace id|seq`. */
    output: new Table<string, OutputRow>(journal),
    /** `run|dirspace id|report`: evidence of results that changed nothing (S27). */
    lateResults,
    lateResultsOf: lateResults.index((row) => `${row.runId}|${row.dirspaceId}`),
  };
}

export function isApplying(row: WorkRow): boolean {
  return row.op === "apply" && (row.state === "granted" || row.state === "unknown");
}

function queueTables(journal: Journal) {
  const ciJobs = new Table<AttemptId, CiJobRow>(journal);
  const ciNews = new Table<number, CiNewsRow>(journal);
  return {
    ciJobs,
    ciJobsOf: ciJobs.index((row) => row.installation),
    ciNews,
    ciNewsOf: ciNews.index((row) => row.installation),
    /** What was served last in the installation. */
    ciGates: new Table<InstallationId, number>(journal),
    ciShares: new Table<RepositoryId, CiShareRow>(journal),
    /** `repository|environment`: whether something may be startable there. */
    ciLanes: new Table<string, boolean>(journal),
    /** `dirspace id|op`. */
    workDurations: new Table<string, number>(journal),
  };
}

function effectTables(journal: Journal) {
  const outbox = new Table<string, OutboxRow>(journal);
  const jobs = new Table<number, JobRow>(journal);
  return {
    outbox,
    outboxWaiting: outbox.index((row) =>
      row.done < row.wanted && !row.dead ? "waiting" : undefined,
    ),
    /** `pull request|key`. */
    publications: new Table<string, PublicationRow>(journal),
    jobs,
    jobByKey: jobs.index((row) => row.key),
  };
}
