import { expect, test } from "vitest";
import { Recent } from "./recent.ts";

function world(limits = { max: 2, ms: 1_000 }) {
  const clock = { now: 0 };
  const asked: string[] = [];
  const recent = new Recent<string>(limits, () => clock.now);
  const get = (key: string) =>
    recent.get(key, () => {
      asked.push(key);
      return key === "bad" ? Promise.reject(new Error("away")) : Promise.resolve(`its ${key}`);
    });
  return { clock, asked, get };
}

test("an answer is asked for once, also by those who come at the same time", async () => {
  const { asked, get } = world();
  expect(await Promise.all([get("a"), get("a")])).toEqual(["its a", "its a"]);
  expect(await get("a")).toBe("its a");
  expect(asked).toEqual(["a"]);
});

test("an answer is asked for again when its time is over", async () => {
  const { clock, asked, get } = world();
  await get("a");
  clock.now = 1_000;
  await get("a");
  clock.now = 1_001;
  await get("a");
  expect(asked).toEqual(["a", "a"]);
});

test("of too many answers the one that was not used longest is let go", async () => {
  const { asked, get } = world();
  for (const key of ["a", "b", "a", "c", "a", "b"]) await get(key);
  expect(asked).toEqual(["a", "b", "c", "b"]);
});

test("a failure is not remembered", async () => {
  const { asked, get } = world();
  await expect(get("bad")).rejects.toThrow("away");
  await expect(get("bad")).rejects.toThrow("away");
  expect(asked).toEqual(["bad", "bad"]);
});
