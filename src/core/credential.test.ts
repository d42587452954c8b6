import { expect, test } from "vitest";
import { endingAlarm } from "./credential.ts";

const NOW = Date.parse("2026-11-22T20:00:00Z");
const saidOf = (day: string | undefined) =>
  endingAlarm(
    { name: "The token", endsAt: day === undefined ? undefined : Date.parse(`${day}T00:00:00Z`) },
    NOW,
  );

test.each([
  ["has no end", undefined, undefined],
  ["ends in a year", "2027-11-22", undefined],
  ["ends in a little more than 14 days", "2026-12-07", undefined],
  [
    "ends in 13 days",
    "2026-12-06",
    "The token expires in 13 days, at the beginning of 2026-12-06 (UTC); from then on nothing works.",
  ],
  ["ends in a day", "2026-11-24", /expires in a day, /],
  ["ends tonight", "2026-11-23", /expires today, at the beginning of 2026-11-23/],
  ["has ended", "2026-11-22", /expired at the beginning of 2026-11-22 .* nothing works any more/],
])("what %s is said, or not", (_what, day, said) => {
  if (said === undefined) expect(saidOf(day)).toBeUndefined();
  else expect(saidOf(day)).toMatch(said);
});
