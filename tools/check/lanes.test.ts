import { expect, test } from "vitest";
import { inLanes } from "./lanes.ts";

type Job = { readonly name: string; readonly shares: boolean };

/** Runs jobs that each take two turns, and says who was at work together. */
async function together(...jobs: readonly Job[]) {
  const working = new Set<string>();
  const seen: string[] = [];
  const names = await inLanes(
    jobs,
    (job) => job.shares,
    async ({ name }) => {
      working.add(name);
      seen.push([...working].join("+"));
      await new Promise((resolve) => setImmediate(resolve));
      working.delete(name);
      return name;
    },
  );
  return { seen, names };
}

const shared = (name: string): Job => ({ name, shares: true });
const alone = (name: string): Job => ({ name, shares: false });

test("what shares runs two at a time, and the results keep their order", async () => {
  expect(await together(shared("a"), shared("b"), shared("c"))).toEqual({
    seen: ["a", "a+b", expect.stringMatching(/c$/)],
    names: ["a", "b", "c"],
  });
});

test("what does not share waits for all before it, and all after it wait", async () => {
  const { seen } = await together(shared("a"), shared("b"), alone("c"), shared("d"), alone("e"));
  expect(seen).toEqual(["a", "a+b", "c", "d", "e"]);
});

test("an error comes out when all have run", async () => {
  let ended = false;
  const running = inLanes(
    ["bad", "slow"],
    () => true,
    async (name) => {
      if (name === "bad") throw new Error("no");
      await new Promise((resolve) => setImmediate(resolve));
      ended = true;
    },
  );
  await expect(running).rejects.toThrow("no");
  expect(ended).toBe(true);
});
