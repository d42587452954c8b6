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
  ["", "is not `hourly`"],
  ["@daily", "is not `hourly`"],
  ["2026-01-01T00:00:00", "is not `hourly`"],
  ["* * * *", "and this has 4"],
  ["* * * * * *", "and this has 6"],
  ["0 24 * * *", "cannot be read"],
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
