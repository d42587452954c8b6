import { Cron } from "croner";
import { echo } from "../../base/echo.ts";
import { nearest } from "../../base/nearest.ts";
import { cronFieldsProblem } from "./cron-fields.ts";
import type { Schedule } from "./drift.ts";

const UNITS = { hourly: "hour", daily: "day", weekly: "week", monthly: "month" } as const;

export const SCHEDULE_TIME_ZONE = "UTC";

/** No expression of five fields is nearly as long. */
const CRON_CHARS_MAX = 256;

export type ParsedSchedule =
  | { readonly kind: "ok"; readonly schedule: Schedule }
  | { readonly kind: "error"; readonly message: string; readonly suggestion?: string };

/** `hourly`, `daily`, `weekly`, `monthly`, or a cron expression of five fields. */
export function parseSchedule(text: string, timeZone: string): ParsedSchedule {
  const word = text.trim();
  if (isUnit(word)) return { kind: "ok", schedule: { kind: "every", unit: UNITS[word], timeZone } };
  if (!/\s/.test(word)) return unknownWord(word);
  const message = cronProblem(word);
  if (message !== undefined) return { kind: "error", message };
  return { kind: "ok", schedule: { kind: "cron", expression: word, timeZone } };
}

function isUnit(word: string): word is keyof typeof UNITS {
  return Object.hasOwn(UNITS, word);
}

function unknownWord(word: string): ParsedSchedule {
  const suggestion = nearest(word, Object.keys(UNITS));
  return {
    kind: "error",
    message: `${word === "" ? "empty text" : `\`${echo(word)}\``} is not \`hourly\`, \`daily\`, \`weekly\`, \`monthly\` or a cron expression of five fields`,
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

function cronProblem(expression: string): string | undefined {
  if (expression.length > CRON_CHARS_MAX) {
    return `a cron expression is at most ${CRON_CHARS_MAX} characters long`;
  }
  const fields = expression.split(/\s+/);
  if (fields.length !== 5) {
    return `a cron expression has five fields (minute, hour, day of the month, month, day of the week), and this has ${fields.length}`;
  }
  const problem = cronFieldsProblem(fields);
  if (problem !== undefined) return problem;
  try {
    // Only reads the expression: without a function nothing is ever scheduled.
    const cron = new Cron(expression, { mode: "5-part", utcOffset: 0 });
    // Searching costs milliseconds, and only a day of the month can be one that never comes.
    const mayNeverCome = /[0-9]/.test(fields[2] ?? "");
    if (!mayNeverCome || cron.nextRun(new Date(0)) !== null) return undefined;
    return "this cron expression names a day that never comes";
  } catch {
    return "this cron expression cannot be read; write five fields, as in `0 3 * * *`";
  }
}
