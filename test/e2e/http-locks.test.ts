import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { LockView } from "../../src/contract/views.ts";
import { type HttpLab, httpLab } from "../support/http-lab.ts";

let http: HttpLab;

beforeAll(async () => {
  http = await httpLab();
  const { lab } = http;
  lab.vcs.files = ["net/main.tf"];
  for (const number of [1, 2, 3]) {
    await lab.open(number, ["net/main.tf"]);
    await lab.plans(await lab.claim());
  }
});

afterAll(() => http.close());

test("S8 whoever waits is shown in its order by the list of locks, and told in its comment", async () => {
  const { lab } = http;
  await lab.say(1, "bob", "terrane apply");
  await lab.applies(await lab.claim());
  await lab.say(3, "bob", "terrane apply");
  await lab.say(2, "bob", "terrane apply");
  const locks = z.array(LockView).parse(await (await http.call("/api/v1/locks")).json());
  expect(locks).toMatchObject([{ pullRequest: 1, dir: "net", waiting: [3, 2], inDoubt: false }]);
  expect(lab.vcs.comments.get("2:terrane")).toContain("position 2 of 2");
  await lab.say(2, "bob", "terrane unlock --blocking");
  const left = z.array(LockView).parse(await (await http.call("/api/v1/locks")).json());
  // Nobody owns it any more, and it is the turn of whoever waited.
  expect(left).toMatchObject([{ pullRequest: 2, because: "turn", waiting: [] }]);
  expect(lab.vcs.comments.get("2:terrane")).toContain("It is your turn");
});
