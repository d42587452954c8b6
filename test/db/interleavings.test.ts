import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inTransaction } from "../../src/store/transaction.ts";
import { createTestDatabase } from "../support/database.ts";
import { type Laboratory, openLaboratory } from "../support/interleavings/prove.ts";
import type { TransactionType } from "../support/interleavings/transaction-type.ts";
import { TRANSACTION_TYPES } from "../support/interleavings/types.ts";

/** A few pairs for every run; `npm run interleavings` takes them all. */
let laboratory: Laboratory;

beforeAll(() => {
  laboratory = openLaboratory(createTestDatabase);
});

afterAll(() => laboratory.close());

function typed(name: string): TransactionType {
  const found = TRANSACTION_TYPES.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no type ${name}`);
  return found;
}

const PAIRS = [
  ["S1 S2 two applies ask for one dirspace", "grant", "grant", "two"],
  ["S5 one permission is asked for twice", "grant", "grant", "one"],
  ["S26 two jobs claim one attempt", "claim", "claim", "one"],
  ["S7 two pull requests want to apply the same", "decide_apply", "decide_apply", "two"],
  ["S22 one delivery comes twice at once", "intake_same", "intake_same", "one"],
  ["S3 a job claims while it is given up", "claim", "never_started", "one"],
  ["S28 a result comes while its job is ended", "report_applied", "decide_run_ended", "one"],
] as const;

/** Some pairs have hundreds of schedules, and machines are busy. */
const LIMIT_MS = 240_000;

test.each(PAIRS)(
  "%s: every interleaving ends like one after the other",
  async (...row) => {
    const [, first, second, about] = row;
    const proof = await laboratory.prove({ types: [typed(first), typed(second)], about });
    expect(proof.violations).toEqual([]);
    expect(proof.schedules).toBeGreaterThan(1);
  },
  LIMIT_MS,
);

test("what is left out of the interleavings has no outcome of its own", async () => {
  const pair = { types: [typed("append"), typed("end_attempt")], about: "one" } as const;
  const reduced = await laboratory.prove(pair);
  const all = await laboratory.prove(pair, { all: true });
  expect(all.schedules).toBeGreaterThan(reduced.schedules);
  expect({ outcomes: all.outcomes, violations: all.violations }).toEqual({
    outcomes: reduced.outcomes,
    violations: reduced.violations,
  });
});

/** Reads and writes back without holding the row in between. */
const forgetful: TransactionType = {
  name: "forgetful",
  level: "planning",
  act: (_ports, { id }, _ids, database) =>
    inTransaction(database, async (tx) => {
      const { rows } = await sql<{ n: number }>`
        select last_run_number as n from pull_request where id = ${id}
      `.execute(tx);
      const next = (rows[0]?.n ?? 0) + 1;
      await sql`update pull_request set last_run_number = ${next} where id = ${id}`.execute(tx);
    }),
};

test("an update that is lost in some interleaving is found", async () => {
  const proof = await laboratory.prove({ types: [forgetful, forgetful], about: "one" });
  expect(proof.violations.map(({ what }) => what)).toContain("no serial order ends like this");
});

function holding(name: string, order: "asc" | "desc"): TransactionType {
  return {
    name,
    level: "planning",
    act: (_ports, _subject, _ids, database) =>
      inTransaction(
        database,
        async (tx) => {
          for (const dir of order === "asc" ? ["app", "net"] : ["net", "app"]) {
            await sql`select from dirspace where dir = ${dir} for update`.execute(tx);
          }
        },
        { attemptsMax: 1 },
      ),
  };
}

test("rows that are taken in different orders are found as a deadlock", async () => {
  const types = [holding("up", "asc"), holding("down", "desc")] as const;
  const proof = await laboratory.prove({ types, about: "one" });
  expect(proof.violations.map(({ what }) => what)).toContain(
    "a deadlock: rows are taken in different orders",
  );
});
