import type { Engine } from "../engine/engine.ts";
import { redeliverMissed } from "../engine/redeliver.ts";
import type { Metrics } from "../http/metrics.ts";
import type { FleetStore, Retention } from "../ports/fleet-store.ts";
import type { Log } from "../ports/log.ts";
import type { DeliveryLog } from "../ports/vcs.ts";
import type { CredentialWatch } from "./credential-watch.ts";
import type { Deciding } from "./deciding.ts";

const RETENTION_EVERY_MS = 3_600_000;
const REPLAY_EVERY_MS = 24 * 3_600_000;

export interface UpkeepOptions {
  readonly engine: Pick<Engine, "tick">;
  readonly store: FleetStore;
  /** Apps come and go. */
  readonly deliveries: () => readonly DeliveryLog[];
  readonly deciding: Pick<Deciding, "waiting">;
  readonly retention: Retention;
  /** Makes the last decisions once more (S30). */
  readonly replay: () => Promise<{ readonly replayed: number; readonly differences: number }>;
  readonly credentials: Pick<CredentialWatch, "look">;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** What every server does every few seconds, and one of all servers does once in a while. */
export function createUpkeep(options: UpkeepOptions): () => Promise<void> {
  const { engine, store, deliveries, deciding, retention, metrics, log } = options;
  const checkReplay = replayCheck(options);
  metrics.gauge("events_waiting", "Pull requests that this server still has to decide about", () =>
    deciding.waiting(),
  );
  const recovered = metrics.counter("recovered_total", "Changes that no webhook had told of");
  const redelivered = metrics.counter("redelivered_total", "Deliveries that were asked for again");
  const dropped = metrics.counter(
    "partitions_dropped_total",
    "Partitions older than they are kept",
  );
  async function forget(): Promise<void> {
    const turn = await store.takeDuty("retention", RETENTION_EVERY_MS);
    if (turn.kind !== "taken") return;
    const forgotten = await store.forgetOld(retention);
    dropped.inc(forgotten.partitions);
    log.info({ ...forgotten }, "forgot what is older than it is kept");
  }
  const parts: readonly (() => Promise<void>)[] = [
    async () => recovered.inc((await engine.tick()).recovered),
    () =>
      eachOf(
        deliveries().map((one) => async () => {
          redelivered.inc(await redeliverMissed(one, { fleet: store, log }));
        }),
      ),
    checkReplay,
    () => options.credentials.look(),
    forget,
  ];
  return () => eachOf(parts);
}

/** All beside one another: one part that is slow, or fails again and again, keeps none of the others from their work (L36). */
export async function eachOf(parts: readonly (() => Promise<void>)[]): Promise<void> {
  const errors: unknown[] = [];
  await Promise.all(parts.map((part) => part().catch((error: unknown) => void errors.push(error))));
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, "several parts of the upkeep failed");
}

/** Once a day and by one of all servers: a decision that comes out otherwise now is a bug, and nothing else tells. */
function replayCheck({ store, replay, metrics, log }: UpkeepOptions): () => Promise<void> {
  let differences = 0;
  metrics.gauge(
    "replay_differences",
    "Of the last decisions, those that came out otherwise when they were made again",
    () => differences,
  );
  return async () => {
    const turn = await store.takeDuty("replay", REPLAY_EVERY_MS);
    if (turn.kind !== "taken") return;
    const found = await replay();
    differences = found.differences;
    const { replayed } = found;
    if (differences === 0) log.info({ replayed }, "the last decisions come out the same again");
    else log.error({ replayed, differences }, "decisions come out otherwise: see terrane replay");
  };
}
