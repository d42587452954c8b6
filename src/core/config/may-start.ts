import { Cron } from "croner";
import { unreachable } from "../../base/unreachable.ts";
import type { DriftSchedule, WindowTime } from "./drift.ts";
import type { TimeZone } from "./time-zone.ts";

const DAY_MINUTES = 24 * 60;
const MINUTE_MS = 60_000;

/**
 * Whether a drift schedule may start a run at this instant (milliseconds since 1970): inside its
 * window, and in the minute that a cron expression names. That others start at most once an hour,
 * day, week or month is for whoever knows when they last did.
 */
export function mayStart({ schedule, window }: DriftSchedule, instant: number): boolean {
  if (window !== undefined && !isInside(window.start, window.end, instant)) return false;
  switch (schedule.kind) {
    case "every":
      return true;
    case "cron": {
      const { expression, timeZone } = schedule;
      const minute = new Date(instant - (instant % MINUTE_MS));
      return new Cron(expression, { mode: "5-part", timezone: timeZone }).match(minute);
    }
    default:
      return unreachable(schedule);
  }
}

/**
 * A window that ends before it starts goes over midnight; the end itself is outside. One whose ends
 * are the same is the whole day. Both ends are seen from this instant, so their zones may differ.
 */
function isInside(start: WindowTime, end: WindowTime, instant: number): boolean {
  const sinceStart = wrap(minuteIn(start.timeZone, instant) - start.minuteOfDay);
  const untilEnd = wrap(end.minuteOfDay - minuteIn(end.timeZone, instant));
  const length = sinceStart + untilEnd;
  if (length % DAY_MINUTES === 0) return true;
  return untilEnd !== 0 && length < DAY_MINUTES;
}

function wrap(minutes: number): number {
  return ((minutes % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;
}

function minuteIn(zone: TimeZone, instant: number): number {
  if (zone.kind === "offset") return wrap(Math.floor(instant / MINUTE_MS) + zone.minutes);
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone.name,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(new Date(instant));
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value ?? 0);
  return part("hour") * 60 + part("minute");
}
