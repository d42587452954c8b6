import { sql } from "kysely";
import { present } from "../../base/assert.ts";
import type { DirspaceKey } from "../../core/change/dirspace.ts";
import { decideGrant, needsWhole } from "../../core/run/grant.ts";
import type { Bell } from "../../ports/bell.ts";
import type { RunnerStore, Session } from "../../ports/runner-store.ts";
import { isQuarantined } from "../engine/quarantine.ts";
import { thenRing, type Wake } from "../engine/ring.ts";
import { readSnapshot } from "../engine/snapshot.ts";
import type { Database } from "../pool.ts";
import { SQLSTATE, sqlState } from "../sqlstate.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { wakeRun } from "./wake.ts";
import { isUnit } from "./work.ts";

const QUARANTINED =
  "The database was promoted or restored, so an apply may be in flight that nobody remembers. Nothing is applied " +
  "until every job from before has ended. Look at `terrane doctor`, then comment `terrane plan` and `terrane apply` again.";

type GrantStore = Pick<RunnerStore, "grant" | "unitSnapshot">;

export function grantStore(database: Database, bell: Bell): GrantStore {
  return {
    unitSnapshot: (session, unit) =>
      inTransaction(database, async (tx) => {
        const { pullRequest, runId: run } = session.run;
        const { rows } = await sql<{ id: string }>`${selectDirspace(session, unit)}`.execute(tx);
        const { id: dirspaceId } = present(rows[0], "a run's unit has a dirspace");
        return readSnapshot(tx, pullRequest, new Map(), { dirspaceId, run });
      }),
    async grant(session, unit, digest, live) {
      try {
        return await thenRing(database, bell, (tx, wake) =>
          grant(tx, wake, session, unit, digest, live),
        );
      } catch (error) {
        // S1: the index has the last word. Another apply got the dirspace between our reading and our writing.
        if (sqlState(error) !== SQLSTATE.uniqueViolation) throw error;
        return {
          kind: "refused",
          code: "APPLY_IN_FLIGHT",
          message: `Another apply of ${unit} is in flight.`,
        };
      }
    },
  };
}

function selectDirspace({ run }: Session, unit: DirspaceKey) {
  const colon = unit.lastIndexOf(":");
  return sql`
    select dirspace.id from dirspace where repository_id = ${run.pullRequest.repository.id}
      and dir = ${unit.slice(0, colon)} and workspace = ${unit.slice(colon + 1)}
  `;
}

async function grant(
  tx: Tx,
  wake: Wake,
  session: Session,
  unit: DirspaceKey,
  digest: string | undefined,
  live: Parameters<RunnerStore["grant"]>[3],
): ReturnType<RunnerStore["grant"]> {
  const { pullRequest, runId } = session.run;
  if (await isQuarantined(tx, pullRequest.repository.id)) {
    return { kind: "refused", code: "QUARANTINE", message: QUARANTINED };
  }
  await sql`select from pull_request where id = ${pullRequest.id} for update`.execute(tx);
  const { rows } = await sql<{ id: string }>`
    ${selectDirspace(session, unit)} for no key update
  `.execute(tx);
  const dirspaceId = rows[0]?.id;
  if (dirspaceId === undefined) {
    return { kind: "refused", code: "UNKNOWN_UNIT", message: `This run has no unit ${unit}.` };
  }
  const { rows: holds } = await sql`
    select from attempt where id = ${session.attempt} and ended_at is null
      and (ci_run is null or ci_run = claimed_ci_run)
      and claimed_ci_run is not distinct from ${session.claimedBy ?? null} for share
  `.execute(tx);
  if (holds.length === 0) {
    return { kind: "refused", code: "RUN_OVER", message: "This job may not apply any more." };
  }
  const held = new Map([[unit, dirspaceId]]);
  const part = await readSnapshot(tx, pullRequest, held, { dirspaceId, run: runId });
  const snapshot = needsWhole(part) ? await readSnapshot(tx, pullRequest, held) : part;
  const decided = decideGrant(snapshot, { runId, unit, digest, view: live.view });
  if (decided.kind === "refused") return decided;
  const { rows: fences } = await sql<{ last_fence: string }>`
    update dirspace set last_fence = last_fence + 1 where id = ${dirspaceId} returning last_fence
  `.execute(tx);
  const fence = Number(present(fences[0], "the dirspace row is held").last_fence);
  await sql`
    update work set state = 'granted', fence = ${fence}, started_at = coalesce(work.started_at, now())
    from dirspace where dirspace.id = work.dirspace_id and ${isUnit(runId, unit)}
  `.execute(tx);
  await sql`
    insert into apply_grant (dirspace_id, fence, run_id, attempt_id, plan_run_id, plan_digest, head_sha, evidence)
    values (${dirspaceId}, ${fence}, ${runId}, ${session.attempt}, ${decided.planRunId ?? null}, ${digest ?? null},
      ${live.view.headSha}, ${JSON.stringify(live.evidence)}::jsonb)
  `.execute(tx);
  await wakeRun(tx, wake, runId);
  return { kind: "granted", fence };
}
