import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from "kysely";
import type pg from "pg";
import { isReadOnly, wasNotSent } from "./sqlstate.ts";

/** COMMIT was sent and did not succeed. The cause decides whether anybody can know what happened. */
export class CommitFailed extends Error {
  override readonly name = "CommitFailed";
  override readonly cause: unknown;
  constructor(cause: unknown) {
    super("the commit did not succeed");
    this.cause = cause;
  }
}

export interface TransactionLimits {
  readonly statementTimeoutMs: number;
  readonly idleInTransactionMs: number;
}

/**
 * Kysely's PostgreSQL dialect with a driver that differs in three points. BEGIN and the limits travel
 * in one round trip; a COMMIT that the server turned into a rollback is an error; and a connection
 * whose transaction did not end in order, or that leads to a standby, is closed and not given back to the pool.
 */
export function transactionalDialect(pool: pg.Pool, limits: TransactionLimits): Dialect {
  return {
    createDriver: () => new TransactionalDriver(pool, limits),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db: Kysely<unknown>) => new PostgresIntrospector(db),
  };
}

class TransactionalDriver implements Driver {
  readonly #pool: pg.Pool;
  readonly #begin: string;

  constructor(pool: pg.Pool, limits: TransactionLimits) {
    this.#pool = pool;
    // SET LOCAL ends with the transaction, so behind PgBouncer no other client inherits it, and
    // PgBouncer refuses the same settings as startup parameters (08P01).
    this.#begin =
      `begin; set local statement_timeout = ${limits.statementTimeoutMs}; ` +
      `set local idle_in_transaction_session_timeout = ${limits.idleInTransactionMs}`;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<Connection> {
    return new Connection(await this.#pool.connect());
  }

  async beginTransaction(connection: Connection): Promise<void> {
    await connection.control(this.#begin);
  }

  async commitTransaction(connection: Connection): Promise<void> {
    let tag: string;
    try {
      tag = await connection.control("commit");
    } catch (error) {
      // The connection was gone before: nothing of the transaction remains, and it can be done again.
      if (wasNotSent(error)) throw error;
      throw new CommitFailed(error);
    }
    // A failed statement whose error was swallowed: PostgreSQL says so in the command tag only.
    if (tag !== "COMMIT") {
      throw new Error(
        "A statement of this transaction failed and the code went on, so nothing was committed. " +
          "Let the error of the statement leave the transaction.",
      );
    }
  }

  async rollbackTransaction(connection: Connection): Promise<void> {
    // The error that led here matters more than one of the rollback; closing the connection rolls
    // back as well.
    await connection.control("rollback").catch(() => undefined);
  }

  async releaseConnection(connection: Connection): Promise<void> {
    connection.release();
  }

  async destroy(): Promise<void> {
    await this.#pool.end();
  }
}

class Connection implements DatabaseConnection {
  readonly #client: pg.PoolClient;
  #broken = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, rowCount, command } = await this.#send<R & pg.QueryResultRow>(query);
    if (rowCount === null || command === "SELECT") return { rows };
    return { rows, numAffectedRows: BigInt(rowCount) };
  }

  async #send<R extends pg.QueryResultRow>(query: CompiledQuery): Promise<pg.QueryResult<R>> {
    try {
      return await this.#client.query<R>(query.sql, [...query.parameters]);
    } catch (error) {
      // It leads to a standby: the next connection may lead to what took the primary's place.
      if (isReadOnly(error)) this.#broken = true;
      throw error;
    }
  }

  // eslint-disable-next-line require-yield -- the interface wants a generator and we have no cursors
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("Rows are not streamed here: read them in pages.");
  }

  /** Runs a statement that controls the transaction; returns its command tag. */
  async control(sql: string): Promise<string> {
    try {
      const { command } = await this.#client.query(sql);
      return command;
    } catch (error) {
      this.#broken = true;
      throw error;
    }
  }

  release(): void {
    this.#client.release(this.#broken);
  }
}
