import { present } from "../../../src/base/assert.ts";
import {
  compareDirspaces,
  compareText,
  type DirspaceKey,
  dirspaceKey,
} from "../../../src/core/change/dirspace.ts";
import type { RunId } from "../../../src/core/ids.ts";
import type { Run } from "../../../src/core/run/run.ts";
import type { Work } from "../../../src/core/run/work.ts";
import type { DirspaceState, Snapshot } from "../../../src/core/snapshot.ts";
import type { StoredPullRequest } from "../../../src/ports/engine-store.ts";
import { ENDED_RUNS_MAX, unservedIn } from "../../../src/store/engine/snapshot.ts";
import { readAffected } from "../../../src/store/stored-affected.ts";
import type { MemoryDatabase } from "./database.ts";
import { locksOf, readWait, waitsOf } from "./locks.ts";
import { needPullRequest } from "./pull-requests.ts";
import type { DirspaceRow, RunRow, WorkRow } from "./rows.ts";
import { pairKey } from "./tables.ts";

interface SnapshotPart {
  readonly dirspaceId: number;
  readonly run: RunId;
}

/** Everything a decision may look at; with `part`, what is about one dirspace of one run. */
export function readSnapshot(
  db: MemoryDatabase,
  pullRequest: StoredPullRequest,
  held: ReadonlyMap<DirspaceKey, number>,
  part?: SnapshotPart,
): Snapshot {
  const row = needPullRequest(db, pullRequest.id);
  return {
    pullRequest: {
      id: pullRequest.id,
      repositoryId: pullRequest.repository.id,
      repository: pullRequest.repository.ref.fullName,
      number: pullRequest.number,
      view: row.view,
      changeSet: row.changeSet,
      notice: row.notice,
      unlockRequested: row.unlockRequested,
      unlocked: row.unlocked,
      answeredComments: row.obeyedComments,
      gateApprovals: row.gateApprovals,
      ...(row.queued === undefined ? {} : { queued: row.queued }),
      ...(row.unmerged === undefined ? {} : { unmerged: row.unmerged }),
      ...(row.reviewersAsked === undefined ? {} : { reviewersAsked: row.reviewersAsked }),
      ...unservedIn(pullRequest.repository),
      wait: readWait(db, pullRequest.id),
    },
    runs: readRuns(db, pullRequest, row.lastRunNumber, part),
    lastRunNumber: row.lastRunNumber,
    dirspaces: readDirspaces(db, pullRequest, [...held.values()], part),
    held: new Set(held.keys()),
  };
}

function readRuns(
  db: MemoryDatabase,
  pullRequest: StoredPullRequest,
  lastRunNumber: number,
  part: SnapshotPart | undefined,
): readonly Run[] {
  const oldest = lastRunNumber - ENDED_RUNS_MAX;
  const wanted = [...db.tables.runsOf.of(pullRequest.id)].filter((run) =>
    part === undefined ? run.state !== "ended" || run.number > oldest : run.id === part.run,
  );
  return wanted
    .sort((a, b) => a.number - b.number)
    .flatMap((run) => [...db.tables.attemptsOf.of(run.id)].map((attempt) => ({ run, attempt })))
    .map(({ run, attempt }) => ({
      id: run.id,
      number: run.number,
      kind: run.kind,
      state: run.state,
      outcome: run.outcome,
      headSha: run.headSha,
      baseSha: run.baseSha,
      attemptId: attempt.id,
      actor: run.actor,
      forced: run.forced,
      ...(run.autoApprove ? { autoApprove: true as const } : {}),
      cancelRequested: attempt.cancelRequestedAt !== undefined,
      createdAt: run.createdAt,
      ...preparing(run),
      ...(run.message === undefined ? {} : { message: run.message }),
      ...((attempt.issues ?? []).length === 0 ? {} : { issues: attempt.issues?.length ?? 0 }),
      ...(run.settings?.resultComments === undefined ? {} : { told: true as const }),
      works: readRunWorks(db, run, part),
    }));
}

function preparing({ prepares, prepared, command }: RunRow): Pick<Run, "preparing"> {
  return prepares.length === 0 ? {} : { preparing: { prepares, prepared, command } };
}

function readRunWorks(
  db: MemoryDatabase,
  run: RunRow,
  part: SnapshotPart | undefined,
): Run["works"] {
  return [...db.tables.worksOf.of(run.id)]
    .filter((work) => part === undefined || work.dirspaceId === part.dirspaceId)
    .map((work) => ({ at: dirspaceRow(db, work.dirspaceId), state: work.state }))
    .sort((a, b) => compareDirspaces(a.at.dirspace, b.at.dirspace))
    .map(({ at, state }) => ({ dirspace: at.key, state }));
}

export function dirspaceRow(db: MemoryDatabase, id: number): DirspaceRow {
  return present(db.tables.dirspaces.get(id), "the dirspace row exists");
}

function readDirspaces(
  db: MemoryDatabase,
  pullRequest: StoredPullRequest,
  held: readonly number[],
  part: SnapshotPart | undefined,
): readonly DirspaceState[] {
  const ids = new Set(held);
  for (const member of db.tables.membersOf.of(pullRequest.id)) ids.add(member.dirspaceId);
  return [...ids]
    .filter((id) => part === undefined || id === part.dirspaceId)
    .map((id) => dirspaceState(db, pullRequest, dirspaceRow(db, id)))
    .sort((a, b) => compareText(a.key, b.key));
}

function dirspaceState(
  db: MemoryDatabase,
  pullRequest: StoredPullRequest,
  row: DirspaceRow,
): DirspaceState {
  const { members, worksOfPair } = db.tables;
  const pair = pairKey(pullRequest.id, row.id);
  const affected = members.get(pair)?.affected;
  let plan: WorkRow | undefined;
  let apply: WorkRow | undefined;
  let granted = false;
  for (const work of worksOfPair.of(pair)) {
    if (work.forgotten) continue;
    if (work.op === "plan") {
      if (plan === undefined || work.seq > plan.seq) plan = work;
      continue;
    }
    if (apply === undefined || work.seq > apply.seq) apply = work;
    if (work.fence !== undefined) granted = true;
  }
  return {
    key: dirspaceKey(row.dirspace),
    dirspace: row.dirspace,
    affected: affected === undefined ? undefined : readAffected(affected),
    plan: plan === undefined ? undefined : workOf(db, plan),
    apply: apply === undefined ? undefined : workOf(db, apply),
    granted,
    locks: locksOf(db, row.id),
    waits: waitsOf(db, row.id),
    inFlight: inFlight(db, row.id),
    lastFence: row.lastFence,
    lastSeq: row.lastSeq,
    ...usualMs(db, row.id),
  };
}

function workOf(db: MemoryDatabase, row: WorkRow): Work {
  const { result } = row;
  const run = present(db.tables.runs.get(row.runId), "a work's run");
  const [attempt] = db.tables.attemptsOf.of(row.runId);
  return {
    runId: row.runId,
    runNumber: run.number,
    op: row.op,
    state: row.state,
    ...(attempt?.cancelRequestedAt === undefined ? {} : { cancelRequested: true }),
    headSha: row.headSha,
    baseSha: row.baseSha,
    confirmedBaseSha: row.confirmedBaseSha,
    planDigest: row.planDigest,
    changed: row.changed,
    counts: result?.outcome === "planned" ? result.counts : undefined,
    fenceSeen: row.fenceSeen,
    fence: row.fence,
    stale: row.stale,
    ...(row.op === "apply" || row.unit.basis === undefined ? {} : { basis: row.unit.basis }),
    seq: row.seq,
    ...(row.endedAt === undefined ? {} : { endedAt: row.endedAt }),
    waitingFor: result?.outcome === "waiting" ? result.for : [],
    ...gatesOf(db, row),
    failure: (result?.outcome === "failed" ? result.failure.message : undefined) ?? row.because,
  };
}

function gatesOf(
  db: MemoryDatabase,
  { result, runId, op }: WorkRow,
): Pick<Work, "gates" | "gatesUnasked"> {
  const [attempt] = db.tables.attemptsOf.of(runId);
  const own = result?.outcome === "planned" ? (result.gates ?? []) : [];
  const gates = [...own, ...(attempt?.gates ?? [])];
  const hooks = db.tables.runs.get(runId)?.settings?.hooks.post ?? [];
  const mayAsk = hooks.some(
    (hook) => hook.type === "gates" || ("onError" in hook && hook.onError.length > 0),
  );
  const isUnasked = op === "plan" && attempt?.gates === undefined && mayAsk;
  return {
    ...(gates.length === 0 ? {} : { gates }),
    ...(isUnasked ? { gatesUnasked: true } : {}),
  };
}

function usualMs(db: MemoryDatabase, dirspaceId: number): Pick<DirspaceState, "usualMs"> {
  const plan = db.tables.workDurations.get(`${dirspaceId}|plan`);
  const apply = db.tables.workDurations.get(`${dirspaceId}|apply`);
  if (plan === undefined && apply === undefined) return {};
  return {
    usualMs: {
      ...(plan === undefined ? {} : { plan }),
      ...(apply === undefined ? {} : { apply }),
    },
  };
}

function inFlight(db: MemoryDatabase, dirspaceId: number): DirspaceState["inFlight"] {
  const busy = db.tables.applying.one(dirspaceId);
  if (busy === undefined) return undefined;
  return { runId: busy.runId, number: needPullRequest(db, busy.pullRequestId).number };
}
