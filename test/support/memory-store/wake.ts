import type { EventId, RunId } from "../../../src/core/ids.ts";
import { WAKE_DELAY_MS } from "../../../src/store/runner/wake.ts";
import type { MemoryDatabase } from "./database.ts";
import { insertEvent } from "./events.ts";
import { wakePullRequest } from "./jobs.ts";

/** Many reports wake one evaluation: an event that is due already will see what is stored now. */
export function wakeRun(db: MemoryDatabase, runId: RunId): void {
  const run = db.tables.runs.get(runId);
  if (run === undefined) return;
  const waiting = [...db.tables.pendingProgress.of(runId)];
  if (waiting.some(({ notBefore }) => (notBefore ?? 0) <= db.now)) return;
  const id = db.rowId("event", `${runId}#${db.next("progress")}`) as EventId;
  insertEvent(db, run.pullRequestId, id, { kind: "run_progressed", runId });
  wakePullRequest(db, run.pullRequestId, WAKE_DELAY_MS);
}
