import type { Instant } from "../../../src/base/brand.ts";
import type { RunEnding } from "../../../src/core/event.ts";
import type { AttemptId, EventId } from "../../../src/core/ids.ts";
import type { AttemptToStart, EngineStore, OpenAttempt } from "../../../src/ports/engine-store.ts";
import { ASK_SECONDS_MAX, QUIET_ATTEMPTS_MAX } from "../../../src/store/engine/attempts.ts";
import { tellAttemptOver } from "./ci-queue.ts";
import type { MemoryDatabase } from "./database.ts";
import { insertEvent } from "./events.ts";
import { wakePullRequest } from "./jobs.ts";
import { needPullRequest, ownerOf } from "./pull-requests.ts";
import type { AttemptRow, WorkRow } from "./rows.ts";
import { runOf } from "./runs.ts";

type AttemptStore = Pick<
  EngineStore,
  | "attemptToStart"
  | "openCompatible"
  | "issueCode"
  | "attemptStarted"
  | "takeQuietAttempts"
  | "openAttempt"
  | "attemptSilent"
  | "endAttempt"
  | "attemptOfCiRun"
>;

export function attemptStore(db: MemoryDatabase): AttemptStore {
  const { attempts } = db.tables;
  return {
    attemptToStart: (id) => db.transaction(() => attemptToStart(db, id)),
    openCompatible: (id, workTokenHash) =>
      db.transaction(() => {
        const hash = Buffer.from(workTokenHash).toString("hex");
        // Nobody closes it for an installation of a simulated world.
        return attempts.update(id, (row) => ({ ...row, workTokenHash: hash })) !== undefined;
      }),
    issueCode: (id, codeHash, lifeMs) =>
      db.transaction(() => {
        const codeExpiresAt = (db.now + lifeMs) as Instant;
        attempts.update(id, (row) => ({
          ...row,
          codeHash: Buffer.from(codeHash).toString("hex"),
          codeExpiresAt,
        }));
      }),
    attemptStarted: (id, ciRun, url) =>
      db.transaction(() => {
        const row = attempts.get(id);
        // Of two jobs for one attempt the one that applies already keeps it (S1, S27).
        if (row === undefined || hasFence(db, row)) return;
        attempts.put(id, {
          ...row,
          dispatchedAt: row.dispatchedAt ?? db.now,
          ciRun: ciRun ?? row.ciRun,
          ciUrl: url ?? row.ciUrl,
        });
      }),
    takeQuietAttempts: (quietMs) => db.transaction(() => takeQuiet(db, quietMs)),
    openAttempt: (id) =>
      db.transaction(() => {
        const row = attempts.get(id);
        return row === undefined || row.endedAt !== undefined ? undefined : opened(db, row);
      }),
    attemptSilent: (id) =>
      db.transaction(() => {
        attempts.update(id, (row) => ({ ...row, silentAt: db.now }));
      }),
    endAttempt: (id, event, how) => db.transaction(() => endAttempt(db, id, event, how)),
    attemptOfCiRun: (vcs, ciRun) =>
      db.transaction(() => {
        const row = openAttemptOf(db, vcs, ciRun);
        return row === undefined ? undefined : opened(db, row);
      }),
  };
}

/** The open attempt that works in that CI run. */
export function openAttemptOf(
  db: MemoryDatabase,
  vcs: string,
  ciRun: string,
): AttemptRow | undefined {
  for (const row of db.tables.openAttempts.of("open")) {
    if (row.ciRun !== ciRun && row.claimedCiRun !== ciRun) continue;
    if (opened(db, row).pullRequest.repository.vcs === vcs) return row;
  }
  return undefined;
}

function hasFence(db: MemoryDatabase, attempt: AttemptRow): boolean {
  for (const work of db.tables.worksOf.of(attempt.runId)) {
    if (work.fence !== undefined) return true;
  }
  return false;
}

function mayApply(db: MemoryDatabase, attempt: AttemptRow): boolean {
  for (const { state } of db.tables.worksOf.of(attempt.runId)) {
    if (state === "granted" || state === "unknown") return true;
  }
  return false;
}

function attemptToStart(db: MemoryDatabase, id: AttemptId): AttemptToStart | undefined {
  const attempt = db.tables.attempts.get(id);
  if (attempt === undefined) return undefined;
  db.tables.attempts.put(id, { ...attempt, triedAt: attempt.triedAt ?? db.now });
  const run = runOf(db, attempt);
  let first: WorkRow | undefined;
  for (const work of db.tables.worksOf.of(run.id)) {
    if (first === undefined || work.dirspaceId < first.dirspaceId) first = work;
  }
  const workflow = first?.unit.affected.workflow;
  const { view } = needPullRequest(db, run.pullRequestId);
  return {
    attempt: id,
    again: attempt.triedAt !== undefined,
    runId: run.id,
    runNumber: run.number,
    kind: run.kind,
    autoApprove: run.autoApprove,
    over: run.state === "ended",
    started: attempt.dispatchedAt !== undefined,
    pullRequest: ownerOf(db, run.pullRequestId),
    environment: workflow?.environment,
    runsOn: workflow?.runsOn === undefined ? undefined : JSON.stringify(workflow.runsOn),
    branch:
      run.checkout === "base"
        ? { name: view?.baseRef ?? "", fromFork: false }
        : { name: view?.headRef ?? "", fromFork: view?.fromFork ?? false },
  };
}

function takeQuiet(db: MemoryDatabase, quietMs: number): readonly OpenAttempt[] {
  const due: AttemptRow[] = [];
  for (const row of db.tables.openAttempts.of("open")) {
    if (row.dispatchedAt === undefined) continue;
    const { lastSeenAt = 0, claimedAt = 0, dispatchedAt = 0, createdAt, askedAt } = row;
    const quiet = db.now - Math.max(lastSeenAt, claimedAt, dispatchedAt, createdAt);
    if (quiet <= quietMs) continue;
    const pause = Math.max(quietMs, Math.min(quiet / 4, ASK_SECONDS_MAX * 1000));
    if (askedAt === undefined || askedAt < db.now - pause) due.push(row);
  }
  const first = due.sort(longestAgo).slice(0, QUIET_ATTEMPTS_MAX);
  for (const row of first) db.tables.attempts.put(row.id, { ...row, askedAt: db.now });
  return first.map((row) => opened(db, row));
}

function longestAgo(a: AttemptRow, b: AttemptRow): number {
  return (a.askedAt ?? 0) - (b.askedAt ?? 0) || a.createdAt - b.createdAt;
}

function endAttempt(db: MemoryDatabase, id: AttemptId, event: EventId, how: RunEnding): boolean {
  const { attempts } = db.tables;
  const attempt = attempts.get(id);
  if (attempt === undefined || attempt.endedAt !== undefined) return false;
  if (attempt.claimedAt !== undefined && how.kind === "never_started") return false;
  if (how.kind === "given_up" && mayApply(db, attempt)) return false;
  attempts.put(id, { ...attempt, endedAt: db.now });
  tellAttemptOver(db, id);
  const run = runOf(db, attempt);
  if (run.state === "ended") return true;
  const happening = { kind: "run_ended", runId: run.id, attemptId: id, how } as const;
  insertEvent(db, run.pullRequestId, event, happening);
  wakePullRequest(db, run.pullRequestId);
  return true;
}

function opened(db: MemoryDatabase, row: AttemptRow): OpenAttempt {
  const run = runOf(db, row);
  return {
    attempt: row.id,
    runId: row.runId,
    ciRun: row.claimedCiRun ?? row.ciRun,
    pullRequest: ownerOf(db, run.pullRequestId),
    createdAt: row.createdAt,
    dispatchedAt: row.dispatchedAt,
    claimedAt: row.claimedAt,
    lastSeenAt: row.lastSeenAt,
    cancelRequested: row.cancelRequestedAt !== undefined,
    now: db.now,
    silent: row.silentAt !== undefined,
    runOver: run.state === "ended",
    compatible: row.workTokenHash !== undefined,
  };
}
