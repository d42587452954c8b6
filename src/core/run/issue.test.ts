import fc from "fast-check";
import { expect, test } from "vitest";
import { type LeftIssue, markedBody, type OpenIssue, placesOf } from "./issue.ts";

const NET = "0123456789ab";
const DB = "ba9876543210";

function issue(about: readonly string[], told = "1"): LeftIssue {
  return { title: "Drift", body: "what drifted", dedupe: told.repeat(64), about };
}

function placeOf(one: LeftIssue, open: readonly OpenIssue[]) {
  return placesOf([one], open)[0]?.place;
}

const OURS = { number: 7, body: markedBody(issue([NET, DB])) };

test.each([
  ["nothing is open", [], issue([NET]), { kind: "open" }],
  ["one tells the same", [OURS], issue([NET]), { kind: "stands", number: 7 }],
  ["one tells something else", [OURS], issue([DB], "2"), { kind: "edit", number: 7 }],
  ["one is about another dirspace", [OURS], issue(["c".repeat(12)]), { kind: "open" }],
  ["a person's has no text", [{ number: 1, body: null }], issue([NET]), { kind: "open" }],
  ["one has no text at all", [{ number: 1, body: undefined }], issue([NET]), { kind: "open" }],
  [
    "two are about it",
    [OURS, { number: 3, body: markedBody(issue([NET], "2")) }],
    issue([NET], "1"),
    { kind: "edit", number: 3 },
  ],
  [
    "the marker is quoted in the middle",
    [{ number: 1, body: `${OURS.body} as it says` }],
    issue([NET]),
    { kind: "open" },
  ],
  [
    "white space came after the marker",
    [{ number: 1, body: `${OURS.body}\r\n ` }],
    issue([NET]),
    { kind: "stands", number: 1 },
  ],
] as const)("where %s", (_, open, wanted, place) => {
  expect(placeOf(wanted, open)).toEqual(place);
});

test("an open issue takes one of what is told at once, and the others get their own", () => {
  const places = placesOf([issue([NET], "2"), issue([DB], "3")], [OURS]).map(({ place }) => place);
  expect(places).toEqual([{ kind: "edit", number: 7 }, { kind: "open" }]);
});

const digits = fc.stringMatching(/^[0-9a-f]{12}$/);
const anIssue = fc.record({
  title: fc.string(),
  body: fc.string({ unit: "binary" }),
  dedupe: fc.stringMatching(/^[0-9a-f]{64}$/),
  about: fc.array(digits, { minLength: 1, maxLength: 5 }),
});

test("S25 whatever an issue says, it is found again by what it says", () => {
  fc.assert(
    fc.property(anIssue, fc.nat(), (wanted, number) => {
      const open = [{ number, body: markedBody(wanted) }];
      expect(placeOf(wanted, open)).toEqual({ kind: "stands", number });
    }),
  );
});
