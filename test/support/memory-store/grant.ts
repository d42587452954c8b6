import { present } from "../../../src/base/assert.ts";
import type { DirspaceKey } from "../../../src/core/change/dirspace.ts";
import { decideGrant, needsWhole } from "../../../src/core/run/grant.ts";
import type { Granted, RunnerStore, Session } from "../../../src/ports/runner-store.ts";
import { ConstraintViolation, ONE_APPLY, putDirspace, putWork, refuse } from "./constraints.ts";
import type { MemoryDatabase } from "./database.ts";
import { findDirspace } from "./dirspaces.ts";
import type { AttemptRow, DirspaceRow, GrantRow } from "./rows.ts";
import { readSnapshot } from "./snapshot.ts";
import { wakeRun } from "./wake.ts";
import { unitOf } from "./work.ts";

export function grantStore(db: MemoryDatabase): Pick<RunnerStore, "grant" | "unitSnapshot"> {
  return {
    unitSnapshot: ({ run: { pullRequest, runId } }, unit) =>
      db.transaction(() => {
        const row = findDirspace(db, pullRequest.repository.id, unit);
        const { id: dirspaceId } = present(row, "a run's unit has a dirspace");
        return readSnapshot(db, pullRequest, new Map(), { dirspaceId, run: runId });
      }),
    async grant(session, unit, digest, live) {
      try {
        return await db.transaction(() => grant(db, session, unit, digest, live));
      } catch (error) {
        if (!(error instanceof ConstraintViolation) || error.constraint !== ONE_APPLY) throw error;
        const message = `Another apply of ${unit} is in flight.`;
        return { kind: "refused", code: "APPLY_IN_FLIGHT", message };
      }
    },
  };
}

function grant(
  db: MemoryDatabase,
  session: Session,
  unit: DirspaceKey,
  digest: string | undefined,
  live: Parameters<RunnerStore["grant"]>[3],
): Granted {
  const { pullRequest, runId } = session.run;
  const dirspace = findDirspace(db, pullRequest.repository.id, unit);
  if (dirspace === undefined) {
    return { kind: "refused", code: "UNKNOWN_UNIT", message: `This run has no unit ${unit}.` };
  }
  const attempt = db.tables.attempts.get(session.attempt);
  if (attempt === undefined || !mayApply(attempt, session)) {
    return { kind: "refused", code: "RUN_OVER", message: "This job may not apply any more." };
  }
  const held = new Map([[unit, dirspace.id]]);
  const part = readSnapshot(db, pullRequest, held, { dirspaceId: dirspace.id, run: runId });
  const snapshot = needsWhole(part) ? readSnapshot(db, pullRequest, held) : part;
  const decided = decideGrant(snapshot, { runId, unit, digest, view: live.view });
  if (decided.kind === "refused") return decided;
  const fence = raiseFence(db, dirspace);
  const work = unitOf(db, runId, unit);
  if (work !== undefined) {
    putWork(db, { ...work, state: "granted", fence, startedAt: work.startedAt ?? db.now });
  }
  insertGrant(db, {
    dirspaceId: dirspace.id,
    fence,
    runId,
    attemptId: session.attempt,
    planRunId: decided.planRunId,
    planDigest: digest,
    headSha: live.view.headSha,
    evidence: live.evidence,
    grantedAt: db.now,
  });
  wakeRun(db, runId);
  return { kind: "granted", fence };
}

function mayApply(attempt: AttemptRow, { claimedBy }: Session): boolean {
  const { ciRun, claimedCiRun, endedAt } = attempt;
  const isHolder = ciRun === undefined || ciRun === claimedCiRun;
  return endedAt === undefined && isHolder && claimedCiRun === claimedBy;
}

function raiseFence(db: MemoryDatabase, dirspace: DirspaceRow): number {
  const lastFence = dirspace.lastFence + 1;
  putDirspace(db, { ...dirspace, lastFence });
  return lastFence;
}

/** S5: a run gets a dirspace once, and a fence is given once. */
function insertGrant(db: MemoryDatabase, row: GrantRow): void {
  const { grants, grantsOf } = db.tables;
  const key = `${row.dirspaceId}|${row.fence}`;
  if (grants.get(key) !== undefined) refuse("apply_grant_pkey", key);
  for (const other of grantsOf.of(row.runId)) {
    if (other.dirspaceId === row.dirspaceId) refuse("apply_grant_run", row.runId);
  }
  grants.put(key, row);
}
