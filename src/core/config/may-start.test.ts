import { expect, test } from "vitest";
import { completeConfig } from "./complete.ts";
import { mayStart } from "./may-start.ts";
import { parseConfig } from "./parse.ts";

function starts(schedule: string, instant: string): boolean {
  const text = `drift: {enabled: true, schedules: {x: {tag_query: "", ${schedule}}}}`;
  const { raw, diagnostics } = parseConfig(text, "config.yml");
  if (raw === undefined) throw new Error(JSON.stringify(diagnostics));
  const [first] = completeConfig(raw).drift.schedules;
  return first !== undefined && mayStart(first, Date.parse(instant));
}

const OVERNIGHT = 'schedule: hourly, window: {start: "22:00 UTC", end: "05:00 UTC"}';
const OFFICE =
  'schedule: daily, window: {start: "09:00 Europe/Berlin", end: "17:00 Europe/Berlin"}';
const TWO_ZONES = 'schedule: daily, window: {start: "09:00 CET", end: "09:00 UTC"}';

test.each([
  ["without a window at any time", "schedule: hourly", "2026-03-02T12:34:00Z", true],
  ["inside a window over midnight, before it", OVERNIGHT, "2026-03-02T23:59:00Z", true],
  ["inside a window over midnight, after it", OVERNIGHT, "2026-03-02T04:59:00Z", true],
  ["not at the end of a window", OVERNIGHT, "2026-03-02T05:00:00Z", false],
  ["at the start of a window", OVERNIGHT, "2026-03-02T22:00:00Z", true],
  ["not outside", OVERNIGHT, "2026-03-02T12:00:00Z", false],
  ["by winter time", OFFICE, "2026-01-15T08:00:00Z", true],
  ["not yet by winter time", OFFICE, "2026-01-15T07:59:00Z", false],
  ["by summer time", OFFICE, "2026-07-15T07:00:00Z", true],
  ["no more by summer time", OFFICE, "2026-07-15T15:00:00Z", false],
  ["with ends of two zones, inside", TWO_ZONES, "2026-03-02T08:30:00Z", true],
  ["with ends of two zones, outside", TWO_ZONES, "2026-03-02T07:59:00Z", false],
  ["in the minute of a cron expression", 'schedule: "30 4 * * 1-5"', "2026-03-02T04:30:59Z", true],
  ["not a minute later", 'schedule: "30 4 * * 1-5"', "2026-03-02T04:31:00Z", false],
  ["not at the weekend", 'schedule: "30 4 * * 1-5"', "2026-03-01T04:30:00Z", false],
  [
    "in the minute of a cron expression of another zone",
    'schedule: "30 4 * * *", time_zone: Asia/Tokyo',
    "2026-03-01T19:30:00Z",
    true,
  ],
])("a schedule may start %s", (_, schedule, instant, expected) => {
  expect(starts(schedule, instant)).toBe(expected);
});
