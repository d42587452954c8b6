import { expect, test } from "vitest";
import { readYaml } from "./yaml.ts";
import { tokensOf } from "./yaml-limits.ts";

const laughs = Array.from(
  { length: 9 },
  (_, at) =>
    `a${at}: &a${at} [${Array.from({ length: 9 }, () => (at === 0 ? "x" : `*a${at - 1}`)).join(",")}]`,
).join("\n");

/** What is hostile, the document, how it is refused (T12). */
const CORPUS: readonly (readonly [string, string, string])[] = [
  ["an alias bomb", laughs, "too_large"],
  ["aliases without end", `a: &a x\nb: [${"*a,".repeat(2_000)}]`, "too_large"],
  ["an alias of itself", "a: &a [*a]", "yaml_syntax"],
  ["open brackets", "[".repeat(100_000), "too_large"],
  ["open braces", "{a: ".repeat(50_000), "too_large"],
  ["keys in keys on one line", ": ".repeat(60_000), "too_large"],
  ["questions in questions", "? ".repeat(60_000), "too_large"],
  ["lists in lists on one line", "- ".repeat(60_000), "too_large"],
  [
    "ever deeper lines",
    Array.from({ length: 300 }, (_, at) => `${" ".repeat(at)}a:`).join("\n"),
    "too_large",
  ],
  ["too many values", "- a\n".repeat(21_000), "too_large"],
  ["too many lines", "\n".repeat(200_000), "too_large"],
  ["too many comments", "# x\n".repeat(60_000), "too_large"],
  ["too many characters", "a".repeat(256 * 1024 + 1), "too_large"],
  ["anchors on anchors", `a: ${"&a ".repeat(10_000)}`, "yaml_syntax"],
  ["tags of other programs", "a: !!js/function x", "yaml_syntax"],
  ["a tag of its own", "a: !ref x", "yaml_syntax"],
  ["many documents", "--- a\n".repeat(40_000), "yaml_syntax"],
  ["no YAML at all", "}\n".repeat(100_000), "yaml_syntax"],
  ["values side by side", "'a' ".repeat(5_000), "yaml_syntax"],
  ["a key twice", "a: 1\na: 2", "duplicate_key"],
  ["a key of all objects", "__proto__: {a: 1}", "unknown_key"],
  ["a key of all objects in a merge", "a: {<<: {__proto__: {b: 1}}}", "unknown_key"],
];

test.each(CORPUS)("T12: %s", (_name, text, code) => {
  const read = readYaml(text);
  const codes = read.kind === "error" ? read.problems.map((problem) => problem.code) : [];
  expect([...new Set(codes)]).toEqual([code]);
  expect(codes.length).toBeLessThan(30);
});

test("T12: a limit says how many there may be", () => {
  const read = readYaml("\n".repeat(200_000));
  const [first] = read.kind === "error" ? read.problems : [];
  expect(first?.message).toMatch(/^a configuration of this length holds at most 75000 values/);
});

test("T12: what comes after a limit is not read", () => {
  const max = { nodes: 100, depth: 8, lexemes: 50, errors: 3 };
  const found = tokensOf("- a\n".repeat(1_000), max);
  expect(found).toMatchObject({ kind: "exceeded", exceeded: { code: "too_large" } });
  expect(found.kind === "exceeded" ? found.exceeded.offset : 0).toBeLessThan(100);
});

test("T12: names of the language's own objects are keys like others, and huge numbers stay text", () => {
  const read = readYaml("constructor: 1\ntoString: 2\nhasOwnProperty: 1e400\n");
  expect(read).toMatchObject({ kind: "ok" });
  if (read.kind === "error") return;
  expect(Object.entries(read.value ?? {})).toEqual([
    ["constructor", 1],
    ["toString", 2],
    ["hasOwnProperty", "1e400"],
  ]);
});
