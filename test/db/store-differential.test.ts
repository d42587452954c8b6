import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { type GivenDatabase, openGivenDatabase } from "../support/store-twins/database.ts";
import { playHistory } from "../support/store-twins/history.ts";

/** In continuous integration; `TERRANE_HISTORIES=500` plays more of them, `TERRANE_SEED=7` begins elsewhere. */
const HISTORIES = Number(process.env["TERRANE_HISTORIES"] ?? 6);
const FIRST_SEED = Number(process.env["TERRANE_SEED"] ?? 1);
const STEPS = 60;

let created: TestDatabase;
let given: GivenDatabase;

beforeAll(async () => {
  created = await createTestDatabase();
  given = await openGivenDatabase(created.url);
});

afterAll(async () => {
  await given.close();
  await created.drop();
});

test("the store in memory and PostgreSQL answer and keep the same through the same histories", {
  timeout: HISTORIES * 20_000,
}, async () => {
  const reached = { decisions: 0, grants: 0, locks: 0 };
  for (let seed = FIRST_SEED; seed < FIRST_SEED + HISTORIES; seed++) {
    const report = await playHistory(given, seed, STEPS);
    reached.decisions += report.decisions;
    reached.grants += report.grants;
    reached.locks += report.locks;
  }
  // Histories in which nothing happens prove nothing.
  expect(reached.decisions).toBeGreaterThan(10 * HISTORIES);
  expect(reached.grants).toBeGreaterThan(HISTORIES / 4);
  expect(reached.locks).toBeGreaterThan(HISTORIES / 4);
});
