import { expect, test } from "vitest";
import { createSealer } from "./sealer.ts";

const ONE = createSealer(new Uint8Array(32).fill(1));
const OTHER = createSealer(new Uint8Array(32).fill(2));

test("what was sealed opens for the same purpose, and shows nothing of itself", () => {
  const sealed = ONE.seal("a private key", "app github");
  expect(ONE.open(sealed, "app github")).toBe("a private key");
  expect(Buffer.from(sealed).toString("latin1")).not.toContain("private");
  expect(ONE.seal("a private key", "app github")).not.toEqual(sealed);
});

test.each([
  ["with another key", () => OTHER.open(ONE.seal("x", "a"), "a")],
  ["for another purpose", () => ONE.open(ONE.seal("x", "a"), "b")],
  ["when a bit was changed", () => ONE.open(changed(ONE.seal("x", "a")), "a")],
  ["when it was cut", () => ONE.open(ONE.seal("x", "a").subarray(0, 20), "a")],
  ["when there is nothing", () => ONE.open(new Uint8Array(), "a")],
])("nothing opens %s", (_, open) => {
  expect(open()).toBeUndefined();
});

test("the name of a key is the same everywhere, differs between keys, and is no part of one", () => {
  expect(createSealer(new Uint8Array(32).fill(1)).keyId).toBe(ONE.keyId);
  expect(OTHER.keyId).not.toBe(ONE.keyId);
  expect(ONE.keyId).toMatch(/^[0-9a-f]{16}$/);
});

function changed(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[14] = (copy[14] ?? 0) ^ 1;
  return copy;
}
