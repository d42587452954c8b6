import { setTimeout as sleep } from "node:timers/promises";
import type { GitHubDouble } from "../github-double/index.ts";
import { unacknowledged, unfinished, withDatabase } from "./count.ts";
import type { Fleet } from "./fleet.ts";

const CALM_MS_MAX = 240_000;

/** Nothing fails any more: what was not acknowledged is sent again, and everything comes to rest. */
export async function calm(
  double: GitHubDouble,
  fleet: Fleet,
  databaseUrl: string,
): Promise<readonly string[]> {
  double.faults.clear();
  double.deliveries.clearMishaps();
  await fleet.healed();
  const deadline = performance.now() + CALM_MS_MAX;
  for (;;) {
    await double.settled();
    for (const id of unacknowledged(double)) double.deliveries.redeliver(double.world, id);
    await double.settled();
    const open = await withDatabase(databaseUrl, unfinished);
    if (open.length === 0 && unacknowledged(double).length === 0) return [];
    if (performance.now() > deadline) return open;
    await sleep(1_000);
  }
}
