import fc from "fast-check";
import { expect, test } from "vitest";
import { matches } from "./match.ts";
import { parseQuery } from "./parser.ts";
import type { Query } from "./query.ts";
import { buildQueryIndex } from "./query-index.ts";

const WORDS = ["a", "b", "dir:x", "x in dir", "x/y in dir", "relative_dir:../x", '""', "dir~y"];
const text: fc.Arbitrary<string> = fc.letrec<{ text: string; leaf: string }>((tie) => ({
  leaf: fc.constantFrom(...WORDS),
  text: fc.oneof(
    { maxDepth: 3 },
    tie("leaf"),
    fc.tuple(tie("text"), tie("text")).map(([a, b]) => `(${a}) and (${b})`),
    fc.tuple(tie("text"), tie("text")).map(([a, b]) => `(${a}) or (${b})`),
    tie("text").map((one) => `not (${one})`),
  ),
})).text;
const query = fc.oneof(text, fc.constant("")).map((one): Query => {
  const parsed = parseQuery(one);
  if (parsed.kind === "error") throw new Error(parsed.message);
  return parsed.query;
});
const subject = fc.record({
  tags: fc.subarray(["a", "b", "dir:x", ""]).map((tags) => new Set(tags)),
  dir: fc.constantFrom(".", "x", "x/y", "a/x", "y"),
  workingDir: fc.constantFrom("x/z", "a", "."),
});

test("the index finds the query that asking one after the other finds first", () => {
  fc.assert(
    fc.property(fc.array(query, { maxLength: 6 }), subject, (queries, one) => {
      const expected = queries.findIndex((each) => matches(each, one));
      expect(buildQueryIndex(queries).first(one)).toBe(expected);
    }),
    { numRuns: 500 },
  );
});
