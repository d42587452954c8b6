import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type AlarmClock, startAlarmClock } from "../../src/main/alarm-clock.ts";
import { putOffEffect, wakeEffect } from "../../src/store/engine/jobs.ts";
import { SILENT } from "../../src/store/engine/ring.ts";
import { inTransaction } from "../../src/store/transaction.ts";
import { type EngineLab, engineLab } from "../support/engine-lab.ts";
import { quiet } from "../support/quiet.ts";

const KEY = "publish:pull";

let lab: EngineLab;
const clocks: AlarmClock[] = [];

beforeEach(async () => {
  lab = await engineLab();
});

afterEach(async () => {
  await Promise.all(clocks.splice(0).map((clock) => clock.stop()));
  await lab.close();
});

function start(perform: (key: string) => Promise<void>): void {
  const clock = startAlarmClock({
    listens: true,
    database: lab.database,
    lanes: { closed: () => [] },
    engine: { admit: () => Promise.resolve(), perform },
    bell: SILENT,
    log: { ...quiet, debug: () => undefined },
    alone: false,
  });
  clocks.push(clock);
}

function wish(): Promise<void> {
  return inTransaction(lab.database, (tx) =>
    wakeEffect(tx, { key: KEY, kind: "publish", priority: 5 }),
  );
}

test("L33 a queue is free again although its job, given to another server meanwhile, was ended by the first", async () => {
  let begun = 0;
  let done = 0;
  start(async () => {
    begun += 1;
    if (begun === 1) await sleep(1_500);
    done += 1;
  });
  await wish();
  await expect.poll(() => begun, { timeout: 10_000 }).toBe(1);
  // As after a promotion: what is held is given to whoever comes.
  await lab.database.pool.query(`
    with taken as (
      update graphile_worker._private_jobs set locked_by = 'another', locked_at = now() returning job_queue_id
    )
    update graphile_worker._private_job_queues set locked_by = 'another', locked_at = now()
    where id in (select job_queue_id from taken)
  `);
  await expect.poll(() => done, { timeout: 10_000 }).toBe(1);
  await wish();
  await expect.poll(() => done, { timeout: 20_000 }).toBe(2);
});

test("L33 a job that was taken, and whose taking nobody heard of, is done", async () => {
  let done = 0;
  start(async () => {
    done += 1;
    await sleep(500);
  });
  await wish();
  await expect.poll(() => done, { timeout: 10_000 }).toBe(1);
  const { pool } = lab.database;
  const { rows } = await pool.query("select locked_by from graphile_worker._private_jobs");
  // The answer to the statement that took it was lost: it is held by the very server that waits for work.
  await inTransaction(lab.database, async (tx) => {
    await putOffEffect(tx, { key: KEY, kind: "acknowledge", priority: 8 }, 60_000, []);
  });
  await pool.query(
    "update graphile_worker._private_jobs set run_at = now(), locked_at = now(), locked_by = $1 where locked_by is null",
    [rows[0]?.locked_by],
  );
  await expect.poll(() => done, { timeout: 45_000 }).toBe(2);
});
