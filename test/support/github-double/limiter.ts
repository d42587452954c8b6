/** GitHub's limits for one caller, as it documents them. */
export interface EnforcedLimits {
  readonly primaryPerHour: number;
  readonly graphqlPerHour: number;
  readonly restPointsPerMinute: number;
  readonly graphqlPointsPerMinute: number;
  readonly contentPerMinute: number;
  readonly contentPerHour: number;
  readonly concurrent: number;
}

export const DOCUMENTED_LIMITS: EnforcedLimits = {
  primaryPerHour: 5_000,
  graphqlPerHour: 5_000,
  restPointsPerMinute: 900,
  graphqlPointsPerMinute: 2_000,
  contentPerMinute: 80,
  contentPerHour: 500,
  concurrent: 100,
};

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

export type CallClass = "read" | "write" | "content" | "graphql";

export interface Refused {
  readonly limit: keyof EnforcedLimits;
  readonly retryAfterSeconds: number;
}

interface Usage {
  /** When which points were spent, the oldest first. */
  readonly spent: { readonly at: number; readonly kind: CallClass }[];
  /** Of the hour that GitHub counts calls by, which begins with the first one. */
  readonly windows: Record<"core" | "graphql", { began: number; used: number }>;
  running: number;
}

/** Counts what each caller spends, over sliding minutes and hours, and says when it is too much. */
export class Limiter {
  readonly limits: EnforcedLimits;
  readonly refused: Refused[] = [];
  /** The most that was spent of each limit at once, of any caller. */
  readonly peaks: Record<keyof EnforcedLimits, number> = {
    primaryPerHour: 0,
    graphqlPerHour: 0,
    restPointsPerMinute: 0,
    graphqlPointsPerMinute: 0,
    contentPerMinute: 0,
    contentPerHour: 0,
    concurrent: 0,
  };
  readonly #callers = new Map<string, Usage>();

  constructor(limits: EnforcedLimits) {
    this.limits = limits;
  }

  /** Takes what the call costs, or says why it may not be made. `leave` when it is over. */
  enter(caller: string, kind: CallClass, now: number): Refused | { leave(): void } {
    const usage = this.#usage(caller, now);
    const { spent } = usage;
    while (spent[0] !== undefined && spent[0].at <= now - HOUR_MS) spent.shift();
    const lastMinute = spent.filter(({ at }) => at > now - MINUTE_MS);
    const rest = kind !== "graphql";
    const window = usage.windows[rest ? "core" : "graphql"];
    const points = (of: readonly { readonly kind: CallClass }[], graphql: boolean) =>
      of
        .filter((one) => (one.kind === "graphql") === graphql)
        .reduce((sum, one) => sum + pointsOf(one.kind), 0);
    const content = (of: readonly { readonly kind: CallClass }[]) =>
      of.filter((one) => one.kind === "content").length;
    const now_: Partial<Record<keyof EnforcedLimits, number>> = {
      concurrent: usage.running + 1,
      ...(rest
        ? {
            primaryPerHour: window.used + 1,
            restPointsPerMinute: points(lastMinute, false) + pointsOf(kind),
          }
        : {
            graphqlPerHour: window.used + 1,
            graphqlPointsPerMinute: points(lastMinute, true) + 1,
          }),
      ...(kind === "content"
        ? { contentPerMinute: content(lastMinute) + 1, contentPerHour: content(spent) + 1 }
        : {}),
    };
    for (const [name, used] of Object.entries(now_) as [keyof EnforcedLimits, number][]) {
      if (used > this.limits[name]) {
        const refused = { limit: name, retryAfterSeconds: name.endsWith("Hour") ? 600 : 60 };
        this.refused.push(refused);
        return refused;
      }
      this.peaks[name] = Math.max(this.peaks[name], used);
    }
    spent.push({ at: now, kind });
    window.used += 1;
    usage.running += 1;
    return {
      leave: () => {
        usage.running -= 1;
      },
    };
  }

  /** It was unchanged, and costs nothing of the hour. */
  giveBack(caller: string, now: number): void {
    this.#usage(caller, now).windows.core.used -= 1;
  }

  /** Others have used the hour up, but for this share. */
  leave(caller: string, share: number, now: number): void {
    const { core, graphql } = this.#usage(caller, now).windows;
    core.used = Math.ceil(this.limits.primaryPerHour * (1 - share));
    graphql.used = Math.ceil(this.limits.graphqlPerHour * (1 - share));
  }

  headers(caller: string, graphql: boolean, now: number): Readonly<Record<string, string>> {
    const resource = graphql ? "graphql" : "core";
    const limit = graphql ? this.limits.graphqlPerHour : this.limits.primaryPerHour;
    const { began, used } = this.#usage(caller, now).windows[resource];
    return {
      "x-ratelimit-limit": String(limit),
      "x-ratelimit-remaining": String(Math.max(0, limit - used)),
      "x-ratelimit-used": String(used),
      "x-ratelimit-reset": String(Math.ceil((began + HOUR_MS) / 1_000)),
      "x-ratelimit-resource": resource,
    };
  }

  #usage(caller: string, now: number): Usage {
    let usage = this.#callers.get(caller);
    if (usage === undefined) {
      const fresh = () => ({ began: now, used: 0 });
      usage = { spent: [], windows: { core: fresh(), graphql: fresh() }, running: 0 };
      this.#callers.set(caller, usage);
    }
    for (const window of Object.values(usage.windows)) {
      if (window.began + HOUR_MS <= now) Object.assign(window, { began: now, used: 0 });
    }
    return usage;
  }
}

function pointsOf(kind: CallClass): number {
  return kind === "write" || kind === "content" ? 5 : 1;
}

/** Calls that make something people see, and are told of. */
const CONTENT = /\/(?:comments|reactions|requested_reviewers|issues|reviews)(?:\/\d+)?$/;

export function classOf(method: string, path: string): CallClass {
  if (path.endsWith("/graphql")) return "graphql";
  if (method === "GET") return "read";
  return CONTENT.test(path) ? "content" : "write";
}
