import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runMigrations } from "graphile-worker";
import { startEmbedded } from "../../src/store/embedded/start.ts";
import { migrate } from "../../src/store/migrate.ts";
import { type Database, openDatabase } from "../../src/store/pool.ts";
import { asAdmin, withDatabase } from "../../test/support/admin.ts";
import { quiet } from "../../test/support/quiet.ts";

/** A PostgreSQL for one run, with the settings of a production server: commits reach the disk. */
export interface BenchServer {
  /** Makes and migrates a database. */
  create(name: string): Promise<void>;
  /** A pool of its own, without connections yet. */
  open(name: string): Database;
  stop(): Promise<void>;
}

export async function startBenchServer(): Promise<BenchServer> {
  const dataDir = mkdtempSync(join(tmpdir(), "terrane-bench-"));
  const postgres = await startEmbedded({ dataDir, log: quiet });
  const opened: Database[] = [];
  const open = (name: string): Database => {
    const database = openDatabase({ url: withDatabase(postgres.url, name), log: quiet });
    opened.push(database);
    return database;
  };
  return {
    open,
    async create(name) {
      await asAdmin(postgres.url, `create database ${name}`);
      await migrate({ url: withDatabase(postgres.url, name), log: quiet });
      await runMigrations({ pgPool: open(name).pool });
    },
    async stop() {
      await Promise.all(opened.map((database) => database.close()));
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
