import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseConfig } from "./parse.ts";

/** The text, where its mistake stands, what is said of it, and what is to be written. */
const WRONG: readonly (readonly [
  text: string,
  place: string,
  words: string,
  suggestion?: string,
])[] = [
  ["dirs:\n  **/x: {}\n", "2:3", "a key that begins with `*` has to be quoted", '"**/x"'],
  ["*.tf: {}\n", "1:1", "a key that begins with `*` has to be quoted", '"*.tf"'],
  ["dirs:\n  *.tf:\n    tags: [a]\n", "2:3", "a key that begins with `*`", '"*.tf"'],
  ["dirs: {**/x: {}}\n", "1:8", "a key that begins with `*`", '"**/x"'],
  ["dirs:\n  **/x:\n", "2:3", "a key that begins with `*`", '"**/x"'],
  ["a: [*.tf]\n", "1:5", "a text that begins with `*` has to be quoted", '"*.tf"'],
  ["a: *b\n", "1:4", "nothing is called `&b` above; a text that begins with `*`"],
  ["dirs: &a {x: *a}\n", "1:14", "`*a` stands in `&a`, which contains itself then; remove it"],
  ["dirs:\n  'a: {}\n  b: {}\n", "2:3", "the quote that begins here is never closed; write `'`"],
  ['dirs:\n  b: "\n\n', "2:6", 'the quote that begins here is never closed; write `"`'],
  ["dirs: [x, y\nb: 1\n", "1:7", "this bracket is not closed; write `]`"],
  ["dirs: {a: {b: 1}\n", "1:7", "this bracket is not closed; write `}`"],
  ["a:\n  b: [\n  1\n]\n", "2:6", "indent each line up to it deeper than its key"],
  ["[a\n", "1:1", "this bracket is not closed; write `]`"],
  ["a: [1] ]\n", "1:8", "this `]` closes nothing; remove it"],
  ["a: b: c\n", "1:4", "a second key on one line; quote the text", '"b: c"'],
  ["dirs:\n  foo\n  bar: {}\n", "2:3", "either a colon is missing after it", "foo:"],
  ["a: b\n  c: d\n", "1:4", "or the line below is indented too deeply"],
  ["dirs:\n  a: {}\n  b\n", "3:3", "`b` stands where a key is expected, and has no colon", "b:"],
  ["dirs:\n  a: {}\n  b:{}\n", "3:3", "a blank is missing after the colon of `b:`", "b: {}"],
  ["a: 1\nenabled true\n", "2:1", "a colon is missing after `enabled`", "enabled: true"],
  ["a: @x\n", "1:4", "a text that begins with `@` has to be quoted", '"@x"'],
  ["a: %x\n", "1:4", "a text that begins with `%` has to be quoted", '"%x"'],
  ["a: `x`\n", "1:4", "a text that begins with a backquote has to be quoted", '"`x`"'],
  ["%FOO\na: 1\n", "1:1", "a line cannot begin with `%`"],
  ["dirs:\n\ta: {}\n", "2:1", "a tab cannot indent a line; write blanks"],
  ["dirs:\n    a: {}\n  b: {}\n", "3:3", "begin in the same column"],
  ["dirs:\n  a: {}\n    b: {}\n", "3:5", "begin in the same column"],
  ["a: - b\n", "1:4", "a list with `- ` begins on the line below its key"],
  ["- a\nb: 1\n", "2:1", "`b: 1` stands after the end of a value"],
  [
    "a: 'x' y\n",
    "1:8",
    "`y` stands after the end of a value; is a quote, a comma or a colon missing",
  ],
  ["a: {b: 1\n  c: 2}\n", "1:8", "in brackets the entries are separated by commas"],
  ["a: [\n  - b\n]\n", "2:3", "in brackets the entries are separated by commas"],
  ["a: [1,,2]\n", "1:7", "this comma has nothing before it"],
  ["a: |x\n  y\n", "1:5", "after `|` or `>` the text begins on the next line"],
  ['a: "\\q"\n', "1:5", "`\\q` stands for nothing in double quotes"],
  ["a: 'x'#c\n", "1:7", "a blank is missing before `#`"],
  ["a: &a &b x\n", "1:7", "one name with `&` at most"],
  ["a: !ref x\n", "1:4", "a tag of another program"],
  ["a: *\n", "1:4", "a name is missing here"],
];

for (const [text, place, words, suggestion] of WRONG) {
  test(`${JSON.stringify(text)} is told at ${place}: ${words}`, () => {
    const [first, ...rest] = parseConfig(text, "c.yml").diagnostics;
    expect(first).toMatchObject({ code: "yaml_syntax", message: expect.stringContaining(words) });
    expect(`${first?.line}:${first?.column}`).toBe(place);
    expect(first?.suggestion).toBe(suggestion);
    expect(rest).toEqual([]);
  });
}

test("what is broken on two lines is reported for both, and what follows from it is not", () => {
  const { diagnostics } = parseConfig("dirs:\n  **/x: {}\n  b: {c: @d}\n", "c.yml");
  expect(diagnostics.map(({ line, column }) => `${line}:${column}`)).toEqual(["2:3"]);
});

const LIBRARY = new URL("../../../node_modules/yaml/dist/compose/", import.meta.url);

/** What the library says, taken from where it says it. */
const PHRASES: readonly string[] = readdirSync(LIBRARY)
  .filter((file) => file.endsWith(".js"))
  .flatMap((file) => [
    ...readFileSync(new URL(file, LIBRARY), "utf8").matchAll(/(['"`])([A-Z][a-z][^\n]*?)\1/g),
  ])
  .flatMap(([, , phrase]) => (phrase ?? "").split(/\$\{[^}]*\}/))
  .map((phrase) => phrase.trim())
  .filter((phrase) => phrase.length > 10 && phrase.includes(" "));

const VALID = `enabled: true
dirs:
  "**/*.tf":
    tags: [a, 'b c', "d"]
    when_modified: {file_patterns: ["x/*.tf"], autoplan: true}
  &n nets: &b
    workspaces:
      main: {tags: [x]}
  other: *b
workflows:
  - tag_query: ""
    plan:
      - type: run
        cmd: [sh, -c, "make"]   # a comment
      - {type: init}
  - tag_query: a
    apply: [{type: apply}]
notes: |
  text
   more
`;

const mutation = fc.record({
  at: fc.nat(VALID.length),
  remove: fc.nat(6),
  insert: fc.oneof(
    fc.constantFrom(...":{}[]'\"`@%&*!|>?-,#\\ \t\n".split(""), "", ": ", "- ", "\n  ", "--- "),
    fc.string({ maxLength: 4 }),
  ),
});

test("T10: whatever is broken in a document, it is told in our own words and not at length", () => {
  expect(PHRASES.length).toBeGreaterThan(30);
  let refused = 0;
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      const text = mutations.reduce(
        (all, { at, remove, insert }) => all.slice(0, at) + insert + all.slice(at + remove),
        VALID,
      );
      for (const { code, message } of parseConfig(text, "c.yml").diagnostics) {
        if (code === "yaml_syntax") refused += 1;
        expect(PHRASES.filter((phrase) => message.includes(phrase))).toEqual([]);
        expect(message.length).toBeLessThanOrEqual(1_000);
      }
    }),
    { numRuns: 1_000 },
  );
  expect(refused).toBeGreaterThan(100);
});
