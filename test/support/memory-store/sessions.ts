import type { Instant } from "../../../src/base/brand.ts";
import { compareDirspaces } from "../../../src/core/change/dirspace.ts";
import type { NewUnit } from "../../../src/core/decision.ts";
import type { AttemptId, RunId } from "../../../src/core/ids.ts";
import type { ClaimedRun, RunnerStore, Session } from "../../../src/ports/runner-store.ts";
import { CREDENTIAL_DAYS, LAST_WORDS_MINUTES } from "../../../src/store/runner/sessions.ts";
import { readAffected } from "../../../src/store/stored-affected.ts";
import { tellAttemptOver } from "./ci-queue.ts";
import { putRun, putWork, refuse } from "./constraints.ts";
import { fenceSeen } from "./create-run.ts";
import type { MemoryDatabase } from "./database.ts";
import { needPullRequest, ownerOf } from "./pull-requests.ts";
import type { AttemptRow } from "./rows.ts";
import { runOf } from "./runs.ts";
import { dirspaceRow } from "./snapshot.ts";
import { stored } from "./stored.ts";
import { wakeRun } from "./wake.ts";

type SessionStore = Pick<
  RunnerStore,
  "claim" | "attemptOwner" | "session" | "heartbeat" | "finish"
>;

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export function sessionStore(db: MemoryDatabase): SessionStore {
  const { attempts, attemptByCredential } = db.tables;
  return {
    claim: (attempt, identity, credentialHash) =>
      db.transaction(() => claim(db, attempt, identity, hex(credentialHash))),
    attemptOwner: (id) =>
      db.transaction(() => {
        const attempt = attempts.get(id);
        return attempt === undefined ? undefined : ownerOf(db, runOf(db, attempt).pullRequestId);
      }),
    session: (credentialHash) =>
      db.transaction(() => {
        const row = attemptByCredential.one(hex(credentialHash));
        if (row === undefined) return undefined;
        if (row.ciRun !== undefined && row.ciRun !== row.claimedCiRun) return undefined;
        if (isOlder(db, row.endedAt, CREDENTIAL_DAYS * DAY_MS)) return undefined;
        return sessionOf(db, row);
      }),
    heartbeat: (id, running) =>
      db.transaction(() => {
        const seen = { lastSeenAt: db.now, silentAt: undefined };
        const attempt = attempts.update(id, (row) => ({ ...row, ...seen }));
        if (attempt !== undefined && running.length > 0) begin(db, attempt.runId, running);
      }),
    finish: ({ attempt: id, claimedBy }, { failure, hooks, gates, issues }) =>
      db.transaction(() => {
        if (attempts.get(id)?.claimedCiRun !== claimedBy) return false;
        attempts.update(id, (row) => ({
          ...row,
          finishedAt: row.finishedAt ?? db.now,
          lastSeenAt: db.now,
          failure: stored(failure),
          hooks: row.hooks ?? stored(hooks),
          gates: row.gates ?? stored(gates),
          issues: row.issues ?? stored(issues),
        }));
        tellAttemptOver(db, id);
        return true;
      }),
  };
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** S26: the first CI job that claims has the attempt. */
function claim(
  db: MemoryDatabase,
  id: AttemptId,
  identity: Parameters<RunnerStore["claim"]>[1],
  credentialHash: string,
): Awaited<ReturnType<RunnerStore["claim"]>> {
  const { attempts, usedTokens } = db.tables;
  const row = attempts.get(id);
  if (row === undefined) return { kind: "unknown_attempt" };
  const run = runOf(db, row);
  if (run.state === "ended" || row.endedAt !== undefined) return { kind: "over" };
  const { ciRun: started, claimedCiRun: holder } = row;
  if (started !== undefined && started !== identity.ciRun) {
    return { kind: "other_ci_run", ciRun: started };
  }
  const mayAgain = identity.strictlyOnce !== true && row.lastSeenAt === undefined;
  const again = mayAgain && holder === identity.ciRun;
  const isFree = holder === undefined || (started !== undefined && started !== holder);
  if (!isFree && !again) return { kind: "already_claimed" };
  const isUsed = usedTokens.get(identity.tokenId) !== undefined;
  if (!isUsed) usedTokens.put(identity.tokenId, identity.tokenId);
  if (isUsed && !again) return { kind: "token_used" };
  takeAttempt(db, row, identity.ciRun, credentialHash);
  putRun(db, { ...run, state: "running" });
  noteFences(db, run.id);
  wakeRun(db, run.id);
  return { kind: "claimed", run: wholeRun(db, row) };
}

function takeAttempt(
  db: MemoryDatabase,
  row: AttemptRow,
  claimedCiRun: string,
  credentialHash: string,
): void {
  const { attempts, attemptByCredential } = db.tables;
  const other = attemptByCredential.one(credentialHash);
  if (other !== undefined && other.id !== row.id) refuse("attempt_credential", other.id);
  attempts.put(row.id, {
    ...row,
    claimedAt: row.claimedAt ?? db.now,
    dispatchedAt: row.dispatchedAt ?? db.now,
    silentAt: undefined,
    claimedCiRun,
    credentialHash,
  });
}

export function readUnits(db: MemoryDatabase, runId: RunId): readonly NewUnit[] {
  return [...db.tables.worksOf.of(runId)]
    .map(({ unit, dirspaceId }) => ({ unit, at: dirspaceRow(db, dirspaceId).dirspace }))
    .sort((a, b) => compareDirspaces(a.at, b.at))
    .map(({ unit }) => ({ ...unit, affected: readAffected(unit.affected) }));
}

/** S11: a plan has seen the applies that had ended before its job got the work. */
function noteFences(db: MemoryDatabase, runId: RunId): void {
  for (const work of db.tables.worksOf.of(runId)) {
    if (work.op !== "plan" || work.state !== "queued") continue;
    putWork(db, { ...work, fenceSeen: fenceSeen(db, dirspaceRow(db, work.dirspaceId)) });
  }
}

/** Notes which units are being worked on. */
function begin(db: MemoryDatabase, runId: RunId, running: readonly string[]): void {
  let began = false;
  for (const work of db.tables.worksOf.of(runId)) {
    const { key } = dirspaceRow(db, work.dirspaceId);
    if (work.state !== "queued" || !running.includes(key)) continue;
    putWork(db, { ...work, state: "running", startedAt: work.startedAt ?? db.now });
    began = true;
  }
  if (began) wakeRun(db, runId);
}

/** With what to work on, or what to find out before that. */
export function wholeRun(db: MemoryDatabase, attempt: AttemptRow): ClaimedRun {
  const units = readUnits(db, attempt.runId);
  const run = { ...claimedRun(db, attempt), units };
  if (units.length > 0) return run;
  const { prepares, prepared, build } = runOf(db, attempt);
  const what = prepares.find((one) => !prepared.includes(one));
  return what === undefined ? run : { ...run, next: { what, order: build } };
}

export function claimedRun(db: MemoryDatabase, attempt: AttemptRow): Session["run"] {
  const run = runOf(db, attempt);
  const { view } = needPullRequest(db, run.pullRequestId);
  return {
    runId: run.id,
    attempt: attempt.id,
    kind: run.kind,
    headSha: run.headSha,
    baseSha: run.baseSha,
    checkout: run.checkout,
    parallel: run.parallel,
    autoApprove: run.autoApprove,
    prepares: run.prepares,
    settings: run.settings,
    pullRequest: ownerOf(db, run.pullRequestId),
    headRef: view?.headRef ?? "",
    baseRef: view?.baseRef ?? "",
  };
}

function isOlder(db: MemoryDatabase, at: Instant | undefined, ms: number): boolean {
  return at !== undefined && at < db.now - ms;
}

export function sessionOf(db: MemoryDatabase, attempt: AttemptRow): Session {
  return {
    attempt: attempt.id,
    run: claimedRun(db, attempt),
    over: runOf(db, attempt).state === "ended",
    spent: isOlder(db, attempt.endedAt, LAST_WORDS_MINUTES * MINUTE_MS),
    cancelRequested: attempt.cancelRequestedAt !== undefined,
    claimedBy: attempt.claimedCiRun,
  };
}
