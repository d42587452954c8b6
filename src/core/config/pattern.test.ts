import fc from "fast-check";
import { expect, test } from "vitest";
import { parsePattern, patternFinds } from "./pattern.ts";

/** Pattern, what it is found in, what not. The Lua answers are those of `string.find` in Lua 5.4. */
const FINDS: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["main", ["main", "xmainx"], ["Main", "mai"]],
  ["^release/", ["release/1"], ["a/release/1", "release"]],
  ["^release/%d+$", ["release/1", "release/42"], ["release/", "release/1a"]],
  ["^v%d+%.%d+$", ["v1.2"], ["v1x2", "v1."]],
  [".", ["a", "/"], [""]],
  ["", ["", "x"], []],
  ["^$", [""], ["x"]],
  ["a*b", ["b", "aaab", "xb"], ["a"]],
  ["^a-b$", ["b", "aab"], ["ac"]],
  ["^a?b$", ["b", "ab"], ["aab"]],
  ["^[%w_]+$", ["aZ9_"], ["a-b", ""]],
  ["^[^/]+$", ["abc"], ["a/b", ""]],
  ["[a-c]", ["xb"], ["d"]],
  ["[a%-c]", ["-"], ["b"]],
  ["[a-]", ["-", "a"], ["b"]],
  ["[]]", ["]"], ["["]],
  ["[^]]", ["a"], ["]"]],
  ["%.", ["a.b"], ["ab"]],
  ["%%", ["100%"], ["100"]],
  ["%D", ["a"], ["1"]],
  ["%u%l", ["Ab"], ["ab", "AB"]],
  ["%s", ["a b"], ["ab"]],
  ["%p", ["a-b"], ["ab"]],
  ["%x%x%X", ["ffg"], ["fff"]],
  ["a$b", ["a$b"], ["a"]],
  ["a^b", ["a^b"], ["ab"]],
  ["(a)(b)", ["ab"], ["a"]],
  ["%f[%w]prod%f[%W]", ["a-prod", "prod/x"], ["products", "aprod"]],
  ["%f[%a]%a+%f[%A]$", ["1abc"], ["1"]],
  ["/^(main|master)$/", ["main", "master"], ["mainx"]],
  ["/rel.*-[0-9]{2}/", ["a/release-12"], ["release-1"]],
  ["a/b/", ["a/b/c"], ["ab"]],
  ["é+", ["éé"], ["e"]],
];

test.each(FINDS)("%s", (text, yes, no) => {
  const parsed = parsePattern(text);
  if (parsed.kind === "error") throw new Error(parsed.message);
  for (const subject of yes)
    expect([subject, patternFinds(parsed.pattern, subject)]).toEqual([subject, true]);
  for (const subject of no)
    expect([subject, patternFinds(parsed.pattern, subject)]).toEqual([subject, false]);
});

test.each([
  ["[a", "`[` is not closed; write `%[` for a bracket"],
  ["[%", "`[` is not closed; write `%[` for a bracket"],
  ["a%", "`%` at the end escapes nothing"],
  ["(a", "`(` is not closed; write `%(` for a parenthesis"],
  ["(a$", "`(` is not closed; write `%(` for a parenthesis"],
  ["a)", "`)` closes nothing; write `%)` for a parenthesis"],
  ["%b()", "`%b` cannot be used here"],
  ["(a)%1", "references to captures cannot be used here"],
  ["%fx", "`%f` needs a set, as in `%f[%w]`"],
  ["x".repeat(1025), "a pattern is at most 1024 characters long"],
])("%s is refused", (text, message) => {
  expect(parsePattern(text)).toEqual({ kind: "error", message });
});

test.each([
  ["/(/", "a `(` is not closed; write `\\(` for a parenthesis"],
  ["/a)/", "a `)` closes nothing"],
  ["/[a/", "`[a` is not closed; write `\\[` for a bracket"],
  ["/[z-a]/", "`z-a` is no range or class of characters"],
  ["/\\q/", "`\\q` stands for nothing"],
  ["/*a/", "`*` has nothing before it to repeat; write `\\*`"],
  ["/a**/", "`**` repeats what is repeated already"],
  ["/a{2000}/", "`{2000}` repeats more than 1000 times"],
  ["/(?P<a>x)(?P<a>y)/", "two groups are called `a`"],
  ["/(?=a)/", "`(?=` is not part of the language"],
  ["/(?<!a)/", "`(?<!a)` looks behind, which is not part of the language"],
])("%s is refused in our own words", (text, words) => {
  const parsed = parsePattern(text);
  const message = `this regular expression cannot be read: ${words}`;
  expect(parsed.kind === "error" ? parsed.message : "accepted").toContain(message);
});

test("a hostile pattern takes time in proportion to the text", () => {
  for (const text of [`${"a*".repeat(30)}b`, `^${".-".repeat(30)}b$`, "/(a*)*(a|aa)+b/"]) {
    const parsed = parsePattern(text);
    if (parsed.kind === "error") throw new Error(parsed.message);
    // Backtracking would need some 10^30 steps; this returns or the test times out.
    expect(patternFinds(parsed.pattern, "a".repeat(1000))).toBe(false);
  }
});

test("any text gives a pattern or an error", () => {
  const piece = fc.constantFrom(..."ab%[]()^$.*+-?/|{}1fwd\\".split(""));
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece).map((all) => all.join("")),
  );
  fc.assert(
    fc.property(text, fc.string(), (pattern, subject) => {
      const parsed = parsePattern(pattern);
      if (parsed.kind === "ok") patternFinds(parsed.pattern, subject);
    }),
    { numRuns: 500 },
  );
});

test("text without magic characters finds itself and nothing else", () => {
  const plain = fc.string({ unit: fc.constantFrom(..."abAB09_é😀 /") });
  fc.assert(
    fc.property(plain, plain, (needle, hay) => {
      fc.pre(!(needle.startsWith("/") && needle.endsWith("/")));
      const parsed = parsePattern(needle);
      if (parsed.kind === "error") throw new Error(parsed.message);
      expect(patternFinds(parsed.pattern, hay)).toBe(hay.includes(needle));
    }),
  );
});
