import fc from "fast-check";
import { expect, test } from "vitest";
import { type Blocked, type Node, type NodeEnd, Schedule } from "./schedule.ts";

interface Trace {
  readonly started: number[];
  readonly blocked: Blocked[];
  readonly widest: number;
  readonly schedule: Schedule;
}

/** Runs to the end; `pick` says which of the running nodes ends next, `end` how. */
function drive(
  nodes: readonly Node[],
  parallel: number,
  end: (node: number) => NodeEnd,
  pick: (running: readonly number[]) => number = () => 0,
): Trace {
  const schedule = new Schedule(nodes, parallel);
  const trace = { started: [] as number[], blocked: [] as Blocked[], widest: 0, schedule };
  const running: number[] = [];
  for (let rounds = 0; !schedule.settled; rounds += 1) {
    if (rounds > 10 * nodes.length + 10) throw new Error("it does not come to an end");
    const move = schedule.next();
    running.push(...move.start);
    trace.started.push(...move.start);
    trace.blocked.push(...move.blocked);
    trace.widest = Math.max(trace.widest, running.length);
    if (running.length === 0) continue;
    const [node] = running.splice(pick(running) % running.length, 1);
    if (node !== undefined) schedule.end(node, end(node));
  }
  return trace;
}

const after = (...lists: number[][]): Node[] => lists.map((list) => ({ after: list }));
const passes = (): NodeEnd => "passed";

const graphs = fc
  .integer({ min: 0, max: 12 })
  .chain((size) =>
    fc.array(fc.array(fc.integer({ min: -1, max: 12 }), { maxLength: 4 }), {
      minLength: size,
      maxLength: size,
    }),
  )
  .map((lists) => lists.map((list) => ({ after: list })));
/** Edges only to earlier nodes: no cycles. */
const acyclic = graphs.map((nodes) =>
  nodes.map((node, index) => ({
    after: node.after.filter((before) => before < index && before >= 0),
  })),
);
const picks = fc.array(fc.nat(), { minLength: 1, maxLength: 20 });

function picker(choices: readonly number[]) {
  let at = 0;
  return () => choices[at++ % choices.length] ?? 0;
}

test("the longest remaining path starts first, then the order of the work item", () => {
  const nodes = after([], [], [1], [2], []);
  expect(drive(nodes, 1, passes).started).toEqual([1, 2, 0, 3, 4]);
});

test("what is held back names all direct predecessors that hold it, once they have all ended", () => {
  const nodes = after([], [], [0, 1], [2]);
  const trace = drive(nodes, 4, (node) => (node === 0 ? "passed" : "held"));
  expect(trace.blocked).toEqual([
    { node: 2, by: [1] },
    { node: 3, by: [2] },
  ]);
});

test("a cycle blocks its members and what follows, and nothing else", () => {
  const trace = drive(after([1], [0], [1], []), 2, passes);
  expect(trace.started).toEqual([3]);
  expect(trace.blocked.map((each) => each.node)).toEqual([0, 1, 2]);
});

test("every node either starts once or is blocked once, in any graph and any order of ends", () => {
  fc.assert(
    fc.property(
      graphs,
      fc.integer({ min: 1, max: 5 }),
      picks,
      fc.nat(),
      (nodes, parallel, choices, seed) => {
        const end = (node: number): NodeEnd => ((seed >> (node % 20)) & 1 ? "held" : "passed");
        const trace = drive(nodes, parallel, end, picker(choices));
        const all = [...trace.started, ...trace.blocked.map((each) => each.node)];
        expect(all.toSorted((left, right) => left - right)).toEqual(nodes.map((_, index) => index));
        expect(trace.widest).toBeLessThanOrEqual(parallel);
      },
    ),
  );
});

test("nothing starts before all its predecessors have passed", () => {
  fc.assert(
    fc.property(acyclic, fc.integer({ min: 1, max: 5 }), picks, (nodes, parallel, choices) => {
      const trace = drive(nodes, parallel, passes, picker(choices));
      expect(trace.blocked).toEqual([]);
      for (const [index, node] of nodes.entries()) {
        for (const before of node.after) {
          expect(trace.started.indexOf(before)).toBeLessThan(trace.started.indexOf(index));
        }
      }
    }),
  );
});

test("what is blocked does not depend on how many run at once or on who ends first", () => {
  fc.assert(
    fc.property(graphs, picks, fc.nat(), (nodes, choices, seed) => {
      const end = (node: number): NodeEnd => ((seed >> (node % 20)) & 1 ? "held" : "passed");
      const blocked = (parallel: number) =>
        drive(nodes, parallel, end, picker(choices)).blocked.toSorted(
          (left, right) => left.node - right.node,
        );
      expect(blocked(1)).toEqual(blocked(4));
    }),
  );
});

test("no slot is idle while something could start", () => {
  fc.assert(
    fc.property(acyclic, fc.integer({ min: 1, max: 4 }), (nodes, parallel) => {
      const schedule = new Schedule(nodes, parallel);
      while (!schedule.settled) {
        schedule.next();
        const { states } = schedule;
        const running = states.filter((state) => state === "running").length;
        const ready = nodes.filter(
          (node, index) =>
            states[index] === "queued" && node.after.every((before) => states[before] === "passed"),
        );
        expect(running === parallel || ready.length === 0).toBe(true);
        schedule.end(states.indexOf("running"), "passed");
      }
    }),
  );
});
