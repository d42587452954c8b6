import { assert } from "../../base/assert.ts";
import { given } from "./complete-engine.ts";
import { completeQuery } from "./complete-query.ts";
import type { Drift, DriftSchedule, Window, WindowTime } from "./drift.ts";
import type { RawDrift } from "./raw.ts";
import { parseSchedule, SCHEDULE_TIME_ZONE } from "./schedule.ts";
import type { RawDriftSchedule } from "./schema/drift.ts";
import { parseWindowTime } from "./window-time.ts";

export function completeDrift(raw: RawDrift | null | undefined): Drift {
  return {
    enabled: raw?.enabled ?? false,
    schedules: Object.entries(raw?.schedules ?? {}).map(([name, schedule]) =>
      completeSchedule(name, schedule),
    ),
  };
}

function completeSchedule(name: string, raw: RawDriftSchedule): DriftSchedule {
  const parsed = parseSchedule(raw.schedule, raw.time_zone ?? SCHEDULE_TIME_ZONE);
  assert(parsed.kind === "ok", "config: a schedule that was accepted no longer parses");
  return {
    name,
    schedule: parsed.schedule,
    tagQuery: completeQuery(raw.tag_query),
    reconcile: raw.reconcile ?? false,
    ...given("window", completeWindow(raw.window)),
  };
}

function completeWindow(raw: RawDriftSchedule["window"]): Window | undefined {
  if (raw === undefined || raw === null) return undefined;
  return { start: completeTime(raw.start), end: completeTime(raw.end) };
}

function completeTime(text: string): WindowTime {
  const parsed = parseWindowTime(text);
  assert(parsed.kind === "ok", "config: a time that was accepted no longer parses");
  return parsed.time;
}
