import { setTimeout as sleep } from "node:timers/promises";
import type { PullRequestId } from "../core/ids.ts";
import type { Engine } from "../engine/engine.ts";
import type { Bell } from "../ports/bell.ts";
import type { Log } from "../ports/log.ts";

/** Mostly they wait for the VCS; each holds a connection only while it decides. */
const CONCURRENCY = 8;
/** One turn decides a whole burst of events, and then lets the other pull requests have theirs. */
const EVENTS_PER_TURN_MAX = 50;
/** What does not fit is found by the sweep; thousands that wait here would only hide it from other servers. */
const WAITING_MAX = 2_000;
const STOP_MS_MAX = 20_000;

export interface Deciding extends Bell {
  /** The pull requests that this server decides about now. */
  advancing(): readonly PullRequestId[];
  waiting(): number;
  /** Begins nothing more and finishes what was begun, for at most 20 s; what waits is for the other servers. */
  stop(): Promise<void>;
}

/**
 * Decides the events of this server as soon as they are stored, one after the other for each pull request and many
 * pull requests at a time. It only hurries: every event is in the database, and whoever sweeps finds it.
 */
export function createDeciding(engine: () => Pick<Engine, "advance">, log: Log): Deciding {
  const waiting = new Set<PullRequestId>();
  const later = new Map<PullRequestId, NodeJS.Timeout>();
  /** True where somebody rang meanwhile. */
  const active = new Map<PullRequestId, boolean>();
  const running = new Set<Promise<void>>();
  let stopped = false;

  function ring(pullRequest: PullRequestId, delayMs = 0): void {
    if (stopped) return;
    if (delayMs > 0) {
      if (waiting.has(pullRequest) || later.has(pullRequest)) return;
      const timer = setTimeout(() => {
        later.delete(pullRequest);
        ring(pullRequest);
      }, delayMs);
      later.set(pullRequest, timer.unref());
      return;
    }
    clearTimeout(later.get(pullRequest));
    later.delete(pullRequest);
    if (active.has(pullRequest)) active.set(pullRequest, true);
    else if (waiting.size < WAITING_MAX) waiting.add(pullRequest);
    next();
  }

  function next(): void {
    for (const pullRequest of waiting) {
      if (stopped || active.size >= CONCURRENCY) return;
      waiting.delete(pullRequest);
      active.set(pullRequest, false);
      const turn = take(pullRequest).finally(() => {
        running.delete(turn);
        const again = active.get(pullRequest) === true;
        active.delete(pullRequest);
        if (again) ring(pullRequest);
        else next();
      });
      running.add(turn);
    }
  }

  async function take(pullRequest: PullRequestId): Promise<void> {
    try {
      for (let decided = 0; decided < EVENTS_PER_TURN_MAX && !stopped; decided++) {
        const advanced = await engine().advance(pullRequest);
        if (advanced.kind === "idle") return;
        if (advanced.kind === "postponed") ring(pullRequest, advanced.pauseMs);
      }
      active.set(pullRequest, true);
    } catch (error) {
      // The database is away. What waits there is found again by the sweep.
      log.warn({ err: error, pullRequest }, "an event could not be decided now");
    }
  }

  return {
    ring,
    advancing: () => [...active.keys()],
    waiting: () => waiting.size,
    async stop() {
      stopped = true;
      waiting.clear();
      for (const timer of later.values()) clearTimeout(timer);
      later.clear();
      const inTime = await Promise.race([
        Promise.all(running).then(() => true),
        sleep(STOP_MS_MAX, false, { ref: false }),
      ]);
      if (!inTime) log.warn({}, "decisions were still being made; another server makes them again");
    },
  };
}
