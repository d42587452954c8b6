import { join } from "node:path";
import type { Log } from "../ports/log.ts";
import { startEmbedded } from "../store/embedded/start.ts";
import { migrate } from "../store/migrate.ts";
import { type Database, openDatabase } from "../store/pool.ts";
import { migrateJobs } from "./alarm-clock.ts";
import type { Config } from "./config.ts";
import type { DataDir } from "./data-dir.ts";
import type { Undo } from "./undo.ts";

/** The database that was named, or one of its own in the data directory; brought up to date. */
export async function openStore(
  databaseUrl: string | undefined,
  config: Config,
  { dataDir, log, undo }: { readonly dataDir: DataDir; readonly log: Log; readonly undo: Undo },
): Promise<{ readonly database: Database; readonly embedded: boolean }> {
  let url = databaseUrl === "" ? undefined : databaseUrl;
  const embedded = url === undefined;
  if (url === undefined) {
    const postgres = await startEmbedded({ dataDir: join(dataDir.path, "postgres"), log });
    undo.add(() => postgres.stop());
    url = postgres.url;
  }
  // Beside an embedded one the setting is about another database.
  const direct = embedded ? url : (config.directDatabaseUrl ?? url);
  await migrate({ url: direct, log });
  await migrateJobs(direct, log);
  const { connectionsMax } = config;
  const database = openDatabase({
    url,
    log,
    ...(connectionsMax === undefined ? {} : { connectionsMax }),
  });
  undo.add(() => database.close());
  return { database, embedded };
}
