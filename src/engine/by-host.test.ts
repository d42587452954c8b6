import { expect, test } from "vitest";
import { byHost } from "./by-host.ts";

const hostOf = (item: string) => item.split("/")[0] ?? "";

test("L36 a host that never answers holds up only its own", async () => {
  const done: string[] = [];
  let answer = (): void => undefined;
  const silence = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const items = ["slow/1", "slow/2", "quick/1", "slow/3", "quick/2"];
  const all = byHost(items, hostOf, async (item) => {
    if (hostOf(item) === "slow") await silence;
    done.push(item);
  });
  await new Promise(setImmediate);
  expect(done).toEqual(["quick/1", "quick/2"]);
  answer();
  await all;
  expect(done.toSorted()).toEqual(items.toSorted());
});

test("what is of one host is done one after the other, in order", async () => {
  const items = Array.from({ length: 23 }, (_, n) => `host/${n}`);
  const done: string[] = [];
  let running = 0;
  let most = 0;
  await byHost(items, hostOf, async (item) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise(setImmediate);
    running -= 1;
    done.push(item);
  });
  expect(most).toBe(1);
  expect(done).toEqual(items);
});
