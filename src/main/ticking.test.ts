import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { quietLog } from "../../test/support/quiet.ts";
import { startTicking } from "./ticking.ts";

/** Ticks of which the first `slow` end when they are let go; gives how many began within a moment. */
async function begun(slow: number, atOnce: number): Promise<number> {
  let began = 0;
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const tick = async () => {
    began += 1;
    if (began <= slow) await held;
  };
  const ticking = startTicking(tick, quietLog, { tickMs: 2, lateMs: 5, atOnce });
  await sleep(300);
  const seen = began;
  letGo();
  await ticking.stop();
  return seen;
}

test("L36 a tick that is late keeps the next ones from nothing, up to so many", async () => {
  expect(await begun(1, 3)).toBeGreaterThan(3);
  expect(await begun(100, 3)).toBe(3);
});

test("where nothing else is said one tick waits for the other", async () => {
  expect(await begun(1, 1)).toBe(1);
});

test("stopping waits for what was begun", async () => {
  let ended = false;
  const tick = async () => {
    await sleep(50);
    ended = true;
  };
  const ticking = startTicking(tick, quietLog, { tickMs: 1, lateMs: 1, atOnce: 2 });
  await sleep(10);
  await ticking.stop();
  expect(ended).toBe(true);
});
