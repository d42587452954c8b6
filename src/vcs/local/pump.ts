import type { Instant } from "../../base/brand.ts";
import type { VcsEvent } from "../../core/vcs-event.ts";
import type { ForgeContext } from "./context.ts";

const BATCH = 100;
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 60_000;

export interface Pump {
  /** Hands over what waits; resolves when nothing is due any more. Calls at the same time share one pass. */
  drain(): Promise<void>;
}

/**
 * Hands stored events to the engine, at least once. An event that the engine does not take waits
 * and lets the others pass: they are hints, and their order decides nothing (S23).
 */
export function createPump(
  context: ForgeContext,
  onEvent: (event: VcsEvent) => Promise<void>,
): Pump {
  let running: Promise<void> | undefined;
  let again = false;

  async function pass(): Promise<void> {
    for (;;) {
      const batch = await context.store.deliveries(context.now(), BATCH);
      for (const { seq, attempts, event } of batch) {
        try {
          await onEvent(event);
        } catch (error) {
          const delivery = event.deliveryId;
          context.log.warn(
            { err: error, delivery, attempts },
            "an event of the forge was not taken",
          );
          await context.store.postpone(seq, retryAt(context.now(), attempts));
          continue;
        }
        await context.store.delivered(seq, context.now());
      }
      if (batch.length < BATCH) return;
    }
  }

  async function run(): Promise<void> {
    do {
      again = false;
      await pass();
    } while (again);
  }

  return {
    drain() {
      again = true;
      running ??= run().finally(() => {
        running = undefined;
      });
      return running;
    },
  };
}

function retryAt(now: Instant, attempts: number): Instant {
  return (now + Math.min(RETRY_MS_MIN * 2 ** Math.min(attempts, 10), RETRY_MS_MAX)) as Instant;
}
