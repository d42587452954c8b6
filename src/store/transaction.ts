import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { Kysely, Transaction } from "kysely";
import { assert } from "../base/assert.ts";
import { CommitFailed } from "./driver.ts";
import type { Database } from "./pool.ts";
import type { DB } from "./schema.gen.ts";
import { isConflict, isConnectionLoss, isDatabaseAway, sqlState } from "./sqlstate.ts";

/** What statements run on. It cannot be made from a pool, so a function that asks for it is in a transaction. */
export type Tx = Transaction<DB>;

/** Where a single statement may run: in a transaction, or by itself. */
export type Statements = Kysely<DB>;

/**
 * The connection broke after COMMIT was sent and before its answer came: the work is done or not,
 * and only reading it back tells. Never retried here; the caller looks, or does something idempotent.
 */
export class CommitOutcomeUnknown extends Error {
  override readonly name = "CommitOutcomeUnknown";
  readonly kind = "commit_outcome_unknown";

  constructor(cause: unknown) {
    super("The database connection broke during a commit; whether it happened is unknown.", {
      cause,
    });
  }
}

export interface TransactionOptions {
  /** Caps every kind of retry. */
  readonly attemptsMax?: number;
}

const CONFLICT_ATTEMPTS_MAX = 8;
/**
 * A killed PostgreSQL recovers in 0.2 s to a few seconds. A webhook sender waits 10 s, so a database
 * that stays away has to become an error well before that.
 */
const RECONNECT_MS_MAX = 5_000;
const DELAY_MS_MIN = 10;
const DELAY_MS_MAX = 500;

interface Scope {
  open: boolean;
}

const scope = new AsyncLocalStorage<Scope>();

/**
 * Runs `work` in one transaction (read committed) and commits. `work` is run again from the start
 * after a deadlock, a serialization failure, a connection lost before the commit or one to a standby,
 * so it must do nothing but database work; S29 forbids the rest anyway.
 */
export async function inTransaction<T>(
  database: Database,
  work: (tx: Tx) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  return retrying(database, () => runOnce(database, work), options);
}

/**
 * Runs one statement, which is a transaction of its own and one round trip. It is run again after a lost connection,
 * whether it was committed or not, so it must change nothing the second time.
 */
export async function inStatement<T>(
  database: Database,
  work: (statements: Statements) => Promise<T>,
): Promise<T> {
  return retrying(database, () => work(database.statements), {});
}

async function retrying<T>(
  database: Database,
  work: () => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  assert(!isInTransaction(), "a transaction was started inside another one");
  const giveUpAt = performance.now() + RECONNECT_MS_MAX;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (thrown) {
      const error = afterCommit(thrown);
      const again = isConflict(error)
        ? attempt < CONFLICT_ATTEMPTS_MAX
        : isDatabaseAway(error) && performance.now() < giveUpAt;
      if (!again || attempt === options.attemptsMax) throw error;
      const { log } = database;
      log.info(
        { attempt, sqlState: sqlState(error) },
        "a transaction did not finish; trying again",
      );
      await sleep(delayMs(attempt));
    }
  }
}

async function runOnce<T>(database: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  const mine: Scope = { open: true };
  try {
    return await scope.run(mine, () => database.statements.transaction().execute(work));
  } finally {
    mine.open = false;
  }
}

/** Sorts out a failed commit: a definite answer is its cause, no answer is unknown. */
function afterCommit(error: unknown): unknown {
  if (!(error instanceof CommitFailed)) return error;
  return isConnectionLoss(error.cause) ? new CommitOutcomeUnknown(error.cause) : error.cause;
}

/** Half of it random: transactions that collided once do not collide again in step. */
function delayMs(attempt: number): number {
  const ceiling = Math.min(DELAY_MS_MIN * 2 ** attempt, DELAY_MS_MAX);
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}

export function isInTransaction(): boolean {
  return scope.getStore()?.open === true;
}

/**
 * S29: no transaction is open across a network call. Every VCS and CI call passes here first; a slow
 * forge would otherwise hold row locks and empty the pool.
 */
export function assertNoTransaction(what: string): void {
  assert(!isInTransaction(), `S29: ${what} was called while a transaction was open`);
}
