import fc from "fast-check";
import { expect, test } from "vitest";
import { prng } from "./prng.ts";

test("a seed gives the same numbers for ever, so that old seeds still replay", () => {
  const source = prng(42);
  expect([
    source.uint32(),
    source.uint32(),
    source.below(10),
    source.chance(0.5),
  ]).toMatchInlineSnapshot(`
    [
      551831576,
      144025891,
      0,
      false,
    ]
  `);
});

test("the same seed replays, a different one does not", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const draw = (from: number) => Array.from({ length: 8 }, prng(from).uint32);
      expect(draw(seed)).toEqual(draw(seed));
      expect(draw(seed)).not.toEqual(draw(seed + 1));
    }),
  );
});

test("numbers stay below their limit and reach every value", () => {
  const source = prng(7);
  const seen = new Set(Array.from({ length: 500 }, () => source.below(6)));
  expect(seen).toEqual(new Set([0, 1, 2, 3, 4, 5]));
});

test.each([0, -1, 1.5, 2 ** 33, Number.NaN])("a limit of %d is refused", (limit) => {
  expect(() => prng(1).below(limit)).toThrow("prng: a limit of");
});

test("chance never happens at 0 and always at 1", () => {
  const source = prng(3);
  expect(Array.from({ length: 100 }, () => source.chance(0))).not.toContain(true);
  expect(Array.from({ length: 100 }, () => source.chance(1))).not.toContain(false);
});

test("shuffling keeps every item and leaves its argument alone", () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), fc.integer(), (items, seed) => {
      const before = [...items];
      const shuffled = prng(seed).shuffle(items);
      const up = (left: number, right: number) => left - right;
      expect(shuffled.toSorted(up)).toEqual(before.toSorted(up));
      expect(items).toEqual(before);
    }),
  );
});

test("there is nothing to pick from an empty list", () => {
  expect(() => prng(1).pick([])).toThrow("nothing to pick from");
});

test("draws from a fork do not change what its parent draws", () => {
  const parent = prng(9);
  const fork = parent.fork();
  const other = prng(9);
  other.fork();
  fork.uint32();
  fork.uint32();
  expect(parent.uint32()).toBe(other.uint32());
});
