import { echo } from "../../base/echo.ts";
import type { WindowTime } from "./drift.ts";
import { nearestZone, parseTimeZone } from "./time-zone.ts";

export type ParsedWindowTime =
  | { readonly kind: "ok"; readonly time: WindowTime }
  | { readonly kind: "error"; readonly message: string; readonly suggestion?: string };

const CLOCK = /^([0-9]{1,2}):([0-9]{2})(?::[0-9]{2})?(?: ?([ap])m)?$/i;

/** A time of day and a zone: `22:00 UTC`, `6:30 pm EST`, `06:00 Europe/Paris`. */
export function parseWindowTime(text: string): ParsedWindowTime {
  const trimmed = text.trim();
  const blank = trimmed.lastIndexOf(" ");
  if (blank < 0) {
    const message = `\`${echo(text)}\` is a time without a time zone, such as \`22:00 UTC\``;
    const given = minuteOfDay(trimmed) !== undefined;
    return { kind: "error", message, ...(given ? { suggestion: `${trimmed} UTC` } : {}) };
  }
  const zoneText = trimmed.slice(blank + 1);
  const clock = trimmed.slice(0, blank).trim();
  const minute = minuteOfDay(clock);
  if (minute === undefined) {
    return { kind: "error", message: `\`${echo(clock)}\` is no time of day, such as \`22:00\`` };
  }
  const timeZone = parseTimeZone(zoneText);
  if (timeZone !== undefined) {
    return { kind: "ok", time: { text, minuteOfDay: minute, timeZone } };
  }
  const zone = nearestZone(zoneText);
  return {
    kind: "error",
    message: `\`${echo(zoneText)}\` is no time zone; it is an abbreviation such as \`CET\` or a name such as \`Europe/Paris\``,
    ...(zone === undefined ? {} : { suggestion: `${clock} ${zone}` }),
  };
}

function minuteOfDay(clock: string): number | undefined {
  const [, hours, minutes, half] = CLOCK.exec(clock) ?? [];
  if (hours === undefined || minutes === undefined || Number(minutes) > 59) return undefined;
  const hour = hourOfDay(Number(hours), half?.toLowerCase());
  return hour === undefined ? undefined : hour * 60 + Number(minutes);
}

function hourOfDay(hour: number, half: string | undefined): number | undefined {
  if (half === undefined) return hour <= 23 ? hour : undefined;
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (half === "p" ? 12 : 0);
}
