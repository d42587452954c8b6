/**
 * GitHub's secondary limits for one installation: points by the minute (a read is one, a write five), and
 * what creates content by the minute and by the hour. Whoever goes over is shut out for everything, so we
 * stop before. What matters less stops earlier and leaves the rest to what matters more.
 */
export interface BudgetLimits {
  readonly pointsPerMinute: number;
  readonly contentPerMinute: number;
  readonly contentPerHour: number;
}

export const GITHUB_LIMITS: BudgetLimits = {
  pointsPerMinute: 900,
  contentPerMinute: 80,
  contentPerHour: 500,
};

/** GitHub Enterprise Server has no such limits unless its operator set some. */
export const NO_LIMITS: BudgetLimits = {
  pointsPerMinute: Number.POSITIVE_INFINITY,
  contentPerMinute: Number.POSITIVE_INFINITY,
  contentPerHour: Number.POSITIVE_INFINITY,
};

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const READ_POINTS = 1;
const WRITE_POINTS = 5;

interface Cost {
  readonly points: number;
  readonly content: boolean;
  /** The share of the budget that this call must leave untouched. */
  readonly leaves: number;
}

/** Starting and stopping jobs and merging first, then looking, checks, comments, cosmetics. */
export function costOf(route: string): Cost {
  // Of GraphQL the queries count as reading.
  const reads = route.startsWith("GET ") || route.endsWith("/graphql");
  if (reads) return { points: READ_POINTS, content: false, leaves: 0.1 };
  const write = { points: WRITE_POINTS, content: false };
  if (route.endsWith("/reactions")) return { ...write, content: true, leaves: 0.4 };
  if (route.includes("/comments")) return { ...write, content: true, leaves: 0.3 };
  // It sends mail to people, and counts as content for that.
  if (route.endsWith("/requested_reviewers")) return { ...write, content: true, leaves: 0.3 };
  if (/^POST \S*\/issues$/.test(route)) return { ...write, content: true, leaves: 0.3 };
  if (route.includes("/check-runs")) return { ...write, leaves: 0.2 };
  return { ...write, leaves: 0 };
}

export class Budget {
  readonly #points: Bucket;
  readonly #content: readonly Bucket[];

  constructor(limits: BudgetLimits) {
    this.#points = new Bucket(limits.pointsPerMinute, MINUTE_MS);
    this.#content = [
      new Bucket(limits.contentPerMinute, MINUTE_MS),
      new Bucket(limits.contentPerHour, HOUR_MS),
    ];
  }

  /** Takes what the call costs and gives 0, or takes nothing and says how many milliseconds to wait. */
  admit(route: string, now: number): number {
    const { points, content, leaves } = costOf(route);
    const bill: readonly (readonly [Bucket, number])[] = [
      [this.#points, points],
      ...(content ? this.#content.map((bucket) => [bucket, 1] as const) : []),
    ];
    const wait = Math.max(...bill.map(([bucket, cost]) => bucket.waitMs(cost, leaves, now)));
    if (wait > 0) return wait;
    for (const [bucket, cost] of bill) bucket.take(cost);
    return 0;
  }
}

/** Fills evenly; starts full. */
class Bucket {
  readonly #capacity: number;
  readonly #perMs: number;
  #level: number;
  #at: number | undefined;

  constructor(capacity: number, periodMs: number) {
    this.#capacity = capacity;
    this.#perMs = capacity / periodMs;
    this.#level = capacity;
  }

  waitMs(cost: number, leaves: number, now: number): number {
    if (!Number.isFinite(this.#capacity)) return 0;
    // A clock that steps back fills nothing.
    const passed = Math.max(0, now - (this.#at ?? now));
    this.#level = Math.min(this.#capacity, this.#level + passed * this.#perMs);
    this.#at = now;
    const missing = cost + leaves * this.#capacity - this.#level;
    return missing <= 0 ? 0 : Math.ceil(missing / this.#perMs);
  }

  take(cost: number): void {
    if (Number.isFinite(this.#capacity)) this.#level -= cost;
  }
}
