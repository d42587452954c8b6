import { present } from "../../../src/base/assert.ts";
import type { MemoryDatabase } from "./database.ts";
import type { AttemptRow, RunRow } from "./rows.ts";

export function runOf(db: MemoryDatabase, attempt: AttemptRow): RunRow {
  return present(db.tables.runs.get(attempt.runId), "an attempt's run");
}
