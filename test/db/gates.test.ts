import { afterAll, beforeAll, expect, test } from "vitest";
import { type EngineLab, engineLab } from "../support/engine-lab.ts";

const GATE = {
  token: "security",
  name: "Security",
  allOf: ["user:cyd"],
  anyOf: [],
  anyOfCount: 1,
  addReviewers: false,
};

let lab: EngineLab;

beforeAll(async () => {
  lab = await engineLab();
  lab.vcs.files = ["net/main.tf", "db/main.tf"];
});

afterAll(() => lab.close());

function comment(number: number): string {
  return lab.vcs.comments.get(`${number}:terrane`) ?? "";
}

test("S14 what a plan's step asked for holds its own apply, and nothing else, until it is approved", async () => {
  await lab.open(1, ["net/main.tf", "db/main.tf"]);
  await lab.plans(await lab.claim(1), { "net:default": { gates: [GATE] } });
  expect(comment(1)).toContain("**Gates:** 1 approval");
  expect(comment(1)).toContain("`terrane gate approve security`");

  await lab.say(1, "bob", "terrane apply dir:net");
  expect(comment(1)).toContain("A gate is closed");
  await lab.say(1, "bob", "terrane apply dir:db");
  expect(await lab.applies(await lab.claim(1))).toEqual([]);

  await lab.say(1, "bob", "terrane gate approve security");
  await lab.say(1, "bob", "terrane apply dir:net");
  expect(comment(1)).toContain("A gate is closed");
  await lab.say(1, "cyd", "terrane gate approve security");
  expect(comment(1)).toContain("approved by `bob` and `cyd`");
  await lab.say(1, "bob", "terrane apply dir:net");
  expect(await lab.applies(await lab.claim(1))).toEqual([]);
});
