import fc from "fast-check";
import { expect, test } from "vitest";
import { isLegible } from "../../base/echo.ts";
import { MESSAGE_CHARS_MAX } from "./diagnostic.ts";
import { parseConfig } from "./parse.ts";

const workflow = (rest: string) => `workflows: [{tag_query: "", ${rest}}]\n`;

interface Case {
  readonly text: string;
  readonly words: string;
  readonly suggestion?: string;
}

const CASES: readonly Case[] = [
  { text: "dirs:\n  a:{}\n", words: "a blank is missing after the colon", suggestion: "a: {}" },
  { text: "enabled:true\n", words: "a blank is missing after", suggestion: "enabled: true" },
  { text: "enabled true\n", words: "a colon is missing after", suggestion: "enabled: true" },
  {
    text: "when_modified:\n  file_patterns:\n    -a\n",
    words: "a blank is missing after `-`",
    suggestion: "- a",
  },
  {
    text: "engine: {name: custom, plan: make plan}\n",
    words: "`engine.plan` must be a list, not text",
    suggestion: '["sh", "-c", "make plan"]',
  },
  {
    text: workflow("plan: [init]"),
    words: "`workflows[0].plan[0]` must be a mapping, not text",
    suggestion: "{type: init}",
  },
  {
    text: workflow("plan: [make plan]"),
    words: "must be a mapping, not text",
    suggestion: '{type: run, cmd: ["sh", "-c", "make plan"]}',
  },
  { text: workflow("apply: apply"), words: "must be a list", suggestion: "[{type: apply}]" },
  { text: "engine: tofu\n", words: "must be a mapping, not text", suggestion: "{name: tofu}" },
  {
    text: "stacks: {x: {tag_query: a}}\n",
    words: "it belongs under `names`: write `stacks: {names: {x: …}}`",
  },
  {
    text: "stacks: {name: {x: {tag_query: a}}}\n",
    words: "did you mean `names`?",
    suggestion: "names",
  },
  { text: `parallel_runs: ${"9".repeat(200_000)}\n`, words: "a number that is too large" },
  { text: "parallel_runs: 99999999999999999999\n", words: "is a number that is too large" },
  {
    text: `checkout_strategy: ${"x".repeat(2_000)}\n`,
    words: `not \`${"x".repeat(79)}…\``,
  },
  { text: 'checkout_strategy: "\\u202em"\n', words: "not `\\u{202e}m`" },
];

for (const { text, words, suggestion } of CASES) {
  test(`${JSON.stringify(text.slice(0, 60))} is told: ${words.slice(0, 60)}`, () => {
    const [first, ...rest] = parseConfig(text, "c.yml").diagnostics;
    expect(first?.message).toContain(words);
    expect(first?.suggestion).toBe(suggestion);
    expect(rest).toEqual([]);
  });
}

test("a mistake in a block that several directories share is reported once", () => {
  const text = "dirs:\n  a: &x {tagz: [a], tags: 5, taga: []}\n  b: *x\n  c: *x\n";
  const { diagnostics } = parseConfig(text, "c.yml");
  expect(diagnostics.map(({ path }) => path)).toEqual([
    "dirs.a.tagz",
    "dirs.a.tags",
    "dirs.a.taga",
  ]);
});

test("a schedule of empty text is refused where it stands", () => {
  const text = 'drift: {schedules: {a: {schedule: "", tag_query: ""}}}\n';
  const [first] = parseConfig(text, "c.yml").diagnostics;
  expect([first?.code, first?.column]).toEqual(["cron", text.indexOf('""') + 1]);
});

const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc
    .constantFrom("\u202e", "\u2066a\u2069", "\u009b", "`", "x ", "(", "/(")
    .chain((piece) => fc.constantFrom(1, 100, 900, 5_000).map((times) => piece.repeat(times))),
);

const PLACES: readonly ((text: string) => unknown)[] = [
  (text) => ({ [text]: 1 }),
  (text) => ({ enabled: text, checkout_strategy: text, parallel_runs: text, engine: text }),
  (text) => ({ dirs: { [text]: { [text]: 1, tags: text } }, engine: { name: text } }),
  (text) => ({ stacks: { names: { [text]: { stacks: [text], tag_query: text } }, [text]: {} } }),
  (text) => ({ workflows: [{ tag_query: text, plan: [text, { type: text }] }] }),
  (text) => ({
    drift: { schedules: { [text]: { schedule: text, time_zone: text, tag_query: text } } },
  }),
  (text) => ({
    drift: { schedules: { a: { schedule: `${text} * * * *`, window: { start: text } } } },
  }),
  (text) => ({ destination_branches: [{ branch: text, source_branches: [text] }] }),
  (text) => ({
    access_control: { policies: [{ tag_query: text, apply: [text] }], files: { [text]: 1 } },
  }),
];

test("T10: whatever a document holds, what is said of it is short and hides nothing", () => {
  fc.assert(
    fc.property(hostile, fc.constantFrom(...PLACES), (text, place) => {
      for (const found of parseConfig(JSON.stringify(place(text)), "c.yml").diagnostics) {
        expect(found.message.length).toBeLessThanOrEqual(MESSAGE_CHARS_MAX);
        expect(isLegible(found.message.replaceAll("\n", ""))).toBe(true);
        expect(isLegible(`${found.path}${found.suggestion ?? ""}`)).toBe(true);
        expect(`${found.path}${found.suggestion ?? ""}`.length).toBeLessThanOrEqual(1_000);
      }
    }),
    { numRuns: 300 },
  );
});
