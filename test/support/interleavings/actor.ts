import { createHash } from "node:crypto";
import { Kysely } from "kysely";
import pg from "pg";
import { transactionalDialect } from "../../../src/store/driver.ts";
import type { Database } from "../../../src/store/pool.ts";
import type { DB } from "../../../src/store/schema.gen.ts";
import { quiet } from "../quiet.ts";
import { type Catalogue, type Footprint, type Owned, touchedBy } from "./footprint.ts";

/** Long enough for no schedule to run into them. */
const LIMITS = { statementTimeoutMs: 60_000, idleInTransactionMs: 60_000 };
/** PostgreSQL looks for deadlocks after this long; two actors that wait for each other are one. */
const DEADLOCK_MS = 15;

/** A statement that an actor is about to send. */
export interface Step {
  readonly sql: string;
  readonly footprint: Footprint;
}

export type Outcome =
  | { readonly kind: "returned"; readonly value: unknown }
  | { readonly kind: "threw"; readonly error: unknown };

/** The schedule was cut short: what is left of it is the same as one that was run. */
class Abandoned extends Error {
  override readonly name = "Abandoned";
}

/**
 * Runs the real code on a connection of its own, and stops it before every statement until the schedule lets it go on.
 * BEGIN goes with the first statement: it neither reads nor locks.
 */
export class Actor {
  readonly database: Database;
  readonly pid: number;
  /** The codes of the errors that the database gave it. */
  readonly errors: string[] = [];
  outcome: Outcome | undefined;
  next: Step | undefined;
  readonly #client: pg.Client;
  readonly #catalogue: Catalogue;
  #owned: readonly Owned[] = [];
  #go: (() => void) | undefined;
  #settled: (() => void) | undefined;
  #begin: string | undefined;
  #inTransaction = false;
  #locks = new Set<string>();
  #writes = new Set<string>();
  #abandoned = false;

  private constructor(client: pg.Client, pid: number, catalogue: Catalogue) {
    this.#client = client;
    this.#catalogue = catalogue;
    this.pid = pid;
    const pool = { connect: () => Promise.resolve(this.#gated()) } as unknown as pg.Pool;
    const statements = new Kysely<DB>({ dialect: transactionalDialect(pool, LIMITS) });
    this.database = { pool, statements, log: quiet, close: () => client.end() };
  }

  static async connect(url: string, catalogue: Catalogue): Promise<Actor> {
    const client = new pg.Client({ connectionString: url, application_name: "actor" });
    client.on("error", () => undefined);
    await client.connect();
    await client.query(`set deadlock_timeout = ${DEADLOCK_MS}`);
    const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
    return new Actor(client, rows[0]?.pid ?? 0, catalogue);
  }

  /** Begins the work; it comes to rest before its first statement, or done. */
  start(work: () => Promise<unknown>, owned: readonly Owned[]): Promise<void> {
    this.outcome = undefined;
    this.next = undefined;
    this.#owned = owned;
    this.#abandoned = false;
    this.errors.length = 0;
    const resting = this.#resting();
    work().then(
      (value) => this.#end({ kind: "returned", value }),
      (error: unknown) => this.#end({ kind: "threw", error }),
    );
    return resting;
  }

  /** Sends the statement that waits; resolves when the actor waits with the next one, or is done. */
  release(): Promise<void> {
    const go = this.#go;
    if (go === undefined) throw new Error("this actor does not wait");
    const resting = this.#resting();
    this.#go = undefined;
    this.next = undefined;
    go();
    return resting;
  }

  /** Lets it end without doing anything more. */
  abandon(): void {
    this.#abandoned = true;
    this.#go?.();
  }

  #resting(): Promise<void> {
    return new Promise((resolve) => {
      this.#settled = resolve;
    });
  }

  #end(outcome: Outcome): void {
    this.outcome = outcome;
    this.#settled?.();
  }

  #gated(): pg.PoolClient {
    const query = (sql: string, parameters: readonly unknown[] = []) =>
      this.#query(sql, parameters);
    return { query, release: () => undefined } as unknown as pg.PoolClient;
  }

  async #query(sql: string, parameters: readonly unknown[]): Promise<pg.QueryResult> {
    if (sql.startsWith("begin")) {
      this.#begin = sql;
      this.#inTransaction = true;
      return { command: "BEGIN", rows: [], rowCount: null, oid: 0, fields: [] };
    }
    const ends = sql === "commit" || sql === "rollback";
    const footprint = this.#footprint(sql, parameters, ends);
    if (!this.#abandoned) await this.#wait({ sql, footprint });
    if (this.#abandoned) {
      // The first statement was never sent, and with it neither was BEGIN.
      this.#begin = undefined;
      await this.#client.query("rollback").catch(() => undefined);
      this.#forget();
      throw new Abandoned("the schedule ends here");
    }
    const begin = this.#begin;
    this.#begin = undefined;
    try {
      if (begin !== undefined) await this.#client.query(begin);
      return await this.#client.query({ ...named(sql), text: sql, values: [...parameters] });
    } catch (error) {
      this.errors.push(error instanceof pg.DatabaseError ? (error.code ?? "") : String(error));
      throw error;
    } finally {
      if (ends) this.#forget();
    }
  }

  #footprint(sql: string, parameters: readonly unknown[], ends: boolean): Footprint {
    const none = new Set<string>();
    if (ends) {
      const publishes = sql === "commit" ? new Set(this.#writes) : none;
      return { reads: none, locks: none, publishes, frees: new Set(this.#locks) };
    }
    const { reads, locks, writes } = touchedBy(sql, parameters, this.#catalogue, this.#owned);
    if (!this.#inTransaction) return { reads, locks, publishes: writes, frees: locks };
    for (const one of locks) this.#locks.add(one);
    for (const one of writes) this.#writes.add(one);
    return { reads, locks, publishes: none, frees: none };
  }

  #forget(): void {
    this.#inTransaction = false;
    this.#locks.clear();
    this.#writes.clear();
  }

  #wait(step: Step): Promise<void> {
    return new Promise((resolve) => {
      this.next = step;
      this.#go = resolve;
      this.#settled?.();
    });
  }
}

/** Schedules send the same statements over and over: a name has each planned once. What controls a transaction has none. */
function named(sql: string): { readonly name?: string } {
  if (!/^\s*(?:with|select|insert|update|delete)\b/.test(sql) || sql.includes(";")) return {};
  return { name: createHash("sha1").update(sql).digest("hex") };
}
