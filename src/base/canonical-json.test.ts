import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";

test.each<[unknown, string]>([
  [null, "null"],
  [-0, "0"],
  [1.5, "1.5"],
  ['a"b\u2028', JSON.stringify('a"b\u2028')],
  [[], "[]"],
  [{}, "{}"],
  [[3, 1, 2], "[3,1,2]"],
  [{ b: 1, a: { d: [true], c: null } }, '{"a":{"c":null,"d":[true]},"b":1}'],
  [{ a: undefined, b: 1 }, '{"b":1}'],
  [{ Z: 1, a: 2, ä: 3, "10": 4, "9": 5 }, '{"10":4,"9":5,"Z":1,"a":2,"ä":3}'],
])("%j has one form", (value, text) => {
  expect(canonicalJson(value)).toBe(text);
});

test("the order in which keys were written does not matter", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(), (value, turn) => {
      const entries = Object.entries(value);
      const at = entries.length === 0 ? 0 : turn % entries.length;
      const turned = Object.fromEntries([...entries.slice(at), ...entries.slice(0, at)]);
      expect(canonicalJson(turned)).toBe(canonicalJson(value));
    }),
  );
});

test("the form reads back as the same value, and is stable", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      const again: unknown = JSON.parse(text);
      expect(again).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(again)).toBe(text);
    }),
  );
});

const cycle: unknown[] = [];
cycle.push(cycle);

test.each<[string, unknown]>([
  ["NaN", Number.NaN],
  ["infinity", Number.POSITIVE_INFINITY],
  ["undefined in a list", [undefined]],
  ["a function", () => 1],
  ["a bigint", 1n],
  ["a date", new Date(0)],
  ["a map", new Map()],
  ["a cycle", cycle],
])("what JSON cannot say is refused: %s", (_name, value) => {
  expect(() => canonicalJson(value)).toThrow("canonical JSON");
});
