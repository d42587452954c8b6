import type { Metrics } from "../http/metrics.ts";
import type { Backlog, FailureStore } from "../ports/failure-store.ts";

/** However often and by whomever metrics are asked for, the database counts no more often than this. */
const KEPT_MS = 5_000;

/** What needs somebody, and what waits; every server of a database tells the same. */
export function backlogMetrics(
  metrics: Pick<Metrics, "gauge" | "gauges">,
  failures: Pick<FailureStore, "backlog">,
  now: () => number,
): void {
  let kept: { readonly at: number; readonly backlog: Promise<Backlog> } | undefined;
  /** A database that is away leaves out these numbers, and none of the others. */
  async function read<T>(pick: (backlog: Backlog) => T, away: T): Promise<T> {
    if (kept === undefined || now() - kept.at >= KEPT_MS) {
      kept = { at: now(), backlog: failures.backlog() };
    }
    return await kept.backlog.then(pick, () => away);
  }
  metrics.gauge("effects_dead", "Effects that were given up; see terrane set-aside", () =>
    read((backlog) => backlog.effectsDead, Number.NaN),
  );
  metrics.gauge("events_set_aside", "Events that cannot be decided; see terrane set-aside", () =>
    read((backlog) => backlog.eventsSetAside, Number.NaN),
  );
  metrics.gauges(
    "ci_jobs_waiting",
    "CI jobs that are queued, by what they wait for",
    "reason",
    () => read<Readonly<Record<string, number>>>((backlog) => backlog.ciJobsWaiting, {}),
  );
}
