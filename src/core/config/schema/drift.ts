import { z } from "zod";
import { echo } from "../../../base/echo.ts";
import { parseSchedule, SCHEDULE_TIME_ZONE } from "../schedule.ts";
import { isIanaZone, nearestZone } from "../time-zone.ts";
import { parseWindowTime } from "../window-time.ts";
import { optional, strict, tagQuery, text } from "./helpers.ts";

/** Reading a schedule costs milliseconds, so that their number is limited. */
const SCHEDULES_MAX = 100;

const scheduleText = text("cron", (value) => {
  const parsed = parseSchedule(value, SCHEDULE_TIME_ZONE);
  return parsed.kind === "error" ? parsed : undefined;
});

const timeZone = text("time", (value) => {
  if (isIanaZone(value)) return undefined;
  const suggestion = nearestZone(value);
  const message = `\`${echo(value)}\` is no time zone; it is a name such as \`Europe/Paris\``;
  return { message, ...(suggestion === undefined ? {} : { suggestion }) };
});

const windowTime = text("time", (value) => {
  const parsed = parseWindowTime(value);
  return parsed.kind === "error" ? parsed : undefined;
});

const window = strict({ start: windowTime, end: windowTime });

const schedule = strict({
  schedule: scheduleText,
  time_zone: optional(timeZone),
  tag_query: tagQuery,
  reconcile: optional(z.boolean()),
  window: optional(window),
});

const schedules = z.record(z.string(), schedule).check((context) => {
  const names = Object.keys(context.value);
  if (names.length <= SCHEDULES_MAX) return;
  context.issues.push({
    code: "custom",
    message: `at most ${SCHEDULES_MAX} schedules`,
    input: context.value,
    params: { code: "too_large" },
  });
});

/** Both forms in one, because each key belongs to exactly one of them. */
const keys = strict({
  enabled: optional(z.boolean()),
  schedules: optional(schedules),
  schedule: optional(scheduleText),
  tag_query: optional(tagQuery),
  reconcile: optional(z.boolean()),
});

export const OLD_DRIFT_KEYS = ["schedule", "tag_query", "reconcile"] as const;

export const drift = keys.check((context) => {
  const { value } = context;
  const old = OLD_DRIFT_KEYS.find((key) => value[key] !== undefined && value[key] !== null);
  if (old === undefined) return;
  const both = value.schedules !== undefined && value.schedules !== null;
  if (!both && value.schedule !== undefined && value.schedule !== null) return;
  // What is misspelt is not missing too.
  if (!both && context.issues.length > 0) return;
  context.issues.push({
    code: "custom",
    message: both
      ? "this belongs into one of the `schedules`"
      : "this is missing where there are no `schedules`",
    input: value,
    path: [both ? old : "schedule"],
    params: { code: both ? "unknown_key" : "missing_key" },
  });
});

export type DriftInput = z.infer<typeof drift>;
export type RawDriftSchedule = z.infer<typeof schedule>;
