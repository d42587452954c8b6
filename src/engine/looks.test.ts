import { expect, test } from "vitest";
import type { Answer } from "../core/fact.ts";
import type { PullRequestId } from "../core/ids.ts";
import { createLooks } from "./looks.ts";

const ONE = "one" as PullRequestId;
const YES: Answer = { kind: "team_member", member: true };

function lab(sharedMs = 5_000) {
  let now = 0;
  let asked = 0;
  const looks = createLooks(() => now, sharedMs);
  const ask = (
    known = "as it was",
    id = ONE,
    answer: () => Promise<Answer> = () => Promise.resolve(YES),
  ) =>
    looks.at(id, known).answer("team", () => {
      asked += 1;
      return answer();
    });
  return {
    ask,
    asked: () => asked,
    wait: (ms: number) => {
      now += ms;
    },
  };
}

test("grants of one moment share one look", async () => {
  const { ask, asked, wait } = lab();
  await Promise.all([ask(), ask()]);
  wait(4_999);
  expect(await ask()).toEqual(YES);
  expect(asked()).toBe(1);
});

test("S14 what was looked up is not used once it is five seconds old", async () => {
  const { ask, asked, wait } = lab();
  await ask();
  wait(5_000);
  await ask();
  expect(asked()).toBe(2);
});

test("S14 what was looked up is not used once something else is known of the pull request", async () => {
  const { ask, asked } = lab();
  await ask();
  await ask("an approval was withdrawn");
  expect(asked()).toBe(2);
});

test("pull requests share nothing with each other", async () => {
  const { ask, asked } = lab();
  await ask();
  await ask("as it was", "two" as PullRequestId);
  expect(asked()).toBe(2);
});

test("a clock that goes back shares nothing", async () => {
  const { ask, asked, wait } = lab();
  await ask();
  wait(-1);
  await ask();
  expect(asked()).toBe(2);
});

test("what failed is asked again by the next one", async () => {
  const { ask, asked } = lab();
  const failed = ask("as it was", ONE, () => Promise.reject(new Error("away")));
  await expect(failed).rejects.toThrow("away");
  await Promise.resolve();
  await ask();
  expect(asked()).toBe(2);
});
