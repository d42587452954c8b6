import fc from "fast-check";
import { expect, test } from "vitest";
import { type Glob, globMatches, parseGlob } from "./glob.ts";
import { GlobSet } from "./glob-set.ts";

function globs(texts: readonly string[]): Glob[] {
  return texts.map((text) => {
    const parsed = parseGlob(text);
    if (parsed.kind === "error") throw new Error(parsed.message);
    return parsed.glob;
  });
}

const name = fc.string({ unit: fc.constantFrom(..."ab.-é😀"), minLength: 1, maxLength: 4 });
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));
const piece = fc.constantFrom("a", "b", "*", "?", "[ab]", "[!a]", "{a,b/a}", "é", "😀", ".");
const segment = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.array(piece, { minLength: 1, maxLength: 3 }).map((all) => all.join("")),
  },
  { weight: 1, arbitrary: fc.constant("**") },
);
const pattern = fc
  .array(segment, { minLength: 1, maxLength: 3 })
  .map((segments) => segments.join("/"))
  .filter((text) => parseGlob(text).kind === "ok");

test("a set says of each path what its globs say one by one, whatever was asked before", () => {
  fc.assert(
    fc.property(
      fc.array(pattern, { maxLength: 8 }),
      fc.array(path, { maxLength: 8 }),
      (texts, paths) => {
        const all = globs(texts);
        const set = new GlobSet(all);
        for (const one of paths) {
          const expected = all.flatMap((glob, at) => (globMatches(glob, one) ? [at] : []));
          expect([one, set.run(one).accepts]).toEqual([one, expected]);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("no glob below the floor of a directory matches anything in it", () => {
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 6 }), path, path, (texts, dir, rest) => {
      const all = globs(texts);
      const { floor } = new GlobSet(all).run(dir);
      const below = all.slice(0, Math.min(floor, all.length));
      expect(below.filter((glob) => globMatches(glob, `${dir}/${rest}`))).toEqual([]);
    }),
  );
});

test("patterns that can be in many states at once cost a bounded number of steps (T11)", () => {
  const hostile = Array.from({ length: 200 }, (_, at) => `**/${"*a".repeat(30)}*${at}`);
  const set = new GlobSet(globs(hostile), 1_000_000);
  for (let at = 0; at < 200; at += 1) {
    set.run(`${"a".repeat(100)}${at}/${"ab".repeat(100)}`);
  }
  expect(set.exhausted).toBe(true);
  // The step that exceeds the limit is the last: it is as wide as all patterns together at most.
  expect(set.steps).toBeLessThan(1_100_000);
  expect(set.run("a").accepts).toEqual([]);
});

test("a thousand ordinary patterns over many directories stay far from the limit", () => {
  const set = new GlobSet(
    globs(Array.from({ length: 1_000 }, (_, at) => `live/*/*/team-${at}/**/{a,b}*.tf`)),
  );
  for (let at = 0; at < 3_000; at += 1) {
    const team = (at * 7) % 1_100;
    const found = set.run(`live/prod/eu/team-${team}/x/ab${at}.tf`).accepts;
    expect(found).toEqual(team < 1_000 ? [team] : []);
  }
  expect(set.steps).toBeLessThan(2_000_000);
});
