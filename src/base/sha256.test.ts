import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sha256 } from "./sha256.ts";

test.each([
  ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
])("the published digest of %j", (text, digest) => {
  expect(sha256(text)).toBe(digest);
});

test("any text has the digest that the platform gives it", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.constant("ä".repeat(500)),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const expected = createHash("sha256").update(text.toWellFormed(), "utf8").digest("hex");
      expect(sha256(text)).toBe(expected);
    }),
  );
});

test.each([55, 56, 63, 64, 119, 120])(
  "a text of %i characters, at the edge of a block",
  (length) => {
    const text = "a".repeat(length);
    expect(sha256(text)).toBe(createHash("sha256").update(text).digest("hex"));
  },
);
