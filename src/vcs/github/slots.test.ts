import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { Slots } from "./slots.ts";

test("at most 50 calls run at a time, all of them run, and failures free their place", async () => {
  const slots = new Slots();
  let running = 0;
  let most = 0;
  let ran = 0;
  const results = await Promise.allSettled(
    Array.from({ length: 300 }, (_, n) =>
      slots.run(async () => {
        running += 1;
        most = Math.max(most, running);
        await turn();
        running -= 1;
        ran += 1;
        if (n % 3 === 0) throw new Error("failed");
      }),
    ),
  );
  expect({ most, ran }).toEqual({ most: 50, ran: 300 });
  expect(results.filter((result) => result.status === "rejected")).toHaveLength(100);
});
