import { NEXT_WORK_STATES } from "../../../src/core/run/work.ts";
import { RefusedWrite } from "../../../src/ports/refused-write.ts";
import type { MemoryDatabase } from "./database.ts";
import type { DirspaceRow, RunRow, WorkRow } from "./rows.ts";
import { isApplying } from "./tables.ts";

/** What the database itself refuses, whatever the code above it decided. */
export class ConstraintViolation extends RefusedWrite {
  override readonly name = "ConstraintViolation";
  readonly constraint: string;

  constructor(constraint: string, message: string) {
    super(`${constraint}: ${message}`);
    this.constraint = constraint;
  }
}

export const ONE_APPLY = "work_one_apply";

export function workKey(runId: string, dirspaceId: number): string {
  return `${runId}|${dirspaceId}`;
}

/** The only way to write a work: the triggers, checks and the unique index of the table. */
export function putWork(db: MemoryDatabase, row: WorkRow): void {
  const { works, applying } = db.tables;
  const key = workKey(row.runId, row.dirspaceId);
  const before = works.get(key);
  if (before !== undefined && before.state !== row.state) {
    if (!NEXT_WORK_STATES[before.state].includes(row.state)) {
      throw new ConstraintViolation(
        "work_moves",
        `work of run ${row.runId} may not move from ${before.state} to ${row.state}`,
      );
    }
  }
  checkColumns(row);
  if (isApplying(row)) {
    for (const busy of applying.of(row.dirspaceId)) {
      if (busy.runId === row.runId) continue;
      throw new ConstraintViolation(ONE_APPLY, `${busy.runId} applies already`);
    }
  }
  works.put(key, row);
}

function checkColumns({ op, state, fence }: WorkRow): void {
  const needsFence = state === "granted" || state === "unknown" || state === "applied";
  if (op === "plan" && needsFence) refuse("work_check", `a plan is never ${state}`);
  if (op === "apply" && (state === "planned" || state === "waiting")) {
    refuse("work_check", `an apply is never ${state}`);
  }
  if (needsFence && fence === undefined) refuse("work_check", `${state} without a fence`);
}

/** The moves of a run, and S28: how it ended stays. */
export function putRun(db: MemoryDatabase, row: RunRow): void {
  const before = db.tables.runs.get(row.id);
  if (before !== undefined) {
    const order = RUN_STATES.indexOf(row.state) - RUN_STATES.indexOf(before.state);
    if (order < 0) refuse("run_moves", `from ${before.state} to ${row.state}`);
    if (before.state === "ended" && before.outcome !== row.outcome) {
      refuse("run_moves", `run ${row.id} has ended as ${before.outcome}`);
    }
  }
  if ((row.state === "ended") !== (row.outcome !== undefined)) {
    refuse("run_check", `${row.state} as ${row.outcome}`);
  }
  db.tables.runs.put(row.id, row);
}

/** It may leave some out, and never goes back. */
const RUN_STATES: readonly RunRow["state"][] = ["queued", "dispatched", "running", "ended"];

/** S2: the fence of a dirspace only grows. */
export function putDirspace(db: MemoryDatabase, row: DirspaceRow): void {
  const before = db.tables.dirspaces.get(row.id);
  if (before !== undefined && row.lastFence < before.lastFence) {
    refuse("fence_grows", `the fence of dirspace ${row.key} may not shrink`);
  }
  db.tables.dirspaces.put(row.id, row);
}

export function refuse(constraint: string, message: string): never {
  throw new ConstraintViolation(constraint, message);
}
