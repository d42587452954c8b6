import { type Allowance, CONCERNS, type Concern, type HeldBack } from "../../ports/budget.ts";
import { type Left, Window } from "./window.ts";

/**
 * GitHub's secondary limits for one installation: points by the minute (a read is one, a write five), and what creates
 * content by the minute and by the hour. Whoever goes over is shut out for everything, so we stop before. What matters less
 * stops earlier and leaves the rest to what matters more.
 */
export interface BudgetLimits {
  readonly pointsPerMinute: number;
  readonly queryPointsPerMinute: number;
  readonly contentPerMinute: number;
  readonly contentPerHour: number;
}

export const GITHUB_LIMITS: BudgetLimits = {
  pointsPerMinute: 900,
  queryPointsPerMinute: 2_000,
  contentPerMinute: 80,
  contentPerHour: 500,
};

/** A GitHub Enterprise Server has no such limits unless its operator set some. */
export const NO_LIMITS: BudgetLimits = {
  pointsPerMinute: Number.POSITIVE_INFINITY,
  queryPointsPerMinute: Number.POSITIVE_INFINITY,
  contentPerMinute: Number.POSITIVE_INFINITY,
  contentPerHour: Number.POSITIVE_INFINITY,
};

/**
 * An Enterprise Server names its version beside each answer, and a limit only where there is one: limits are off there until
 * its operator enables them (https://docs.github.com/enterprise-server/admin/configuration/configuring-rate-limits).
 */
export function hasNoLimits(headers: Readonly<Record<string, unknown>>): boolean {
  return (
    headers["x-github-enterprise-version"] !== undefined &&
    headers["x-ratelimit-limit"] === undefined
  );
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const READ_POINTS = 1;
const WRITE_POINTS = 5;
/**
 * The share of a limit that calls of each concern leave untouched: what matters less stops earlier. Permissions to apply,
 * merging, and starting and stopping jobs leave nothing.
 */
const LEAVES: Readonly<Record<Concern, number>> = {
  reactions: 0.4,
  comments: 0.3,
  checks: 0.25,
  looks: 0.2,
};
/** Reactions are the only content that nobody reads. */
const CONTENT_LEAVES: Partial<Record<Concern, number>> = { reactions: 0.2 };

interface Cost {
  readonly points: number;
  readonly query: boolean;
  readonly content: boolean;
  /** The share of the points, and of the hour's calls, that this call must leave untouched. */
  readonly leaves: number;
  /** The same of what may be created. */
  readonly leavesContent: number;
}

/** What the route does not say: an apply waits for it, or something else says the same already. */
export type Weight = "permits" | "usual" | "extra";

/** Starting and stopping jobs, merging and permissions first, then looking, checks, comments, cosmetics. */
export function costOf(route: string, weight: Weight = "usual"): Cost {
  const cost = costOfRoute(route, weight === "permits");
  if (weight !== "extra") return cost;
  // As little as reactions: the one comment goes first, and has to have room.
  const leavesContent = cost.content ? (CONTENT_LEAVES.reactions ?? 0) : 0;
  return { ...cost, leaves: LEAVES.reactions, leavesContent };
}

function costOfRoute(route: string, permits: boolean): Cost {
  const query = route.endsWith("/graphql");
  const plain = { query, content: false, leavesContent: 0 };
  if (route.endsWith("/graphql#mutation")) {
    return { ...plain, query: true, points: WRITE_POINTS, leaves: 0 };
  }
  // Of GraphQL the queries count as reading.
  const reads = route.startsWith("GET ") || query;
  if (reads) return { ...plain, points: READ_POINTS, leaves: permits ? 0 : LEAVES.looks };
  const write = { ...plain, points: WRITE_POINTS };
  if (route.endsWith("/reactions")) {
    const leavesContent = CONTENT_LEAVES.reactions ?? 0;
    return { ...write, content: true, leaves: LEAVES.reactions, leavesContent };
  }
  if (route.includes("/comments")) return { ...write, content: true, leaves: LEAVES.comments };
  // It sends mail to people, and counts as content for that.
  if (route.endsWith("/requested_reviewers"))
    return { ...write, content: true, leaves: LEAVES.comments };
  if (/^POST \S*\/issues$/.test(route)) return { ...write, content: true, leaves: LEAVES.comments };
  // Those who want them have the same in the comment.
  if (route.includes("/labels")) return { ...write, leaves: LEAVES.reactions };
  if (route.includes("/check-runs") || /^POST \S*\/statuses\//.test(route))
    return { ...write, leaves: LEAVES.checks };
  return { ...write, leaves: 0 };
}

/** What one installation may still do, as this server knows it: what it did itself, and what GitHub said of all. */
export class Budget {
  readonly #points: Window;
  readonly #queryPoints: Window;
  readonly #content: readonly [Window, Window];
  readonly #hours = { core: new Told(), graphql: new Told() };

  readonly limits: BudgetLimits;

  constructor(limits: BudgetLimits) {
    this.limits = limits;
    this.#points = new Window(limits.pointsPerMinute, MINUTE_MS);
    this.#queryPoints = new Window(limits.queryPointsPerMinute, MINUTE_MS);
    this.#content = [
      new Window(limits.contentPerMinute, MINUTE_MS),
      new Window(limits.contentPerHour, HOUR_MS),
    ];
  }

  /** Takes what the call costs and gives 0, or takes nothing and says how many milliseconds to wait. */
  admit(route: string, now: number, weight: Weight = "usual"): number {
    const { points, query, content, leaves, leavesContent } = costOf(route, weight);
    const window = query ? this.#queryPoints : this.#points;
    const hour = this.#hours[query ? "graphql" : "core"];
    const created = content ? this.#content : [];
    const wait = Math.max(
      window.waitMs(points, leaves, now),
      hour.waitMs(1, leaves, now),
      ...created.map((one) => one.waitMs(1, leavesContent, now)),
    );
    if (wait > 0) return wait;
    window.take(points, now);
    hour.take();
    for (const one of created) one.take(1, now);
    return 0;
  }

  /** What GitHub said beside an answer: of the hour it counts the calls of all servers. */
  heard(headers: Readonly<Record<string, unknown>>): void {
    const resource = headers["x-ratelimit-resource"];
    if (resource !== "core" && resource !== "graphql") return;
    this.#hours[resource].hear(headers);
  }

  /** The last read found what was known already, which costs nothing of the hour (only reads are remembered, not queries). */
  unchanged(): void {
    this.#hours.core.giveBack();
  }

  /** The forge's own first, then what this server counts. */
  allowances(now: number): readonly Allowance[] {
    const { core, graphql } = this.#hours;
    const [minute, hour] = this.#content;
    const ofCalls = { of: "calls", leaves: LEAVES, cost: costOfConcern } as const;
    const ofQueries = { of: "queries", leaves: { looks: LEAVES.looks }, cost: () => 1 } as const;
    const ofContent = { of: "content", leaves: CONTENT_LEAVES, cost: () => 1 } as const;
    return [
      allowance({ ...ofCalls, per: "hour", unit: "calls", said: "forge" }, core, now),
      allowance({ ...ofQueries, per: "hour", unit: "points", said: "forge" }, graphql, now),
      allowance({ ...ofCalls, per: "minute", unit: "points", said: "self" }, this.#points, now),
      allowance(
        { ...ofQueries, per: "minute", unit: "points", said: "self" },
        this.#queryPoints,
        now,
      ),
      allowance({ ...ofContent, per: "minute", unit: "calls", said: "self" }, minute, now),
      allowance({ ...ofContent, per: "hour", unit: "calls", said: "self" }, hour, now),
    ].flatMap((one) => one ?? []);
  }
}

function costOfConcern(concern: Concern): number {
  return concern === "looks" ? READ_POINTS : WRITE_POINTS;
}

interface Kind extends Pick<Allowance, "of" | "per" | "unit" | "said"> {
  readonly leaves: Partial<Readonly<Record<Concern, number>>>;
  readonly cost: (concern: Concern) => number;
}

function allowance(
  { leaves, cost, ...kind }: Kind,
  counted: Window | Told,
  now: number,
): Allowance | undefined {
  const left = counted.left(now);
  if (left === undefined) return undefined;
  const heldBack = CONCERNS.flatMap((from): readonly HeldBack[] => {
    const share = leaves[from];
    if (share === undefined) return [];
    const waitMs = counted.waitMs(cost(from), share, now);
    return [{ from, amount: Math.ceil(share * left.limit), waitMs }];
  });
  return { ...kind, ...left, heldBack };
}

/** The limit of an hour as GitHub tells it, which grows with repositories and people; nothing is assumed before. */
class Told {
  #limit = Number.POSITIVE_INFINITY;
  #left = Number.POSITIVE_INFINITY;
  #resetsAt = 0;

  hear(headers: Readonly<Record<string, unknown>>): void {
    const [limit, left, reset] = ["limit", "remaining", "reset"].map((name) =>
      Number(headers[`x-ratelimit-${name}`] ?? Number.NaN),
    );
    if (limit === undefined || left === undefined || reset === undefined) return;
    if (![limit, left, reset].every(Number.isFinite)) return;
    const resetsAt = reset * 1_000;
    // One that tells of an hour that is over says nothing of this one.
    if (resetsAt < this.#resetsAt) return;
    // An answer that was overtaken by another one of the same hour knows less.
    this.#left = resetsAt === this.#resetsAt ? Math.min(this.#left, left) : left;
    this.#limit = limit;
    this.#resetsAt = resetsAt;
  }

  /** Whatever a call costs by the minute, of the hour it is one. */
  waitMs(_cost: number, leaves: number, now: number): number {
    if (now >= this.#resetsAt || this.#left - 1 >= leaves * this.#limit) return 0;
    return Math.min(this.#resetsAt - now, HOUR_MS);
  }

  take(): void {
    this.#left -= 1;
  }

  giveBack(): void {
    this.#left += 1;
  }

  /** Undefined before anything was told. */
  left(now: number): Left | undefined {
    if (!Number.isFinite(this.#limit)) return undefined;
    const left = now >= this.#resetsAt ? this.#limit : Math.max(0, this.#left);
    return { limit: this.#limit, left, resetsAt: this.#resetsAt };
  }
}
