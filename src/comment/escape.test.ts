import { expect, test } from "vitest";
import { cell, code, escapeText, flatten, htmlCode, inline, sanitize } from "./escape.ts";

test.each([
  ["\u001b[31mred\u001b[0m", "red"],
  ["\u001b]0;title\u0007text", "text"],
  ["\u001b]8;;https://x\u001b\\link\u001b]8;;\u001b\\", "link"],
  ["a\u202egpj.exe\u202c", "agpj.exe"],
  ["a\u2066b\u2069c\u200fd", "abcd"],
  ["a\u0000b\u0007c\u009bd", "abcd"],
  ["50 %\r100 %\r\ndone\tok", "50 %\n100 %\ndone\tok"],
  ["\ud800x", "\ufffdx"],
  ["ignore\u{e0041}\u{e0042} this", "ignore this"],
  ["ä 日本 👍🏽", "ä 日本 👍🏽"],
])("%j is shown as %j", (text, shown) => {
  expect(sanitize(text)).toBe(shown);
});

test.each([
  ["plain words, 12 of them.", "plain words, 12 of them."],
  ["@alice", "@\u200balice"],
  ["#12 and o/r#12", "\\#\u200b12 and o/r\\#\u200b12"],
  ["!12 $12 ~bug %v1 &3", "\\!\u200b12 \\$\u200b12 \\~\u200bbug %\u200bv1 \\&\u200b3"],
  ["GH-12", "GH-\u200b12".replace("-", "\\-")],
  ["see https://x.example", "see https:\u200b//x.example"],
  ["www.x.example", "www\u200b.x.example"],
  ["<img src=x>", "\\<img src\\=x\\>"],
  ["![a](b)", "\\!\u200b\\[a\\]\\(b\\)"],
  ["1. one", "1\\. one"],
  ["- a\n# b", "\\- a \\# b"],
  ["`x` \\", "\\`x\\` \\\\"],
])("as prose %j becomes %j", (text, markdown) => {
  expect(escapeText(text)).toBe(markdown);
});

test.each([
  ["a", "`a`"],
  ["a`b", "``a`b``"],
  ["`", "`` ` ``"],
  ["a``", "``` a`` ```"],
  ["", "(empty)"],
  [" a\nb ", "`a b`"],
  ["a|b", "`a|b`"],
])("as code %j becomes %j", (text, markdown) => {
  expect(code(text)).toBe(markdown);
});

test("long names lose their middle", () => {
  expect(code("abcdefghij", 5)).toBe("`ab…ij`");
});

test.each([
  ["a|b", "a\\|b"],
  ["a\\|b", "a\\｜b"],
  ["a||b", "a\\|\\|b"],
])("as a table cell %j becomes %j", (text, markdown) => {
  expect(cell(text)).toBe(markdown);
});

test("inside HTML a name stays a name", () => {
  expect(htmlCode(`</code><b a="1">&`)).toBe(
    "<code>&lt;/code&gt;&lt;b a=&quot;1&quot;&gt;&amp;</code>",
  );
});

test.each([
  ["no values", "no values"],
  ["`a` is here", "`a` is here"],
  ["see `a`, `b` and @c", "see `a`, `b` and @\u200bc"],
  ["one ` alone", "one  alone"],
  ["`a``b`", "`a`\u200b`b`"],
])("text with values %j becomes %j", (text, markdown) => {
  expect(inline(text)).toBe(markdown);
});

test("a line is a line", () => {
  expect(flatten("  a\n\tb\u2028c ")).toBe("a bc");
});

test.each(["\u001b]", "\u001b[", " ", "\n", "`", "@a"])(
  "a hundred thousand times %j is escaped at once",
  (unit) => {
    const text = unit.repeat(100_000);
    expect(
      escapeText(text).length + code(text).length + sanitize(`${text}x`).length,
    ).toBeGreaterThan(0);
  },
  2_000,
);
