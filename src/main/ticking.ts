import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../ports/log.ts";

const TICK_MS = 2_000;
/** As much later than usual as somebody may notice. */
const LATE_MS = 5_000;

export interface Ticking {
  stop(): Promise<void>;
}

export interface TickingOptions {
  readonly tickMs?: number;
  readonly lateMs?: number;
  /** More than one: beside a tick that is late the next ones begin, as if other servers made them (L36). */
  readonly atOnce?: number;
}

/** Calls `tick` about every two seconds, one at a time where nothing else is said; many servers do it at different moments. */
export function startTicking(
  tick: () => Promise<void>,
  log: Log,
  { tickMs = TICK_MS, lateMs = LATE_MS, atOnce = 1 }: TickingOptions = {},
): Ticking {
  const stopping = new AbortController();
  const { signal } = stopping;
  const ticks = new Set<Promise<void>>();

  async function tickOnce(): Promise<void> {
    try {
      await tick();
    } catch (error) {
      log.warn({ err: error }, "looking after what nobody reports on failed; trying again");
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await pause(tickMs * (0.75 + Math.random() / 2), signal);
      if (signal.aborted) return;
      const one = tickOnce().finally(() => ticks.delete(one));
      ticks.add(one);
      const inTime = new AbortController();
      await Promise.race([one, pause(lateMs, inTime.signal)]);
      inTime.abort();
      while (ticks.size >= atOnce) await Promise.race(ticks);
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
      await Promise.all(ticks);
    },
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
