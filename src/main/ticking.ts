import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../ports/log.ts";

const TICK_MS = 2_000;

export interface Ticking {
  stop(): Promise<void>;
}

/** Calls `tick` about every two seconds, one at a time; many servers do it at different moments. */
export function startTicking(tick: () => Promise<void>, log: Log): Ticking {
  const stopping = new AbortController();
  const { signal } = stopping;

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await sleep(TICK_MS * (0.75 + Math.random() / 2), undefined, { signal }).catch(
        () => undefined,
      );
      if (signal.aborted) return;
      try {
        await tick();
      } catch (error) {
        log.warn({ err: error }, "looking after what nobody reports on failed; trying again");
      }
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
