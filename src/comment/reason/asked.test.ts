import { expect, test } from "vitest";
import { ONE_OF_EACH } from "../../../test/support/reasons.ts";
import type { Reason } from "../../core/reason.ts";
import { explain } from "../reason-text.ts";

type Foreign = Extract<Reason, { code: "foreign_command" }>;

const WHYS: { readonly [W in Foreign["why"]]: string } = {
  flag: "--lock",
  argument: "12",
  extra_arguments: "-- -destroy",
  value: "-d",
  project_and_place: "-p net",
  merging: "--auto-merge-disabled",
  policies: "approve_policies",
  state: "import",
  version: "version",
  quotes: "-d 'a",
};

test("whatever has no equal here says what to write instead", () => {
  const said = Object.entries(WHYS).map(([why, word]) => {
    const reason = { ...ONE_OF_EACH.foreign_command, why: why as Foreign["why"], word };
    const { cause, next } = explain(reason);
    expect(next).toContain("`terrane ");
    return `${why}: ${cause}\n  → ${next}`;
  });
  expect(said.join("\n")).toMatchSnapshot();
});

test("what a job found in the code is counted where it is too much to say", () => {
  const one = ONE_OF_EACH.index_shown;
  const none = { ...one, referring: [], referringOmitted: 0, links: 0, problems: [] };
  const many = Array.from({ length: 10 }, (_, n) => ({ dir: `d${n}`, to: [`m${n}`] }));
  const said = [
    none,
    { ...none, referring: one.referring },
    { ...one, referring: many, referringOmitted: 90, links: 2, problemsOmitted: 4 },
  ].map((reason) => explain(reason).cause);
  expect(said.join("\n")).toMatchSnapshot();
});
