import type { Instant } from "../../../src/base/brand.ts";
import type { EventId } from "../../../src/core/ids.ts";
import type { JobCaps } from "../../../src/core/schedule/caps.ts";
import { Journal } from "./table.ts";
import { createTables, type Tables } from "./tables.ts";

export interface MemoryStoreOptions {
  /** The clock of the database. */
  readonly clock: () => Instant;
  /** Ids of what a webhook brings, as the store on PostgreSQL takes them. */
  readonly newId: () => EventId;
  /** Ids that the database makes by itself. `name` is unique for the row, so that a test can derive the id from it. */
  readonly rowId: (table: "repository" | "pull_request" | "event", name: string) => string;
  /** What a queued run can be kept waiting by. */
  readonly caps: JobCaps;
}

type Sequence =
  | "event"
  | "outbox"
  | "dirspace"
  | "change"
  | "job"
  | "progress"
  | "place"
  | "ci_job"
  | "ci_news";

/** Tables in memory with transactions: one after the other, whole or not at all. */
export class MemoryDatabase {
  readonly tables: Tables;
  readonly newId: MemoryStoreOptions["newId"];
  readonly rowId: MemoryStoreOptions["rowId"];
  readonly #journal = new Journal();
  readonly #clock: MemoryStoreOptions["clock"];
  readonly #sequences = new Map<Sequence, number>();
  readonly #waiting: (() => void)[] = [];
  #open = false;
  #now = 0 as Instant;

  constructor(options: MemoryStoreOptions) {
    this.tables = createTables(this.#journal);
    this.newId = options.newId;
    this.rowId = options.rowId;
    this.#clock = options.clock;
  }

  /** When the transaction began. */
  get now(): Instant {
    return this.#now;
  }

  /** Rows written since the beginning. */
  get writes(): number {
    return this.#journal.writes;
  }

  /** Never goes back, also where the transaction that took a number does. */
  next(sequence: Sequence): number {
    const value = (this.#sequences.get(sequence) ?? 0) + 1;
    this.#sequences.set(sequence, value);
    return value;
  }

  /**
   * Whoever comes while another one is open waits for its end. PostgreSQL lets more of them overlap; which overlaps
   * are harmless is proven there. A body that never ends holds the store for ever: a crash is a throw.
   */
  async transaction<T>(work: () => T | Promise<T>): Promise<T> {
    while (this.#open) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#open = true;
    this.#now = this.#clock();
    try {
      const value = await work();
      this.#journal.forget();
      return value;
    } catch (error) {
      this.#journal.rollBack();
      throw error;
    } finally {
      this.#open = false;
      this.#waiting.shift()?.();
    }
  }
}
