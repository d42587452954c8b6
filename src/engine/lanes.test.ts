import { expect, test } from "vitest";
import {
  createLanes,
  EFFECTS_MAX,
  type Entered,
  type Heard,
  type Lanes,
  laneNames,
} from "./lanes.ts";

const HOST = "forge";
const SILENT: Heard = { kind: "silent" };
const ANSWERED: Heard = { kind: "answered" };

const at = (installation: string, host = HOST) => ({ host, installation });
/** With a clock that stands still until it is told otherwise. */
function fresh(): { readonly lanes: Lanes; pass(ms: number): void } {
  let now = 0;
  const pass = (ms: number) => {
    now += ms;
  };
  return { lanes: createLanes(() => now), pass };
}

/** As many as get in, of those who try. */
function fill(
  lanes: Lanes,
  installation: string,
  host = HOST,
): Extract<Entered, { kind: "entered" }>[] {
  const inside: Extract<Entered, { kind: "entered" }>[] = [];
  for (let n = 0; n < 2 * EFFECTS_MAX; n++) {
    const entered = lanes.enter(at(installation, host));
    if (entered.kind === "entered") inside.push(entered);
  }
  return inside;
}

function once(lanes: Lanes, installation: string, heard: Heard): Entered["kind"] {
  const entered = lanes.enter(at(installation));
  if (entered.kind === "entered") entered.leave(heard);
  return entered.kind;
}

test("L42 an installation that is slow leaves half of the slots to others, and its host some", () => {
  const { lanes } = fresh();
  const slow = fill(lanes, "1");
  expect(slow).toHaveLength(4);
  expect(lanes.closed()).toEqual([laneNames(at("1"))[1]]);
  expect(fill(lanes, "2")).toHaveLength(2);
  expect(fill(lanes, "3")).toHaveLength(0);
  expect(fill(lanes, "1", "other")).toHaveLength(4);
  slow[0]?.leave(ANSWERED);
  expect(lanes.enter(at("3")).kind).toBe("entered");
});

test("L37 who was told to wait waits that long, and other installations do not", () => {
  const { lanes, pass } = fresh();
  once(lanes, "1", { kind: "closed", waitMs: 90_000 });
  expect(lanes.enter(at("1"))).toEqual({ kind: "closed", pauseMs: 90_000 });
  expect(lanes.closed()).toEqual([laneNames(at("1"))[1]]);
  expect(once(lanes, "2", ANSWERED)).toBe("entered");
  pass(90_000);
  expect(fill(lanes, "1")).toHaveLength(4);
});

test("L37 nobody closes an installation for longer than an hour", () => {
  const { lanes } = fresh();
  once(lanes, "1", { kind: "closed", waitMs: 1e12 });
  expect(lanes.enter(at("1"))).toEqual({ kind: "closed", pauseMs: 3_600_000 });
});

test("a host that does not answer is asked by one call at a time, after growing pauses", () => {
  const { lanes, pass } = fresh();
  for (const installation of ["1", "2", "3"]) once(lanes, installation, SILENT);
  const pauses: number[] = [];
  for (let n = 0; n < 8; n++) {
    const closed = lanes.enter(at(`new-${n}`));
    if (closed.kind !== "closed") throw new Error("a host that is away was asked");
    pauses.push(closed.pauseMs);
    pass(closed.pauseMs);
    const inside = fill(lanes, `new-${n}`);
    expect(inside).toHaveLength(1);
    inside[0]?.leave(SILENT);
  }
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  pass(30_000);
  expect(once(lanes, "1", ANSWERED)).toBe("entered");
  expect(fill(lanes, "1")).toHaveLength(4);
});

test("an installation that gets no answers while others do is the only one that pauses", () => {
  const { lanes } = fresh();
  for (let n = 0; n < 3; n++) {
    once(lanes, "1", SILENT);
    once(lanes, "2", ANSWERED);
  }
  expect(lanes.closed()).toEqual([laneNames(at("1"))[1]]);
});

test("what failed by ourselves says nothing of the host", () => {
  const { lanes } = fresh();
  for (let n = 0; n < 5; n++) once(lanes, "1", { kind: "nothing" });
  expect(lanes.closed()).toEqual([]);
});
