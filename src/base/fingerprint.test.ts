import fc from "fast-check";
import { expect, test } from "vitest";
import { fingerprint } from "./fingerprint.ts";

test.each([
  ["", "92ca2f0ecb72770f"],
  ["a", "82d024cb66666090"],
  ["engine", "8a00e42603697756"],
])("the name of %j stays the same: it is stored", (text, name) => {
  expect(fingerprint(text)).toBe(name);
});

test("a name has 16 hexadecimal digits, whatever it names", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(fingerprint(text)).toMatch(/^[0-9a-f]{16}$/);
    }),
  );
});

test("texts that are nearly the same have other names", () => {
  const texts = new Set<string>();
  for (let at = 0; at < 20_000; at++) texts.add(`step ${at}`).add(`${at} step`);
  const swapped = ["ab", "ba", "aab", "aba", "baa", "a\u0000", "\u0000a", "\u0000", "\u0000\u0000"];
  for (const text of swapped) texts.add(text);
  expect(new Set([...texts].map(fingerprint)).size).toBe(texts.size);
});
