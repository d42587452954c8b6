import pg from "pg";
import { expect, test } from "vitest";
import { patientPool } from "./patient-pool.ts";

/** A pool whose connections answer every statement with this error, and which remembers what was given back closed. */
function failingPool(error: Error): { readonly pool: pg.Pool; readonly closed: unknown[] } {
  const closed: unknown[] = [];
  const client = {
    query: () => Promise.reject(error),
    release: (broken: unknown) => closed.push(broken),
  };
  return { pool: { connect: () => Promise.resolve(client) } as unknown as pg.Pool, closed };
}

function ofDatabase(code: string): pg.DatabaseError {
  return Object.assign(new pg.DatabaseError("refused", 0, "error"), { code });
}

test.each([
  ["a standby", ofDatabase("25006"), "ETIMEDOUT", true],
  ["a lost connection", ofDatabase("57P01"), "ETIMEDOUT", false],
  ["a statement that is wrong", ofDatabase("42601"), "42601", false],
] as const)(
  "what the job queue is told of %s, and whether its connection is closed",
  async (_, error, code, closes) => {
    const { pool, closed } = failingPool(error);
    const client = await patientPool(pool, false).connect();
    await expect(client.query("update jobs")).rejects.toMatchObject({ code });
    client.release();
    expect(closed).toEqual([closes]);
  },
);
