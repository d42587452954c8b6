const DAY_MS = 24 * 3_600_000;
/** So that somebody who is back from holidays can still do something about it. */
const ALARM_DAYS = 14;

/** What lets a server in somewhere, by its end. */
export interface Ending {
  /** For people, at the beginning of a sentence. */
  readonly name: string;
  /** As milliseconds since 1970; undefined where there is none, or nobody says. */
  readonly endsAt: number | undefined;
}

/** What to say about the end, once it is near; undefined while it is far. */
export function endingAlarm({ name, endsAt }: Ending, now: number): string | undefined {
  if (endsAt === undefined || endsAt - now > ALARM_DAYS * DAY_MS) return undefined;
  const day = new Date(endsAt).toISOString().slice(0, 10);
  if (endsAt <= now)
    return `${name} expired at the beginning of ${day} (UTC); nothing works any more.`;
  const days = Math.floor((endsAt - now) / DAY_MS);
  const left = days === 0 ? "today" : days === 1 ? "in a day" : `in ${days} days`;
  return `${name} expires ${left}, at the beginning of ${day} (UTC); from then on nothing works.`;
}
