import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeGlob, globMatches, isGlob, parseGlob, unescapeGlob } from "./glob.ts";

/** Pattern, paths that match, paths that do not. */
const CASES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["main.tf", ["main.tf"], ["a/main.tf", "main.tfx", "xmain.tf"]],
  ["a/*.tf", ["a/x.tf", "a/.tf", "a/.hidden.tf"], ["a/b/x.tf", "x.tf", "ab/x.tf", "a/x.tf2", "a"]],
  ["*.tf", ["x.tf"], ["a/x.tf"]],
  ["**/*.tf", ["x.tf", "a/x.tf", "a/b/c/x.tf", ".x/y.tf"], ["x.tfvars", "a/x"]],
  ["**/main.tf", ["main.tf", "a/main.tf", "a/b/main.tf"], ["xmain.tf", "a/xmain.tf"]],
  ["foo/**", ["foo", "foo/a", "foo/a/b"], ["foobar", "a/foo", "fo"]],
  ["**", ["a", "a/b", ".a"], []],
  ["a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/xb", "a/b/c", "b"]],
  ["a/**/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab"]],
  ["a/**/**", ["a", "a/b", "a/b/c"], ["ab"]],
  ["**/a/**", ["a", "a/b", "x/a", "x/a/y"], ["xa", "ab/c"]],
  ["a/**/*.tf", ["a/x.tf", "a/b/x.tf"], ["a.tf", "b/a/x.tf"]],
  ["a**b", ["ab", "axb"], ["a/b"]],
  ["x/a**", ["x/a", "x/abc"], ["x/a/b"]],
  ["fo?/*.tf", ["foo/x.tf", "fo€/x.tf", "fo😀/x.tf"], ["fo/x.tf", "fooo/x.tf", "fo//x.tf"]],
  ["[ab]/x", ["a/x", "b/x"], ["c/x", "ab/x"]],
  ["[!ab]/x", ["c/x"], ["a/x", "//x"]],
  ["[^ab]/x", ["c/x"], ["a/x"]],
  ["x[a-c0-9]", ["xa", "xc", "x5"], ["xd", "x-", "x/"]],
  ["[]a]", ["]", "a"], ["b"]],
  ["[a-]", ["a", "-"], ["b"]],
  ["[\\]]", ["]"], ["\\"]],
  ["a[!x]b", ["ayb"], ["a/b", "axb"]],
  ["*.{tf,tfvars}", ["x.tf", "x.tfvars"], ["x.tfv", "x.", "a/x.tf"]],
  ["{a,b}/*.tf", ["a/x.tf", "b/x.tf"], ["c/x.tf", "x.tf"]],
  ["{a,b/c}/*.tf", ["a/x.tf", "b/c/x.tf"], ["b/x.tf"]],
  ["{a,{b,c}d}", ["a", "bd", "cd"], ["ad", "b"]],
  ["{**/,}x", ["x", "a/x", "a/b/x"], ["ax"]],
  ["{a/**,b}/c", ["a/c", "a/x/c", "b/c"], ["b/x/c"]],
  ["foo/{**,x}", ["foo/a/b", "foo/x"], ["foo"]],
  ["a{,b}", ["a", "ab"], ["b"]],
  ["{a}", ["a"], ["{a}"]],
  ["{1..3}", ["{1..3}"], ["1", "2"]],
  ["x{[,]y}", ["x,y"], ["xy"]],
  ["x{[,],y}", ["x,", "xy"], ["x["]],
  ["+(a|b)", ["+(a|b)"], ["a", "ab"]],
  ["\\*", ["*"], ["a"]],
  ["\\{a,b\\}", ["{a,b}"], ["a"]],
  ["a}b,]c", ["a}b,]c"], ["abc"]],
  ["me@home+1/*.tf", ["me@home+1/x.tf"], []],
  ["ünï/日本/*", ["ünï/日本/x"], ["unï/日本/x"]],
  ["A/*", ["A/x"], ["a/x"]],
  ["a.b/*", ["a.b/x"], ["axb/x"]],
];

test.each(CASES)("%s", (pattern, yes, no) => {
  const parsed = parseGlob(pattern);
  if (parsed.kind === "error") throw new Error(parsed.message);
  for (const path of yes) expect([path, globMatches(parsed.glob, path)]).toEqual([path, true]);
  for (const path of no) expect([path, globMatches(parsed.glob, path)]).toEqual([path, false]);
});

test.each([
  ["", "a pattern cannot be empty", 0],
  ["a/[b", "`[` is not closed", 2],
  ["a/{b,c", "`{` is not closed", 2],
  ["[z-a]", "a range in `[…]` runs backwards", 0],
  ["a\\", "`\\` at the end escapes nothing", 1],
  ["{".repeat(17) + "}".repeat(17), "braces are at most 16 levels deep", 16],
  ["a".repeat(4097), "a pattern is at most 4096 characters long", 0],
])("%s is refused", (pattern, message, offset) => {
  expect(parseGlob(pattern)).toEqual({ kind: "error", message, offset });
});

test.each([
  ["main.tf", ""],
  ["a/b/*.tf", "a/b"],
  ["a/b/c.tf", "a/b"],
  ["a/b*/c", "a"],
  ["a/b/**", "a/b"],
  ["a/**/b", "a"],
  ["**/a", ""],
  ["{a,b}/c", ""],
  ["a\\*b/*", "a*b"],
])("the literal directory of %s is `%s`", (pattern, prefix) => {
  expect(parseGlob(pattern)).toMatchObject({ glob: { prefix } });
});

test("`**` inside a name is `*`, with a warning", () => {
  expect(parseGlob("a**b")).toMatchObject({ warnings: [expect.stringContaining("alone")] });
  expect(parseGlob("a/**/b")).toMatchObject({ warnings: [] });
});

test("a hostile pattern takes time in proportion to the path", () => {
  const parsed = parseGlob(`${"*a".repeat(14)}*b`);
  if (parsed.kind === "error") throw new Error(parsed.message);
  // A backtracking matcher would need some 10^30 steps here; this returns or the test times out.
  expect(globMatches(parsed.glob, "a".repeat(4000))).toBe(false);
  expect(globMatches(parsed.glob, `${"a".repeat(4000)}b`)).toBe(true);
  const nested = parseGlob(`${"{a,a".repeat(16)}${"}".repeat(16)}`.repeat(8));
  if (nested.kind === "error") throw new Error(nested.message);
  expect(globMatches(nested.glob, "a".repeat(500))).toBe(false);
});

test("which keys of `dirs` are globs", () => {
  for (const key of ["a*", "a?", "[a]", "{a}"]) expect(isGlob(key)).toBe(true);
  for (const key of ["a", "a/b", "\\*", "a\\[b", "a]", "a}"]) expect(isGlob(key)).toBe(false);
});

const name = fc.string({ unit: fc.constantFrom(..."ab*?[]{},!\\^-.é😀 "), minLength: 1 });

test("an escaped name stands for itself and nothing else", () => {
  fc.assert(
    fc.property(name, name, (a, b) => {
      const parsed = parseGlob(escapeGlob(a));
      if (parsed.kind === "error") throw new Error(parsed.message);
      expect(unescapeGlob(escapeGlob(a))).toBe(a);
      expect(globMatches(parsed.glob, a)).toBe(true);
      expect(globMatches(parsed.glob, b)).toBe(a === b);
    }),
  );
});

/** The plainest possible meaning of a pattern without braces and classes, by trying everything. */
function naive(pattern: readonly string[], path: readonly string[]): boolean {
  const [head, ...tail] = pattern;
  if (head === undefined) return path.length === 0;
  if (head === "**") {
    return naive(tail, path) || (path.length > 0 && naive(pattern, path.slice(1)));
  }
  const [segment, ...rest] = path;
  return segment !== undefined && naiveName(head, segment) && naive(tail, rest);
}

function naiveName(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  if (pattern[0] === "*") {
    return naiveName(pattern.slice(1), text) || (text !== "" && naiveName(pattern, text.slice(1)));
  }
  return text !== "" && (pattern[0] === "?" || pattern[0] === text[0])
    ? naiveName(pattern.slice(1), text.slice(1))
    : false;
}

test("matching equals the naive meaning", () => {
  const segment = fc.oneof(
    fc.constant("**"),
    fc
      .string({ unit: fc.constantFrom(..."ab*?"), minLength: 1, maxLength: 4 })
      .filter((text) => !text.includes("**")),
  );
  const path = fc.array(
    fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 3 }),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), path, (pattern, segments) => {
      const parsed = parseGlob(pattern.join("/"));
      if (parsed.kind === "error") throw new Error(parsed.message);
      expect(globMatches(parsed.glob, segments.join("/"))).toBe(naive(pattern, segments));
    }),
    { numRuns: 1000 },
  );
});

test("any text gives a pattern or an error", () => {
  fc.assert(
    fc.property(fc.oneof(name, fc.string({ unit: "binary" })), fc.string(), (pattern, path) => {
      const parsed = parseGlob(pattern);
      if (parsed.kind === "ok") globMatches(parsed.glob, path);
    }),
    { numRuns: 500 },
  );
});
