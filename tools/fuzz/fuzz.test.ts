import { expect, test } from "vitest";
import { Fuzzer, tryOne } from "./fuzz.ts";

test("T11, T12: hostile configurations, queries, globs and patterns get an answer with places in the text", () => {
  const fuzzer = new Fuzzer(3);
  for (let left = 600; left > 0; left -= 1) {
    const { target, input } = fuzzer.next();
    expect(tryOne(target, input)).toBeUndefined();
  }
});

test("a seed makes the same inputs again", () => {
  const list = (seed: number) => {
    const fuzzer = new Fuzzer(seed);
    return Array.from({ length: 50 }, () => fuzzer.next().input);
  };
  expect(list(7)).toEqual(list(7));
  expect(list(7)).not.toEqual(list(8));
});
