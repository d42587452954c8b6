import type pg from "pg";

/** What went over the wire to the database. */
export interface QueryCounts {
  readonly roundTrips: number;
  /** Opened with BEGIN. */
  readonly transactions: number;
  /** Statements on their own, each a transaction too. */
  readonly single: number;
  /** Time from sending to the answer, summed. */
  readonly waitMs: number;
  readonly byStatement: ReadonlyMap<string, number>;
}

export interface QueryCounter {
  reset(): void;
  counts(): QueryCounts;
}

/** Counts on every connection that the pool opens from now on. */
export function countQueries(pool: pg.Pool): QueryCounter {
  let roundTrips = 0;
  let transactions = 0;
  let single = 0;
  let waitMs = 0;
  let byStatement = new Map<string, number>();
  pool.on("connect", (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    let open = false;
    const counted = (...args: unknown[]): unknown => {
      const text = statementOf(args[0]);
      roundTrips += 1;
      const name = text.replaceAll(/\s+/g, " ").trim().slice(0, 60);
      byStatement.set(name, (byStatement.get(name) ?? 0) + 1);
      if (/^\s*begin/i.test(text)) {
        open = true;
        transactions += 1;
      } else if (/^\s*(?:commit|rollback)/i.test(text)) open = false;
      else if (!open) single += 1;
      const began = performance.now();
      const result = query(...args);
      if (result instanceof Promise) {
        const note = () => {
          waitMs += performance.now() - began;
        };
        result.then(note, note);
      }
      return result;
    };
    Object.defineProperty(client, "query", { value: counted });
  });
  return {
    reset() {
      roundTrips = 0;
      transactions = 0;
      single = 0;
      waitMs = 0;
      byStatement = new Map();
    },
    counts: () => ({ roundTrips, transactions, single, waitMs, byStatement: new Map(byStatement) }),
  };
}

function statementOf(first: unknown): string {
  if (typeof first === "string") return first;
  if (typeof first === "object" && first !== null && "text" in first) return String(first.text);
  return "";
}
