import type { Instant } from "../../../src/base/brand.ts";
import type { DirspaceKey } from "../../../src/core/change/dirspace.ts";
import type { PullRequestId, RunId } from "../../../src/core/ids.ts";
import type { JobCaps } from "../../../src/core/schedule/caps.ts";
import {
  type DirspaceReports,
  HOOKED_RUNS_MAX,
  type HooksOfRun,
  type ReportStore,
} from "../../../src/ports/report-store.ts";
import type { MemoryDatabase } from "./database.ts";
import { readWaits } from "./job-waits.ts";
import { needPullRequest, storedPullRequest } from "./pull-requests.ts";
import { resultStore } from "./results.ts";
import type { WorkRow } from "./rows.ts";
import { dirspaceRow, readSnapshot } from "./snapshot.ts";

export function reportStore(db: MemoryDatabase, caps: JobCaps): ReportStore {
  return {
    ...resultStore(db),
    reported: (id) =>
      db.transaction(() => {
        const pullRequest = storedPullRequest(db, id);
        if (pullRequest === undefined) return undefined;
        return {
          snapshot: readSnapshot(db, pullRequest, new Map()),
          reports: readReports(db, id),
          claimedAt: readClaims(db, id),
          waits: readWaits(db, id, caps),
          hooks: readHooks(db, id),
          readAt: db.now,
          rememberedSince: 0 as Instant,
        };
      }),
  };
}

function readReports(
  db: MemoryDatabase,
  id: PullRequestId,
): ReadonlyMap<DirspaceKey, DirspaceReports> {
  const latest = new Map<string, WorkRow>();
  for (const work of db.tables.worksOfPullRequest.of(id)) {
    if (work.forgotten) continue;
    const key = `${work.dirspaceId}|${work.op}`;
    const known = latest.get(key);
    if (known === undefined || known.seq < work.seq) latest.set(key, work);
  }
  const reports = new Map<DirspaceKey, DirspaceReports>();
  for (const { dirspaceId, op, result, because } of latest.values()) {
    const { key } = dirspaceRow(db, dirspaceId);
    const known = reports.get(key) ?? NONE;
    reports.set(
      key,
      op === "plan"
        ? { ...known, plan: result, planBecause: because }
        : { ...known, apply: result, applyBecause: because },
    );
  }
  return reports;
}

const NONE: DirspaceReports = {
  plan: undefined,
  apply: undefined,
  planBecause: undefined,
  applyBecause: undefined,
};

function readHooks(db: MemoryDatabase, id: PullRequestId): readonly HooksOfRun[] {
  const head = needPullRequest(db, id).view?.headSha;
  const hooked: HooksOfRun[] = [];
  for (const { id: runId, number, headSha } of db.tables.runsOf.of(id)) {
    if (headSha !== head) continue;
    for (const { hooks } of db.tables.attemptsOf.of(runId)) {
      if (hooks !== undefined) hooked.push({ number, ...hooks });
    }
  }
  return hooked.sort((a, b) => b.number - a.number).slice(0, HOOKED_RUNS_MAX);
}

function readClaims(db: MemoryDatabase, id: PullRequestId): ReadonlyMap<RunId, Instant> {
  const claims = new Map<RunId, Instant>();
  for (const run of db.tables.runsOf.of(id)) {
    if (run.state === "ended") continue;
    for (const { claimedAt } of db.tables.attemptsOf.of(run.id)) {
      if (claimedAt !== undefined) claims.set(run.id, claimedAt);
    }
  }
  return claims;
}
