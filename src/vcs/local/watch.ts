import { stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Instant } from "../../base/brand.ts";
import type { ForgeRepository } from "../../ports/forge-store.ts";
import { PUSH_MARK } from "../git/repository.ts";
import type { ForgeContext } from "./context.ts";
import { noticePushes } from "./notice.ts";
import type { Pump } from "./pump.ts";

export interface WatchTimes {
  /** How often the marks that pushes leave are looked at; one `stat` per repository. */
  readonly markMs: number;
  /** How often the branches themselves are read, for pushes that left no mark. */
  readonly branchesMs: number;
}

export const WATCH_TIMES: WatchTimes = { markMs: 300, branchesMs: 15_000 };

/** Handed-over events are kept this long, for people who ask what happened. */
const DELIVERIES_KEPT_MS = 30 * 24 * 3_600_000;

/** Looks for pushes until the signal comes. Trouble is logged and the next round tries again. */
export async function watchPushes(
  context: ForgeContext,
  pump: Pump,
  times: WatchTimes,
  signal: AbortSignal,
): Promise<void> {
  const marks = new Map<string, number>();
  let repositories: readonly ForgeRepository[] = [];
  let branchesDue = 0;
  while (!signal.aborted) {
    try {
      const now = context.now();
      const all = now >= branchesDue;
      if (all) {
        branchesDue = now + times.branchesMs;
        repositories = await context.store.repositories();
        await context.store.forgetDeliveries((now - DELIVERIES_KEPT_MS) as Instant);
      }
      for (const repository of repositories) {
        // The mark is read before the branches, so a push in between shows up in the next round.
        const mark = await markTime(repository);
        if (!all && mark === marks.get(repository.id)) continue;
        await look(context, repository);
        marks.set(repository.id, mark);
      }
      await pump.drain();
    } catch (error) {
      context.log.warn({ err: error }, "looking for pushes was interrupted");
    }
    await sleep(times.markMs, undefined, { signal }).catch(() => undefined);
  }
}

/** One repository that cannot be read must not hide the pushes to the others. */
async function look(context: ForgeContext, repository: ForgeRepository): Promise<void> {
  try {
    await noticePushes(context, repository);
  } catch (error) {
    const fields = { err: error, repository: repository.fullName };
    context.log.warn(fields, "the branches of a repository could not be read");
  }
}

async function markTime(repository: ForgeRepository): Promise<number> {
  return stat(join(repository.bareDir, PUSH_MARK)).then(
    (mark) => mark.mtimeMs,
    () => 0,
  );
}
