import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { type GivenDatabase, openGivenDatabase } from "../support/store-twins/database.ts";
import { playHistory } from "../support/store-twins/history.ts";
import { playScript, SCRIPTS } from "../support/store-twins/scripts.ts";

/** In continuous integration, where each may take a minute; `TERRANE_HISTORIES=500` plays more of them, `TERRANE_SEED=7` begins elsewhere. */
const HISTORIES = Number(process.env["TERRANE_HISTORIES"] ?? 6);
const FIRST_SEED = Number(process.env["TERRANE_SEED"] ?? 1);
const STEPS = 60;
/** On a slow machine that has much else to do. */
const HISTORY_MS_MAX = 240_000;

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

test.each(SCRIPTS)(
  "both stores answer and keep the same where $name",
  {
    timeout: HISTORY_MS_MAX,
  },
  async (script) => {
    await playScript(given, script);
  },
);

test("the store in memory and PostgreSQL answer and keep the same through the same histories", {
  timeout: HISTORIES * HISTORY_MS_MAX,
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
