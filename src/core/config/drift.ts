import type { Query } from "../query/query.ts";
import type { TimeZone } from "./time-zone.ts";

/** When the default branch is planned without a pull request. */
export interface Drift {
  readonly enabled: boolean;
  /** In the order of the file. */
  readonly schedules: readonly DriftSchedule[];
}

export interface DriftSchedule {
  readonly name: string;
  readonly schedule: Schedule;
  readonly tagQuery: Query;
  /** Apply what was planned. */
  readonly reconcile: boolean;
  readonly window?: Window;
}

/** `timeZone` is an IANA name: days begin, and the fields of cron are read, by its clock. */
export type Schedule =
  | {
      readonly kind: "every";
      readonly unit: "hour" | "day" | "week" | "month";
      readonly timeZone: string;
    }
  /** Five fields. */
  | { readonly kind: "cron"; readonly expression: string; readonly timeZone: string };

/** Runs start only inside it; one that ends before it starts goes over midnight. */
export interface Window {
  readonly start: WindowTime;
  readonly end: WindowTime;
}

export interface WindowTime {
  /** As written, `22:00 UTC`. */
  readonly text: string;
  readonly minuteOfDay: number;
  readonly timeZone: TimeZone;
}
