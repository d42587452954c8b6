import fc from "fast-check";
import { expect, test } from "vitest";
import { ECHO_CHARS_MAX, echo, isLegible, legible } from "./echo.ts";

test.each([
  ["main", "main"],
  ["größe 😀", "größe 😀"],
  ["a\nb\tc", "a\\u{0a}b\\u{09}c"],
  ["\u202egro.live", "\\u{202e}gro.live"],
  ["a\u2066b\u2069", "a\\u{2066}b\\u{2069}"],
  ["\u001b[31mred\u009b", "\\u{1b}[31mred\\u{9b}"],
  ["a\u200bb", "a\\u{200b}b"],
  ["x".repeat(200_000), `${"x".repeat(79)}…`],
])("a message repeats %j as %j", (value, shown) => {
  expect(echo(value)).toBe(shown);
});

test("T10: whatever a value holds, what is repeated of it is short and shows all that it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 120 }), (value) => {
      expect(echo(value).length).toBeLessThanOrEqual(ECHO_CHARS_MAX);
      expect(isLegible(echo(value))).toBe(true);
      expect(legible(value, 100).length).toBeLessThanOrEqual(100);
      expect(isLegible(legible(value, 100).replaceAll("\n", ""))).toBe(true);
    }),
  );
});
