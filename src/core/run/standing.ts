import type { Run, RunState } from "./run.ts";
import { hasEnded, type WorkState } from "./work.ts";

/**
 * What a run is for people: its state, and what its state does not say. Never stored.
 *
 * | standing | when |
 * |---|---|
 * | queued, dispatched, running | as the state |
 * | cancelling | asked to stop and not ended; nothing is freed before it has (S4) |
 * | unknown | contact was lost while an apply had its grant, whoever asked it to stop (S3) |
 * | ended | as the state |
 */
export type RunStanding = RunState | "cancelling" | "unknown";

export function runStanding(
  run: Pick<Run, "state" | "cancelRequested">,
  works: readonly WorkState[],
): RunStanding {
  if (run.state === "ended") return "ended";
  if (works.includes("unknown")) return "unknown";
  return run.cancelRequested ? "cancelling" : run.state;
}

/** Likewise for one dirspace of a run: what has not ended is being stopped where its run is. */
export type WorkStanding = WorkState | "cancelling";

export function workStanding(
  run: Pick<Run, "state" | "cancelRequested">,
  state: WorkState,
): WorkStanding {
  if (hasEnded(state) || state === "unknown" || run.state === "ended") return state;
  return run.cancelRequested ? "cancelling" : state;
}
