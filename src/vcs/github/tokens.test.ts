import { expect, test } from "vitest";
import { Tokens } from "./tokens.ts";

const MINUTE = 60_000;

function lab() {
  let now = 0;
  const minted: string[] = [];
  let fails = false;
  const tokens = new Tokens(
    () => now,
    async (installation) => {
      minted.push(installation);
      await Promise.resolve();
      if (fails) throw new Error("away");
      return "ghs_".padEnd(4 + 100 * minted.length, "x");
    },
  );
  return {
    tokens,
    minted,
    wait: (ms: number) => {
      now += ms;
    },
    break: (broken: boolean) => {
      fails = broken;
    },
  };
}

test("calls side by side share one token, for 55 minutes and not longer", async () => {
  const { tokens, minted, wait } = lab();
  const [one, other] = await Promise.all([tokens.of("7", false), tokens.of("7", false)]);
  expect(other).toBe(one);
  wait(55 * MINUTE - 1);
  expect(await tokens.of("7", false)).toBe(one);
  wait(1);
  expect(await tokens.of("7", false)).not.toBe(one);
  expect(minted).toEqual(["7", "7"]);
});

test("installations have tokens of their own", async () => {
  const { tokens, minted } = lab();
  await Promise.all([tokens.of("7", false), tokens.of("8", false)]);
  expect(minted).toEqual(["7", "8"]);
});

test("a token that was refused is replaced", async () => {
  const { tokens } = lab();
  const one = await tokens.of("7", false);
  expect(await tokens.of("7", true)).not.toBe(one);
});

test("what could not be minted is minted for the next call", async () => {
  const { tokens, break: fail } = lab();
  fail(true);
  await expect(tokens.of("7", false)).rejects.toThrow("away");
  fail(false);
  expect(await tokens.of("7", false)).toMatch(/^ghs_/);
});
