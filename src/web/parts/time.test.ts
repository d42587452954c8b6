import { expect, test } from "vitest";
import { absolute, ago, duration } from "./time.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");

test.each([
  ["2026-11-21T12:00:05Z", "just now"],
  ["2026-11-21T11:59:30Z", "30 s ago"],
  ["2026-11-21T11:56:01Z", "3 min ago"],
  ["2026-11-21T09:00:00Z", "3 h ago"],
  ["2026-11-18T12:00:00Z", "3 d ago"],
  ["2026-01-02T12:00:00Z", "2026-01-02"],
  ["not a time", "not a time"],
])("%s was %s", (at, words) => {
  expect(ago(at, NOW)).toBe(words);
});

test.each([
  [420, "0.4 s"],
  [12_345, "12 s"],
  [200_000, "3 min 20 s"],
  [120_000, "2 min"],
  [3_900_000, "1 h 5 min"],
  [273_600_000, "3 d 4 h"],
  [-5, "0.0 s"],
  [2_000, "2.0 s"],
  [9_960, "10 s"],
])("%i milliseconds last %s", (ms, words) => {
  expect(duration(ms)).toBe(words);
});

test("an absolute time is written in UTC", () => {
  expect(absolute("2026-11-21T13:00:00+01:00")).toBe("2026-11-21 12:00:00 UTC");
});
