import { join } from "node:path";
import type { ReplayOptions, ReplayReport } from "../cli/host.ts";
import { replay } from "../core/replay.ts";
import { runningEmbedded } from "../store/embedded/running.ts";
import { startEmbedded } from "../store/embedded/start.ts";
import { type Database, openDatabase } from "../store/pool.ts";
import { storedDecisions, type WantedDecisions } from "../store/replay/recorded.ts";
import { createLog } from "./log.ts";

/** What a report names one by one; all of them are counted. */
const LISTED_MAX = 1_000;

/** Makes stored decisions once more, one after the other; changes nothing. */
export async function replayDecisions(
  database: Database,
  wanted: WantedDecisions,
): Promise<ReplayReport> {
  const report = { replayed: 0, same: 0, differences: 0, unreplayable: 0 };
  const different: ReplayReport["different"][number][] = [];
  const notReplayable: ReplayReport["notReplayable"][number][] = [];
  for await (const { recorded, ...about } of storedDecisions(database, wanted)) {
    const { id, repository, number, event } = about;
    const at = new Date(about.decidedAt).toISOString();
    const named = { decision: id, repository, pullRequest: number, at, event };
    const outcome =
      typeof recorded === "string"
        ? ({ kind: "not_replayable", because: recorded } as const)
        : replay(recorded);
    switch (outcome.kind) {
      case "same":
        report.replayed += 1;
        report.same += 1;
        break;
      case "different":
        report.replayed += 1;
        report.differences += 1;
        if (different.length < LISTED_MAX) {
          different.push({ ...named, parts: outcome.parts, message: outcome.message });
        }
        break;
      case "not_replayable":
        report.unreplayable += 1;
        if (notReplayable.length < LISTED_MAX) {
          notReplayable.push({ ...named, because: outcome.because });
        }
        break;
    }
  }
  return { ...report, different, notReplayable };
}

/** `terrane replay`: on the database of a server, also while it runs. */
export async function replayStored(options: ReplayOptions): Promise<ReplayReport> {
  const log = createLog("warn");
  const found = await databaseOf(options);
  const database = openDatabase({ url: found.url, log, connectionsMax: 2 });
  try {
    return await replayDecisions(database, options);
  } finally {
    await database.close();
    await found.stop();
  }

  async function databaseOf({ databaseUrl, dataDir }: ReplayOptions) {
    const nothing = () => Promise.resolve();
    if (databaseUrl !== undefined && databaseUrl !== "") return { url: databaseUrl, stop: nothing };
    const embedded = join(dataDir, "postgres");
    const url = runningEmbedded(embedded);
    if (url !== undefined) return { url, stop: nothing };
    const postgres = await startEmbedded({ dataDir: embedded, log });
    return { url: postgres.url, stop: () => postgres.stop() };
  }
}
