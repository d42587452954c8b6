import { expect, test } from "vitest";
import { NEXT_RUN_STATES, type RunState } from "./run.ts";
import { type RunStanding, runStanding, type WorkStanding, workStanding } from "./standing.ts";
import { NEXT_WORK_STATES, type WorkState } from "./work.ts";

/** Going on; asked to stop; contact lost; contact lost and asked to stop. */
const RUNS: Readonly<Record<RunState, readonly RunStanding[]>> = {
  queued: ["queued", "cancelling", "unknown", "unknown"],
  dispatched: ["dispatched", "cancelling", "unknown", "unknown"],
  running: ["running", "cancelling", "unknown", "unknown"],
  ended: ["ended", "ended", "ended", "ended"],
};

/** Going on; asked to stop; asked to stop and ended. */
const WORKS: Readonly<Record<WorkState, readonly WorkStanding[]>> = {
  queued: ["queued", "cancelling", "queued"],
  running: ["running", "cancelling", "running"],
  granted: ["granted", "cancelling", "granted"],
  unknown: ["unknown", "unknown", "unknown"],
  planned: ["planned", "planned", "planned"],
  applied: ["applied", "applied", "applied"],
  waiting: ["waiting", "waiting", "waiting"],
  failed: ["failed", "failed", "failed"],
  not_started: ["not_started", "not_started", "not_started"],
  abandoned: ["abandoned", "abandoned", "abandoned"],
};

test.each(Object.keys(NEXT_RUN_STATES) as RunState[])(
  "S3 S4 what people are told of a run that is %s",
  (state) => {
    const told = [["running", "planned"] as const, ["unknown", "running"] as const].flatMap(
      (works) =>
        [false, true].map((cancelRequested) => runStanding({ state, cancelRequested }, works)),
    );
    expect(told).toEqual(RUNS[state]);
  },
);

test.each(Object.keys(NEXT_WORK_STATES) as WorkState[])(
  "S3 S4 what people are told of a dirspace that is %s",
  (state) => {
    const runs = [
      { state: "running", cancelRequested: false },
      { state: "running", cancelRequested: true },
      { state: "ended", cancelRequested: true },
    ] as const;
    expect(runs.map((run) => workStanding(run, state))).toEqual(WORKS[state]);
  },
);
