import type { FilledRun, NewRun } from "../../../src/core/decision.ts";
import type { PullRequestEvent } from "../../../src/core/event.ts";
import type { StoredPullRequest } from "../../../src/ports/engine-store.ts";
import { putDirspace, putRun, putWork, refuse } from "./constraints.ts";
import type { MemoryDatabase } from "./database.ts";
import { findDirspace } from "./dirspaces.ts";
import { changePullRequest, needPullRequest } from "./pull-requests.ts";
import type { DirspaceRow } from "./rows.ts";
import { stored } from "./stored.ts";

export function insertRun(
  db: MemoryDatabase,
  pullRequest: StoredPullRequest,
  event: PullRequestEvent,
  run: NewRun,
): void {
  const { runs, runsOf, attempts } = db.tables;
  if (runs.get(run.id) !== undefined) refuse("run_pkey", run.id);
  for (const other of runsOf.of(pullRequest.id)) {
    if (other.number === run.number) refuse("run_number", `${run.number} is ${other.id}`);
  }
  putRun(db, {
    id: run.id,
    pullRequestId: pullRequest.id,
    number: run.number,
    kind: run.kind,
    state: "queued",
    outcome: undefined,
    headSha: run.headSha,
    baseSha: run.baseSha,
    checkout: run.checkout,
    actor: run.actor,
    forced: run.forced,
    autoApprove: run.autoApprove === true,
    parallel: run.parallel,
    prepares: run.prepares ?? [],
    prepared: [],
    build: stored(run.order),
    command: undefined,
    message: undefined,
    expected: run.expected,
    settings: run.settings,
    eventId: event.id,
    createdAt: db.now,
    endedAt: undefined,
  });
  if (attempts.get(run.attemptId) !== undefined) refuse("attempt_pkey", run.attemptId);
  insertAttempt(db, run);
  const { unlocked } = needPullRequest(db, pullRequest.id);
  changePullRequest(db, pullRequest.id, {
    lastRunNumber: run.number,
    unlocked: unlocked && run.kind === "plan",
  });
  insertWorks(db, pullRequest, run);
}

export function fillRun(db: MemoryDatabase, pullRequest: StoredPullRequest, run: FilledRun): void {
  const { headSha, baseSha, checkout, parallel, actor, settings } = run;
  const filled = { headSha, baseSha, checkout, parallel, actor, settings };
  const known = db.tables.runs.get(run.id);
  if (known !== undefined) putRun(db, { ...known, ...filled });
  insertWorks(db, pullRequest, run);
}

function insertWorks(db: MemoryDatabase, pullRequest: StoredPullRequest, run: FilledRun): void {
  for (const unit of run.units) {
    const row = findDirspace(db, pullRequest.repository.id, unit.dirspace);
    if (row !== undefined) insertWork(db, pullRequest, run, unit, row);
  }
}

function insertAttempt(db: MemoryDatabase, run: NewRun): void {
  db.tables.attempts.put(run.attemptId, {
    id: run.attemptId,
    runId: run.id,
    ciRun: undefined,
    ciUrl: undefined,
    createdAt: db.now,
    triedAt: undefined,
    dispatchedAt: undefined,
    claimedAt: undefined,
    claimedCiRun: undefined,
    credentialHash: undefined,
    lastSeenAt: undefined,
    silentAt: undefined,
    askedAt: undefined,
    cancelRequestedAt: undefined,
    finishedAt: undefined,
    failure: undefined,
    endedAt: undefined,
    workTokenHash: undefined,
    codeHash: undefined,
    codeExpiresAt: undefined,
    manifest: undefined,
  });
}

function insertWork(
  db: MemoryDatabase,
  pullRequest: StoredPullRequest,
  run: FilledRun,
  unit: NewRun["units"][number],
  row: DirspaceRow,
): void {
  const seq = row.lastSeq + 1;
  putDirspace(db, { ...row, lastSeq: seq });
  putWork(db, {
    runId: run.id,
    dirspaceId: row.id,
    pullRequestId: pullRequest.id,
    op: run.kind,
    state: "queued",
    seq,
    unit,
    headSha: run.headSha,
    baseSha: run.baseSha,
    confirmedBaseSha: run.baseSha,
    fenceSeen: fenceSeen(db, row),
    fence: undefined,
    planRunId: unit.plan?.runId,
    planDigest: unit.plan?.digest,
    changed: undefined,
    result: undefined,
    stale: undefined,
    because: undefined,
    forgotten: false,
    outputSeq: 0,
    outputChars: 0,
    durationMs: undefined,
    startedAt: undefined,
    endedAt: undefined,
  });
}

/** The last apply that has ended: one that holds the dirspace has not been seen by anybody (S6, S11). */
export function fenceSeen(db: MemoryDatabase, row: DirspaceRow): number {
  return row.lastFence - (db.tables.applying.one(row.id) === undefined ? 0 : 1);
}
