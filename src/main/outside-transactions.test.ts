import { expect, test } from "vitest";
import { inTransaction } from "../store/transaction.ts";
import { outsideTransactions } from "./outside-transactions.ts";

/** A database that answers everything, so that a transaction is open without one. */
const database = {
  statements: { transaction: () => ({ execute: <T>(work: (tx: unknown) => T) => work({}) }) },
} as never;

class Adapter {
  readonly kind = "fake";
  calls = 0;
  async read(): Promise<number> {
    this.calls += 1;
    return this.calls;
  }
}

test("S29 an adapter refuses to be called while a transaction is open, and works outside", async () => {
  const adapter = outsideTransactions(new Adapter(), "vcs.fake");
  expect(await adapter.read()).toBe(1);
  await expect(inTransaction(database, async () => adapter.read())).rejects.toThrow(
    "S29: vcs.fake.read was called while a transaction was open",
  );
  expect(adapter.calls).toBe(1);
  expect(await adapter.read()).toBe(2);
});
