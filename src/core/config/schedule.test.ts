import { expect, test } from "vitest";
import { parseSchedule } from "./schedule.ts";
import { parseTimeZone } from "./time-zone.ts";
import { parseWindowTime } from "./window-time.ts";

test.each([
  ["hourly", { kind: "every", unit: "hour" }],
  [" monthly ", { kind: "every", unit: "month" }],
  ["0 3 * * *", { kind: "cron", expression: "0 3 * * *" }],
  ["0 0 29 2 *", { kind: "cron" }],
  ["*/15 8-18 * * MON-FRI", { kind: "cron" }],
])("%j is a schedule", (text, schedule) => {
  expect(parseSchedule(text, "Europe/Paris")).toMatchObject({
    kind: "ok",
    schedule: { ...schedule, timeZone: "Europe/Paris" },
  });
});

test.each([
  ["", "empty text is not `hourly`"],
  ["@daily", "is not `hourly`"],
  ["2026-01-01T00:00:00", "is not `hourly`"],
  ["* * * *", "and this has 4"],
  ["* * * * * *", "and this has 6"],
  ["0 24 * * *", "the hour cannot be `24`; it is `*`, a number from 0 to 23, a range as in `0-23`"],
  ["60 * * * *", "the minute cannot be `60`; it is `*`, a number from 0 to 59"],
  ["0 0 0 * *", "the day of the month cannot be `0`"],
  ["0 0 1 13 *", "the month cannot be `13`; it is `*`, a number from 1 to 12, a word from `JAN`"],
  ["0 0 * * MONDAY", "the day of the week cannot be `MONDAY`"],
  ["0 0 * * 1-8", "the day of the week cannot be `8`"],
  ["0 22-5 * * *", "the hour `22-5` begins after it ends; write `22-23,0-5`"],
  ["*/0 * * * *", "the step of the minute is 1 to 60, not `0`"],
  ["5/15 * * * *", "the minute `5/15` has a step without a range; write `5-59/15`"],
  ["1,,2 * * * *", "the minute has a comma with nothing"],
  ["1- * * * *", "the minute cannot be `1-`"],
  ["0 0 L * *", "the day of the month is `L`: `L`, `W`, `#` and `?` are not part of"],
  ["0 0 15W * *", "are not part of the language"],
  ["0 0 ? * *", "are not part of the language"],
  ["0 0 * * 5#2", "are not part of the language"],
  ["0 0 * * FRIL", "are not part of the language"],
  ["0 0 * * +1", "the day of the week cannot be `+1`"],
  ["\u202e 0 * * *", "the minute cannot be `\\u{202e}`"],
  ["0 0 31 2,4,6 *", "never comes"],
  [`${"1,".repeat(500)}1 * * * *`, "at most 256 characters"],
])("%j is no schedule: %s", (text, words) => {
  const parsed = parseSchedule(text, "UTC");
  expect(parsed.kind === "error" ? parsed.message : "accepted").toContain(words);
});

test.each([
  ["UTC", 0],
  ["cest", 120],
  ["IST", 120],
  ["NPT", 345],
  ["PST", -480],
])("%s is a fixed offset", (text, minutes) => {
  expect(parseTimeZone(text)).toMatchObject({ kind: "offset", minutes });
});

test.each(["", "+02:00", "Europe", "Europe/Atlantis", "x".repeat(1000), "Etc/GMT+99"])(
  "%j is no time zone",
  (text) => {
    expect(parseTimeZone(text)).toBeUndefined();
  },
);

test.each([
  ["00:00 UTC", 0],
  ["9:05 Europe/Paris", 545],
  ["23:59:59 EST", 1439],
  ["12:00 am UTC", 0],
  ["12:30PM UTC", 750],
  ["1 :00 UTC", undefined],
  ["24:00 UTC", undefined],
  ["13:00 pm UTC", undefined],
  ["10:60 UTC", undefined],
  ["10:00", undefined],
])("%j is the minute %j of a day", (text, minute) => {
  const parsed = parseWindowTime(text);
  expect(parsed.kind === "ok" ? parsed.time.minuteOfDay : undefined).toBe(minute);
});
