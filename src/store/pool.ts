import { Kysely } from "kysely";
import pg from "pg";
import { transactionalDialect } from "./driver.ts";
import type { StoreLog } from "./log.ts";
import type { DB } from "./schema.gen.ts";

/** A pool of connections and the typed statements over it. */
export interface Database {
  /** For what brings its own SQL, such as the job queue. */
  readonly pool: pg.Pool;
  /** For single statements. What must hold together goes through `inTransaction`. */
  readonly statements: Kysely<DB>;
  readonly log: StoreLog;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  readonly log: StoreLog;
  /** All servers together should stay near 2–4 connections per core of the database. */
  readonly connectionsMax?: number;
  readonly applicationName?: string;
  /** In a transaction, a statement that takes longer is cancelled. */
  readonly statementTimeoutMs?: number;
  /** A transaction that stalls between statements is ended by the server (S29). */
  readonly idleInTransactionMs?: number;
}

const CONNECTIONS_MAX = 10;
const STATEMENT_TIMEOUT_MS = 15_000;
const IDLE_IN_TRANSACTION_MS = 5_000;
const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_CONNECTION_MS = 30_000;

/**
 * Opens a pool that also works through PgBouncer in transaction mode: no named statements, no
 * startup parameter besides the application's name, no session state.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const { log } = options;
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.connectionsMax ?? CONNECTIONS_MAX,
    application_name: options.applicationName ?? "terrane",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_CONNECTION_MS,
    keepAlive: true,
  });
  // A broken idle connection emits here; without a listener Node would end the process.
  pool.on("error", (error) => log.warn({ err: error }, "an idle database connection broke"));
  // The same for one in use between two statements; its next statement reports the loss.
  pool.on("connect", (client) => client.on("error", () => undefined));
  const statements = new Kysely<DB>({
    dialect: transactionalDialect(pool, {
      statementTimeoutMs: options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS,
      idleInTransactionMs: options.idleInTransactionMs ?? IDLE_IN_TRANSACTION_MS,
    }),
  });
  return { pool, statements, log, close: () => pool.end() };
}
