import fc from "fast-check";
import { expect, test } from "vitest";
import { formatNode } from "./format.ts";
import { matches } from "./match.ts";
import { messages } from "./messages.ts";
import { parseQuery } from "./parser.ts";
import { type Node, QUERY_CHARS_MAX, QUERY_DEPTH_MAX, type Query } from "./query.ts";

const DIR = "foo/bar/baz/zoom";

/** Number in the language reference §4.5, query, tags, what it gives. */
const TRUTHS: readonly (readonly [number, string, string, boolean])[] = [
  [1, "a", "a b c", true],
  [2, "d", "a b c", false],
  [3, "a b", "a b c", true],
  [4, "foo in dir", "a b c", true],
  [5, "bar in dir", "a b c", true],
  [6, "zoom in dir", "a b c", true],
  [7, "bar/baz in dir", "a b c", true],
  [8, "az in dir", "a b c", false],
  [9, "/bar/ in dir", "a b c", false],
  [10, "ba*r in dir", "a b c", false],
  [11, `a${" ".repeat(40)}b`, "a b c", true],
  [12, "a   b   bar/baz in dir", "a b c", true],
  [13, "a   b   bar/baz1 in dir", "a b c", false],
  [14, "", "a b c", true],
  [15, "a and b", "a b c", true],
  [16, "a and d or c", "a b c", true],
  [17, "a and b or d", "a b c", true],
  [18, "a and e or d", "a b c", false],
  [19, "a or b", "a c", true],
  [20, "a or b", "b c", true],
  [21, "(a b)", "a b c", true],
  [22, "(a and b)", "a b c", true],
  [23, "(a or b)", "a c", true],
  [24, "(a or b) and (c or d)", "a c", true],
  [25, "(a or b) and (c or d)", "a b", false],
  [26, "not a", "a b", false],
  [27, "not c", "a b", true],
  [28, "not c and a", "a b", true],
  [29, "not (c and a)", "a b", true],
  [30, "not (a and b)", "a b", false],
  [31, "not a d", "b c", false],
  [32, "bar in dir and zoom in dir", "b c", true],
  [33, "bar in dir and zoom in dir and not (foo in dir)", "b c", false],
  [34, '"not" "and" "or"', "not and or", true],
  [35, "'not' 'and' 'or'", "not and or", true],
  [36, "('not')", "not", true],
  [37, "'foo\\'bar'", "foo'bar", true],
  [38, '"foo\\"bar"', 'foo"bar', true],
  [39, "dir~foo", "", true],
  [55, "a b or c", "c", false],
  [56, "a or b c", "a", true],
  [57, "a b and c or d", "d", false],
  [58, "a and b c or d", "a d", false],
  [59, "a AND b", "a b", true],
  [60, "dir:ec2", "dir:ec2", true],
  [60, "dir:ec", "dir:ec2", false],
  [61, "workspace:default", "dir:ec2 workspace:default", true],
  [62, "ec2", "ec2 dir:ec2 workspace:default", true],
  [63, "secrets", "dir:a secrets", true],
  [63, "secrets", "dir:b", false],
  [65, "dir:shared/*", "dir:shared/x", false],
  [66, "staging or dev", "dev", true],
  [66, "(web or api) and prod", "api prod", true],
  [66, "(web or api) and prod", "api", false],
  [66, "not deprecated", "", true],
];

test.each(TRUTHS)("vector %i: %s on [%s] is %s", (_number, query, tags, expected) => {
  expect(matches(parsed(query), { tags: tagSet(tags), dir: DIR })).toBe(expected);
});

test("vector 64: relative_dir is read from the directory that depends", () => {
  const query = parsed("relative_dir:../base");
  const workingDir = "projects/proj1/database";
  const base = { tags: new Set<string>(), workingDir };
  expect(matches(query, { ...base, dir: "projects/proj1/base" })).toBe(true);
  expect(matches(query, { ...base, dir: "projects/proj2/base" })).toBe(false);
  expect(matches(query, { tags: new Set(), dir: "projects/proj1/base" })).toBe(false);
});

test("vector 66: `in dir` finds a whole segment anywhere", () => {
  const query = parsed("app in dir");
  for (const [dir, expected] of [
    ["app", true],
    ["a/app/b", true],
    ["apps", false],
    [".", false],
  ] as const) {
    expect(matches(query, { tags: new Set(), dir })).toBe(expected);
  }
});

/** Number, query, message, where. */
const ERRORS: readonly (readonly [number, string, string, number])[] = [
  [40, "()", messages.lparen_rparen, 0],
  [41, ")", messages.rparen, 0],
  [42, "(not)", messages.not_rparen, 4],
  [43, '"foo', "Premature end of string in `foo`.", 0],
  [44, "'foo", "Premature end of string in `foo`.", 0],
  [45, "and foo", messages.rparen, 0],
  [46, "not)", messages.not_rparen, 3],
  [47, "not ()", messages.lparen_rparen, 4],
  [48, "(foo", messages.lparen_tag_eof, 0],
  [49, "(foo or)", messages.tag_or_rparen, 7],
  [50, "(foo and)", messages.tag_and_rparen, 8],
  [51, "foo and)", messages.tag_and_rparen, 7],
  [52, "foo)", messages.tag_rparen, 3],
  [53, "not (foo", messages.lparen_tag_eof, 4],
  [54, "foo in bar", "The `in` operator only accepts `dir` on the right hand side, got `bar`.", 7],
];

test.each(ERRORS)("vector %i: %s is refused", (_number, query, message, offset) => {
  expect(parseQuery(query)).toEqual({ kind: "error", message, offset });
});

test.each([
  ["not not a", messages.not_rparen],
  ["not a in dir", messages.in_position],
  ["(a) in dir", messages.in_position],
  ["in x", messages.in_position],
  ["a in", messages.in_position],
  ["a in DIR", messages.in_dir("DIR")],
  ["a or or b", messages.rparen],
  ["a or", messages.rparen],
  ["(", messages.lparen_tag_eof],
  ["not", messages.not_rparen],
  ["plan and", messages.rparen],
  ['"a\\', "Premature end of string in `a\\`."],
])("%s is refused", (query, message) => {
  expect(parseQuery(query)).toMatchObject({ kind: "error", message });
});

test.each([
  ["a\nb", "a b", true],
  ["a in 'dir'", "", false],
  ["foo in 'dir'", "", true],
  ["./bar/./baz in dir", "", true],
  ["bar/../bar/baz in dir", "", true],
  ['"" in dir', "", false],
  [". in dir", "", false],
  ["../foo in dir", "", false],
  ['"dir~bar"', "", true],
  ['""', "a", false],
  ['not ""', "a", true],
  ["NOT a", "b", true],
  ["not (a b or c)", "a c", false],
])("%s on [%s] is %s", (query, tags, expected) => {
  expect(matches(parsed(query), { tags: tagSet(tags), dir: DIR })).toBe(expected);
});

test.each([
  ["a b or c", "a and (b or c)", 4],
  ["a b and c or d", "a and ((b and c) or d)", 10],
  ["(a b or c) d", "a and (b or c) and d", 5],
  ["a and b c or d", "a and b and (c or d)", 10],
])("%s warns that it is read as %s", (query, reading, offset) => {
  const result = parseQuery(query);
  expect(result).toMatchObject({
    warnings: [{ code: "ambiguous_or", message: messages.ambiguous_or(reading), offset }],
  });
});

test.each(["a or b c", "a (b or c)", "a and b or c", "(a b) or c", "a b c"])(
  "%s has one reading and no warning",
  (query) => {
    expect(parseQuery(query)).toMatchObject({ kind: "ok", warnings: [] });
  },
);

test("nobody has the empty tag, whatever the set says", () => {
  expect(matches(parsed('""'), { tags: new Set([""]), dir: DIR })).toBe(false);
});

test("the text of a query is kept as it was typed", () => {
  expect(parsed("  a   AND  'b' ").text).toBe("  a   AND  'b' ");
});

test("the limits hold: 4,096 characters and 64 levels", () => {
  const nested = (levels: number) => `${"(".repeat(levels)}a${")".repeat(levels)}`;
  expect(parseQuery(nested(QUERY_DEPTH_MAX))).toMatchObject({ kind: "ok" });
  expect(parseQuery(nested(QUERY_DEPTH_MAX + 1))).toMatchObject({ message: messages.too_deep });
  expect(parseQuery("a ".repeat(QUERY_CHARS_MAX / 2))).toMatchObject({ kind: "ok" });
  expect(parseQuery("a".repeat(QUERY_CHARS_MAX + 1))).toMatchObject({ message: messages.too_long });
  expect(parseQuery("a b or ".repeat(500))).toMatchObject({ message: messages.too_deep });
});

const tag = fc.constantFrom("a", "b", "c", "or", "x y", 'q"q', "\\", "", "dir:a/b");
const node = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    tag.map((name): Node => ({ kind: "tag", tag: name })),
    fc
      .constantFrom("foo", "foo/bar", "zoom", "nope")
      .map((path): Node => ({ kind: "in_dir", segments: path.split("/") })),
    tie("node").map((operand): Node => ({ kind: "not", operand })),
    fc
      .tuple(
        fc.constantFrom("and" as const, "or" as const),
        fc.array(tie("node"), { minLength: 2, maxLength: 3 }),
      )
      .map(([kind, operands]): Node => ({ kind, operands })),
  ),
})).node;
const subject = fc
  .uniqueArray(tag)
  .map((tags) => ({ tags: new Set(tags.filter((name) => name !== "")), dir: DIR }));

test("a query written out with all its parentheses means the same", () => {
  fc.assert(
    fc.property(node, subject, (root, about) => {
      const text = formatNode(root);
      const again = parseQuery(text);
      if (again.kind === "error") throw new Error(`${text}: ${again.message}`);
      expect(again.warnings).toEqual([]);
      expect(matches(again.query, about)).toBe(matches({ text, root }, about));
    }),
  );
});

test("De Morgan holds and tags side by side mean `and`", () => {
  fc.assert(
    fc.property(node, node, subject, (left, right, about) => {
      const [a, b] = [`(${formatNode(left)})`, `(${formatNode(right)})`];
      const holds = (text: string) => matches(parsed(text), about);
      expect(holds(`not (${a} and ${b})`)).toBe(holds(`not ${a} or not ${b}`));
      expect(holds(`${a} ${b}`)).toBe(holds(`${a} and ${b}`));
    }),
  );
});

test("any text gives a query or an error with a place in the text", () => {
  const piece = fc.oneof(
    fc.constantFrom("(", ")", "and", "or", "not", "in", "dir", "'", '"', "\\", " ", "\n", "dir~"),
    fc.string({ unit: "binary", maxLength: 4 }),
  );
  const text = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(" "));
  fc.assert(
    fc.property(fc.oneof(text, fc.string({ unit: "binary" })), (query) => {
      const result = parseQuery(query);
      if (result.kind === "error") {
        expect(result.offset).toBeGreaterThanOrEqual(0);
        expect(result.offset).toBeLessThanOrEqual(query.length);
        expect(result.message).not.toBe("");
      } else {
        matches(result.query, { tags: new Set(["a"]), dir: DIR, workingDir: "x" });
      }
    }),
    { numRuns: 500 },
  );
});

function parsed(text: string): Query {
  const result = parseQuery(text);
  if (result.kind === "error") throw new Error(`${text}: ${result.message}`);
  return result.query;
}

function tagSet(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}
