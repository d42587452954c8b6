import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { StoreLog } from "./log.ts";
import { migrations as released } from "./migrations.gen.ts";
import { isConflict, isConnectionLoss, SQLSTATE, sqlState } from "./sqlstate.ts";

export interface Migration {
  readonly number: number;
  readonly name: string;
  /** Of the SQL text; a released migration never changes. */
  readonly sha256: string;
  readonly sql: string;
}

export type MigrationFailure = "database_is_newer" | "migration_changed" | "migration_failed";

/** Why this version cannot use the database. The message is for the operator. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
  readonly kind: MigrationFailure;

  constructor(kind: MigrationFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

export interface MigrateOptions {
  /** A direct connection, not PgBouncer: see the operating guide. */
  readonly url: string;
  readonly log: StoreLog;
  readonly migrations?: readonly Migration[];
}

/** Spells "terrane" on a telephone; any constant that no other program uses on this database will do. */
const ADVISORY_KEY = 8377263;
/**
 * A table lock that a migration waits for blocks every later reader too, so it gives up soon and
 * tries again: old servers keep working through a rolling upgrade (L38).
 */
const LOCK_TIMEOUT_MS = 3_000;
const LOCK_ATTEMPTS_MAX = 20;
const LOCK_PAUSE_MS = 500;

/** Brings the schema to this version's state; returns the names of what it applied. Safe to run from many servers at once. */
export async function migrate(options: MigrateOptions): Promise<readonly string[]> {
  const migrations = options.migrations ?? released;
  const client = new pg.Client({
    connectionString: options.url,
    application_name: "terrane-migrate",
  });
  client.on("error", () => undefined);
  await client.connect();
  try {
    await createLedger(client);
    const applied: string[] = [];
    await checkLedger(client, migrations);
    for (const migration of migrations) {
      if (!(await applyPatiently(client, migration, options.log))) continue;
      options.log.info({ migration: migration.name }, "applied a migration");
      applied.push(migration.name);
    }
    // Another starter, of a newer version perhaps, may have been at work beside us.
    await checkLedger(client, migrations);
    return applied;
  } finally {
    await client.end();
  }
}

async function createLedger(client: pg.Client): Promise<void> {
  // `create table if not exists` is not safe against itself: two sessions can both find it missing.
  await client.query(`
    begin;
    select pg_advisory_xact_lock(${ADVISORY_KEY});
    create table if not exists schema_migration (
      number integer primary key,
      name text not null,
      sha256 text not null,
      applied_at timestamptz not null default now()
    );
    commit;
  `);
}

interface LedgerRow {
  readonly number: number;
  readonly name: string;
  readonly sha256: string;
}

async function checkLedger(client: pg.Client, migrations: readonly Migration[]): Promise<void> {
  const { rows } = await client.query<LedgerRow>(
    "select number, name, sha256 from schema_migration order by number",
  );
  const known = new Map(migrations.map((migration) => [migration.number, migration]));
  const newest = rows.at(-1);
  const own = migrations.at(-1)?.number ?? 0;
  const unknown = rows.find((row) => !known.has(row.number));
  // L38: beside newer servers this one may start again as long as nothing was taken away that it needs.
  if (unknown !== undefined && newest !== undefined && (await oldestAllowed(client)) > own) {
    throw new MigrationError(
      "database_is_newer",
      `The database is at migration ${newest.name}, and this version of Terrane ends at ${migrations.at(-1)?.name ?? "none"}. ` +
        "A newer version has run here. Start that version or a later one; going back needs a restored backup.",
    );
  }
  for (const row of rows) {
    const ours = known.get(row.number);
    if (ours === undefined || ours.sha256 === row.sha256) continue;
    throw new MigrationError(
      "migration_changed",
      `Migration ${row.name} was applied to this database with another text than the one in this version. ` +
        "Use a released version of Terrane; on a development database, drop it and start again.",
    );
  }
}

/** Before the table was there, no older version could work beside a newer one. */
async function oldestAllowed(client: pg.Client): Promise<number> {
  const { rows: tables } = await client.query<{ there: boolean }>(
    "select to_regclass('compatibility') is not null as there",
  );
  if (tables[0]?.there !== true) return Number.POSITIVE_INFINITY;
  const { rows } = await client.query<{ oldest: number }>("select oldest from compatibility");
  return rows[0]?.oldest ?? Number.POSITIVE_INFINITY;
}

async function applyPatiently(
  client: pg.Client,
  migration: Migration,
  log: StoreLog,
): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await apply(client, migration);
    } catch (error) {
      await client.query("rollback").catch(() => undefined);
      // Also where transactions of old servers take the same tables in another order: it was all or nothing.
      const busy = isConflict(error) || sqlState(error) === SQLSTATE.lockNotAvailable;
      if (!busy || attempt === LOCK_ATTEMPTS_MAX) throw failed(migration, error);
      log.info({ migration: migration.name, attempt }, "a migration waits for a table in use");
      await sleep(LOCK_PAUSE_MS);
    }
  }
}

async function apply(client: pg.Client, migration: Migration): Promise<boolean> {
  await client.query("begin");
  // The row comes first: a second starter waits on this key until we commit, finds the row and
  // goes on with the next migration.
  const inserted = await client.query(
    `insert into schema_migration (number, name, sha256) values ($1, $2, $3)
     on conflict (number) do nothing`,
    [migration.number, migration.name, migration.sha256],
  );
  if (inserted.rowCount === 0) {
    await client.query("rollback");
    return false;
  }
  // Against whoever changes the schema without the ledger, such as an operator's script.
  await client.query(`select pg_advisory_xact_lock(${ADVISORY_KEY})`);
  await client.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
  await client.query(migration.sql);
  await client.query("commit");
  return true;
}

function failed(migration: Migration, error: unknown): MigrationError {
  const why = error instanceof Error ? error.message : String(error);
  if (isConnectionLoss(error)) {
    return new MigrationError(
      "migration_failed",
      `The database connection broke during migration ${migration.name} (${why}). ` +
        "Start again: a migration is applied as a whole or not at all, and the database knows which.",
      error,
    );
  }
  return new MigrationError(
    "migration_failed",
    `Migration ${migration.name} was not applied: ${why}. Nothing of it remains. ` +
      "Fix the cause and start again; until then the previous version of Terrane keeps working.",
    error,
  );
}
