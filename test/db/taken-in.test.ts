import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import type { DirspaceKey } from "../../src/core/change/dirspace.ts";
import { OUTPUT_CUT, UNIT_OUTPUT_CHARS_MAX } from "../../src/store/runner/work.ts";
import { type EngineLab, engineLab } from "../support/engine-lab.ts";

const UNIT = "net:default" as DirspaceKey;
const FILES = ["net/main.tf"];

let lab: EngineLab;

beforeEach(async () => {
  lab = await engineLab();
  lab.vcs.files = FILES;
  await lab.open(1, FILES);
});

afterEach(() => lab.close());

async function rows<T>(query: ReturnType<typeof sql<T>>): Promise<readonly T[]> {
  return (await query.execute(lab.database.statements)).rows;
}

test("output of one unit that never stops is kept up to its limit, and says that it was cut", async () => {
  const session = await lab.claim();
  const { runner } = lab.engine;
  expect(await runner.appendOutput(session, UNIT, 0, "begun\n")).toBe(1);
  await rows(sql`update work set output_chars = ${UNIT_OUTPUT_CHARS_MAX - 3}`);
  // Whoever sends it is not told: its own log has all of it.
  for (const seq of [1, 2, 3]) {
    expect(await runner.appendOutput(session, UNIT, seq, "abcdef")).toBe(seq + 1);
  }
  expect(await rows(sql`select seq, text from output_chunk order by seq`)).toEqual([
    { seq: 0, text: "begun\n" },
    { seq: 1, text: `abc${OUTPUT_CUT}` },
  ]);
});

test("a job stores no more plans than it can need", async () => {
  const session = await lab.claim();
  const store = (digit: string) =>
    lab.engine.runner.putPlan(session, digit.repeat(64), Buffer.from(digit));
  for (const digit of ["1", "2", "3", "4"]) expect(await store(digit)).toBe(true);
  expect(await store("5")).toBe(false);
  // One that is there already is as good as stored.
  expect(await store("1")).toBe(true);
});

test("a credential stores nothing once its job is long over, and is worth nothing a day later", async () => {
  const claimed = await lab.claim();
  const { runner } = lab.engine;
  const read = () => runner.session(claimed.credential);
  expect(await read()).toMatchObject({ over: false, spent: false });
  await lab.plans(claimed);
  expect(present(await read(), "its results may still come")).toMatchObject({ spent: false });
  await rows(sql`update attempt set ended_at = now() - interval '16 minutes'`);
  expect(await read()).toMatchObject({ spent: true });
  await rows(sql`update attempt set ended_at = now() - interval '25 hours'`);
  expect(await read()).toBeUndefined();
});

test("S27 results that came too late are kept, up to a number that no honest job comes to", async () => {
  const session = await lab.claim();
  await lab.plans(session);
  for (let said = 0; said < 25; said += 1) {
    const message = `late ${said}`;
    const report = { outcome: "failed", failure: { step: "plan", message } } as never;
    await lab.engine.runner.report(session, UNIT, report, 1);
  }
  const [kept] = await rows<{ n: number }>(sql`select count(*)::int as n from late_result`);
  expect(kept?.n).toBe(20);
});
