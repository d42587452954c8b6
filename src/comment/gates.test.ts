import { expect, test } from "vitest";
import { aKey, aPlanned, aView } from "../../test/support/comment-views.ts";
import { gates } from "./gates.ts";
import { next } from "./next.ts";

const GATE = {
  token: "sec",
  name: "Security",
  allOf: ["user:cyd"],
  anyOf: ["team:ops", "team:sre"],
  anyOfCount: 2,
  addReviewers: false,
};

test("a gate says who has to look at what, who did, and what to type", () => {
  const reports = [{ gate: GATE, dirspaces: [aKey("net")], passedBy: ["dan"] }];
  expect(gates(aView({ gates: reports }))).toEqual([
    "**Gates:** 1 approval asked for by the plans",
    "- Security for `net`: all of `user:cyd` and 2 of `team:ops` and `team:sre`, approved by `dan`; comment `terrane gate approve sec`",
  ]);
});

test("without gates nothing is said", () => {
  expect(gates(aView())).toEqual([]);
});

test("names and tokens of a hostile runner stay inside their places", () => {
  const gate = { ...GATE, name: "x](http://evil) <img src=y> @everyone", token: "a`b" };
  const text = gates(aView({ gates: [{ gate, dirspaces: [aKey("net")], passedBy: [] }] })).join(
    "\n",
  );
  expect(text).not.toContain("](http");
  expect(text).not.toMatch(/(?<!\\)<img/);
});

test.each([
  ["nobody passed it", [], ["`terrane gate approve sec`", "`terrane apply dir:app`"]],
  ["somebody did", ["dan"], ["`terrane apply` applies 2 plans", "`terrane apply dir:app`"]],
] as const)(
  "what to do next with a gate on one of two plans when %s",
  (_name, passedBy, wanted) => {
    const dirspaces = [aPlanned("app"), aPlanned("net")];
    const text = next(
      aView({ dirspaces, gates: [{ gate: GATE, dirspaces: [aKey("net")], passedBy }] }),
    ).join("\n");
    for (const part of wanted) expect(text).toContain(part);
    expect(text.includes("`terrane apply` ")).toBe(passedBy.length > 0);
  },
);
