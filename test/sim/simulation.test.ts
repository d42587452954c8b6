import { expect, test } from "vitest";
import { INVARIANTS } from "../support/sim/invariants/all.ts";
import { runScenario } from "../support/sim/run-seed.ts";
import { drawScenario } from "../support/sim/scenario.ts";
import { shrink } from "../support/sim/shrink.ts";
import type { SizeName } from "../support/sim/size.ts";
import { FOUND } from "./found.ts";

/** The same in every run, so that a change that breaks something is seen to do so. */
const FIXED_SEEDS = 250;
/** New ones in every run: what nobody has looked at yet. The number is in the name of the test. */
const FRESH_SEEDS = 250;
const fresh = Date.now() % 1_000_000_000;
/** What needs many to meet is rare among those. */
const LARGE_SEEDS = 12;

test(`histories of the seeds 1 to ${FIXED_SEEDS} keep every invariant`, async () => {
  expect(await broken(1, FIXED_SEEDS)).toEqual([]);
});

test(`histories of ${FRESH_SEEDS} fresh seeds from ${fresh} on keep every invariant`, async () => {
  expect(await broken(fresh, FRESH_SEEDS)).toEqual([]);
});

test(`large histories of ${LARGE_SEEDS} fresh seeds from ${fresh} on keep every invariant`, async () => {
  expect(await broken(fresh, LARGE_SEEDS, "large")).toEqual([]);
});

test.each(FOUND)("$name", async ({ scenario }) => {
  const { violation } = await runScenario(scenario);
  expect(violation).toBeUndefined();
});

test("S30 a seed is one history", async () => {
  for (const seed of [3, 11, 27]) {
    const [first, second] = [
      await runScenario(drawScenario(seed)),
      await runScenario(drawScenario(seed)),
    ];
    expect({ ...second, faults: [...second.faults] }).toEqual({
      ...first,
      faults: [...first.faults],
    });
  }
});

test("faults of every class are injected", async () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 30; seed++) {
    for (const name of (await runScenario(drawScenario(seed, { size: "small" }))).faults.keys()) {
      seen.add(name);
    }
  }
  expect([...seen].sort()).toEqual(
    ["F1", "F10", "F11", "F12", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9"].sort(),
  );
});

test("a violation is minimised to what it needs, and that replays", async () => {
  const scenario = drawScenario(4);
  const first = await runScenario(scenario);
  // Every history ends at some step: a rule that says otherwise is broken by all of them.
  const result = { ...first, violation: { invariant: "none", message: "", steps: first.steps } };
  const small = await shrink(scenario, result);
  expect(small.scenario).toBe(scenario);
  expect(small.tries).toBeGreaterThan(0);
});

test("every invariant has a number and says what it means in one sentence", () => {
  for (const { id, says } of INVARIANTS) {
    expect(id).toMatch(/^[SL]\d+$/);
    expect(says).toMatch(/^[a-z].{20,}[^.]$/);
  }
});

async function broken(from: number, count: number, size?: SizeName): Promise<readonly string[]> {
  const found: string[] = [];
  for (let seed = from; seed < from + count; seed++) {
    const { violation } = await runScenario(drawScenario(seed, { size }));
    if (violation !== undefined) found.push(`${seed}: ${violation.invariant} ${violation.message}`);
  }
  return found;
}
