import fc from "fast-check";
import { expect, test } from "vitest";
import { type Dirspace, parseDir, parseWorkspace } from "../change/dirspace.ts";
import type { RunsOn } from "../config/engine.ts";
import { type Batchable, batch } from "./batch.ts";

function dirspace(text: string): Dirspace {
  const [dirText = "", name = "default"] = text.split(":");
  const dir = parseDir(dirText);
  const workspace = parseWorkspace(name);
  if (dir.kind === "error" || workspace.kind === "error") throw new Error(text);
  return { dir: dir.dir, workspace: workspace.workspace };
}

interface Options {
  readonly environment?: string;
  readonly runsOn?: RunsOn;
  readonly after?: string;
  readonly wave?: number;
}

function item(text: string, { environment, runsOn, after, wave = 0 }: Options = {}): Batchable {
  return {
    dirspace: dirspace(text),
    wave,
    predecessors: after === undefined ? [] : [dirspace(after)],
    workflow: {
      ...(environment === undefined ? {} : { environment }),
      ...(runsOn === undefined ? {} : { runsOn }),
    },
  };
}

const rules = (max?: number) => ({
  enabled: max !== undefined,
  maxWorkspacesPerBatch: max ?? 1,
});

function name({ dirspace: { dir, workspace } }: Batchable): string {
  return workspace === "default" ? dir : `${dir}:${workspace}`;
}

/** Number and name, what there is, the limit where there is one, the jobs, what is held. */
const TABLE: readonly (readonly [
  string,
  readonly Batchable[],
  number | undefined,
  string[][],
  string[],
])[] = [
  [
    "1 directories of one environment share jobs up to the limit",
    ["a", "b", "c", "d", "e"].map((dir) => item(dir, { environment: "prod" })),
    2,
    [["a", "b"], ["c", "d"], ["e"]],
    [],
  ],
  ["2 a limit of 0 is a limit of 1", [item("a"), item("b")], 0, [["a"], ["b"]], []],
  [
    "3 environments are never mixed",
    [item("a", { environment: "x" }), item("b", { environment: "y" }), item("c")],
    undefined,
    [["a"], ["b"], ["c"]],
    [],
  ],
  [
    "4 machines are never mixed, and are compared by their value",
    [
      item("a", { runsOn: { group: "big", labels: ["x"] } }),
      item("b", { runsOn: { labels: ["x"], group: "big" } }),
      item("c", { runsOn: ["x"] }),
    ],
    undefined,
    [["c"], ["a", "b"]],
    [],
  ],
  [
    "5 a directory with three workspaces is three jobs",
    [item("a:x"), item("a:y"), item("a:z"), item("b")],
    10,
    [["a:x", "b"], ["a:y"], ["a:z"]],
    [],
  ],
  [
    "6 without batch_runs workspaces of a directory share a job, whatever the limit says",
    [item("a:x"), item("a:y"), item("b")],
    undefined,
    [["a:x", "a:y", "b"]],
    [],
  ],
  ["7 nothing gives no job", [], 3, [], []],
  [
    "8 what comes after something in the same job is in it",
    [item("a"), item("b", { after: "a", wave: 1 }), item("c")],
    3,
    [["a", "c", "b"]],
    [],
  ],
  [
    "9 what comes after something in another job waits for it, and so does what comes after that",
    [
      item("a", { environment: "x" }),
      item("b", { environment: "y", after: "a", wave: 1 }),
      item("c", { environment: "y", after: "b", wave: 2 }),
      item("d", { environment: "y", after: "elsewhere", wave: 1 }),
    ],
    undefined,
    [["a"], ["d"]],
    ["b", "c"],
  ],
];

test.each(TABLE)("batches of §8.2: %s", (_name, items, max, jobs, held) => {
  const found = batch(items, rules(max));
  expect(found.batches.map((own) => own.map(name))).toEqual(jobs);
  expect(found.held.map(name)).toEqual(held);
});

const anItem = fc.record({
  dir: fc.constantFrom("a", "b", "c", "d"),
  workspace: fc.constantFrom("x", "y", "z"),
  environment: fc.constantFrom(undefined, "p", "q"),
  runsOn: fc.constantFrom<RunsOn | undefined>(undefined, "big", ["big"]),
  on: fc.nat(12),
});
const items = fc
  .uniqueArray(anItem, { selector: (one) => `${one.dir}:${one.workspace}`, maxLength: 12 })
  .map((list) =>
    list.map((one, at) => {
      // Some come after one before them.
      const before = one.on < at ? list[one.on] : undefined;
      return item(`${one.dir}:${one.workspace}`, {
        ...(one.environment === undefined ? {} : { environment: one.environment }),
        ...(one.runsOn === undefined ? {} : { runsOn: one.runsOn }),
        ...(before === undefined ? {} : { after: `${before.dir}:${before.workspace}` }),
        wave: at,
      });
    }),
  );
const max = fc.option(fc.integer({ min: -1, max: 4 }), { nil: undefined });

/** Unknown, or how long each takes by its name. */
const durations = fc.option(
  fc
    .array(fc.integer({ min: 1, max: 1_000 }), { minLength: 12, maxLength: 12 })
    .map((ms) => (one: Batchable) => {
      const text = name(one);
      return ms[(text.charCodeAt(0) + text.charCodeAt(text.length - 1) * 3) % ms.length] ?? 1;
    }),
  { nil: undefined },
);

test("each dirspace is in exactly one job or held, and every job keeps the rules", () => {
  fc.assert(
    fc.property(items, max, durations, (list, limit, usual) => {
      const { batches, held } = batch(list, rules(limit), usual);
      expect([...batches.flat(), ...held].map(name).sort()).toEqual(list.map(name).sort());
      const jobOf = new Map(batches.flatMap((own, at) => own.map((one) => [name(one), at])));
      for (const own of batches) {
        expect(new Set(own.map((one) => JSON.stringify(one.workflow))).size).toBe(1);
        if (limit === undefined) continue;
        expect(own.length).toBeLessThanOrEqual(Math.max(1, limit));
        expect(new Set(own.map((one) => one.dirspace.dir)).size).toBe(own.length);
      }
      for (const one of batches.flat()) {
        for (const before of one.predecessors) {
          const key = name({ ...one, dirspace: before });
          expect(jobOf.get(key)).toBe(jobOf.get(name(one)));
        }
      }
      for (const one of held) expect(one.predecessors).not.toEqual([]);
    }),
  );
});

test("the order in which the dirspaces come does not matter", () => {
  fc.assert(
    fc.property(items, max, durations, (list, limit, usual) => {
      const turned = batch([...list].reverse(), rules(limit), usual);
      expect(turned).toEqual(batch(list, rules(limit), usual));
    }),
  );
});

/** What there is and how long it takes, the limit, the jobs. */
const BALANCED: readonly (readonly [
  string,
  readonly (readonly [Batchable, number])[],
  number,
  string[][],
])[] = [
  [
    "two long ones do not share a job",
    [
      [item("a"), 90],
      [item("b"), 80],
      [item("c"), 10],
      [item("d"), 5],
    ],
    2,
    [
      ["a", "d"],
      ["b", "c"],
    ],
  ],
  [
    "there are no more jobs than the limit asks for",
    [
      [item("a"), 90],
      [item("b"), 1],
      [item("c"), 1],
    ],
    3,
    [["a", "b", "c"]],
  ],
  [
    "what depends on each other stays together",
    [
      [item("a"), 10],
      [item("b", { after: "a", wave: 1 }), 10],
      [item("c"), 15],
      [item("d"), 1],
    ],
    2,
    [
      ["a", "b"],
      ["c", "d"],
    ],
  ],
  [
    "what depends on each other and is more than the limit is held",
    [
      [item("a"), 10],
      [item("b", { after: "a", wave: 1 }), 10],
      [item("c", { after: "b", wave: 2 }), 10],
    ],
    2,
    [["a", "b"]],
  ],
  [
    "machines are never mixed, however unequal that is",
    [
      [item("a", { runsOn: "big" }), 90],
      [item("b", { runsOn: "big" }), 90],
      [item("c"), 1],
    ],
    3,
    [["a", "b"], ["c"]],
  ],
];

test.each(BALANCED)("batches by past durations: %s", (_name, list, max, jobs) => {
  const known = new Map(list.map(([one, ms]) => [name(one), ms]));
  const all = list.map(([one]) => one);
  const found = batch(all, rules(max), (one) => known.get(name(one)) ?? 0);
  expect(found.batches.map((own) => own.map(name))).toEqual(jobs);
});

test("past durations make no more jobs than names do", () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 40 }), (ms, limit) => {
      const all = ms.map((_, at) => item(`d${at}`));
      const lengthOf = (one: Batchable) => ms[Number(one.dirspace.dir.slice(1))] ?? 0;
      const jobs = batch(all, rules(limit), lengthOf).batches;
      expect(jobs.length).toBe(batch(all, rules(limit)).batches.length);
      expect(jobs.flat().length).toBe(all.length);
    }),
  );
});
