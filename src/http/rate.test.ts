import { expect, test } from "vitest";
import { createRate } from "./rate.ts";

test("a minute's worth is admitted at once, then as much as time gives back", () => {
  const clock = { now: 5_000 };
  const admit = createRate(60, () => clock.now);
  for (let call = 0; call < 60; call++) expect(admit).not.toThrow();
  expect(admit).toThrow("too often");
  clock.now += 2_000;
  expect(admit).not.toThrow();
  expect(admit).not.toThrow();
  expect(admit).toThrow("too often");
});

test("a long pause gives no more than a minute's worth, a clock that steps back gives nothing", () => {
  const clock = { now: 0 };
  const admit = createRate(2, () => clock.now);
  clock.now = 3_600_000;
  expect(admit).not.toThrow();
  expect(admit).not.toThrow();
  expect(admit).toThrow("too often");
  clock.now = 0;
  expect(admit).toThrow("too often");
});
