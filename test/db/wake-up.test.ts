import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { PullRequestId } from "../../src/core/ids.ts";
import { createEngine } from "../../src/engine/engine.ts";
import { type EngineLab, engineLab, type LabSession } from "../support/engine-lab.ts";

let lab: EngineLab;
const FILES = ["net/main.tf"];
const PROGRESS = sql<{ state: string }>`
  select state from event where kind = 'run_progressed' order by seq
`;

beforeEach(async () => {
  lab = await engineLab();
  lab.vcs.files = FILES;
});

afterEach(() => lab.close());

/** A job that began its unit, so that news of its run waits to be decided. */
async function jobWithNews(): Promise<{ readonly id: PullRequestId; readonly job: LabSession }> {
  const id = await lab.open(1, FILES);
  const job = await lab.claim();
  await lab.engine.runner.heartbeat(
    job,
    job.run.units.map((unit) => unit.dirspace),
  );
  return { id, job };
}

function reportsFailure(job: LabSession): Promise<unknown> {
  const [unit] = job.run.units;
  if (unit === undefined) throw new Error("the job has a unit");
  const failure = { step: "init", message: "no", tail: "", exitCode: 1, signal: null };
  const report = { outcome: "failed", failure, fence: undefined } as const;
  return lab.engine.runner.report(job, unit.dirspace, report, 5);
}

async function progress(): Promise<readonly string[]> {
  return (await PROGRESS.execute(lab.database.statements)).rows.map((row) => row.state);
}

function gateway() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** Decides the next event, and holds still between what it read and what it stores. */
function decideSlowly(id: PullRequestId) {
  const read = gateway();
  const gate = gateway();
  const { takeTurn } = lab.ports.store;
  const slow = createEngine({
    ...lab.ports,
    store: {
      ...lab.ports.store,
      takeTurn: (pullRequest, use) =>
        takeTurn(pullRequest, async (turn) => {
          read.open();
          await gate.opened;
          return use(turn);
        }),
    },
  });
  return { read: read.opened, open: gate.open, decided: slow.advance(id) };
}

test("L33 a report that comes while the news before it is decided is news again", async () => {
  const { id, job } = await jobWithNews();
  const slow = decideSlowly(id);
  await slow.read;
  await reportsFailure(job);
  slow.open();
  expect(await slow.decided).toMatchObject({ kind: "decided" });
  expect((await progress()).slice(-2)).toEqual(["decided", "pending"]);
});

test("L33 who decides waits for a report that counts on its event, and sees it", async () => {
  const { id, job } = await jobWithNews();
  const before = await progress();
  const client = await lab.database.pool.connect();
  try {
    // The share that a report holds until it commits.
    await client.query("begin");
    await client.query(
      "select from event where kind = 'run_progressed' and state = 'pending' for share",
    );
    const slow = decideSlowly(id);
    const read = slow.read.then(() => "read");
    const waited = new Promise((resolve) => setTimeout(resolve, 100, "waits"));
    expect(await Promise.race([read, waited])).toBe("waits");
    await client.query("commit");
    expect(await read).toBe("read");
    slow.open();
    await slow.decided;
  } finally {
    client.release();
  }
  await reportsFailure(job);
  expect(await progress()).toHaveLength(before.length + 1);
});

test("many reports are one event while nobody decides it", async () => {
  const { job } = await jobWithNews();
  const before = await progress();
  await reportsFailure(job);
  expect(await progress()).toEqual(before);
});

test("L36 news is told again where the event before it was postponed, and may never be decided", async () => {
  const { job } = await jobWithNews();
  const before = await progress();
  await sql`update event set not_before = now() + interval '1 minute' where state = 'pending'`.execute(
    lab.database.statements,
  );
  await reportsFailure(job);
  expect(await progress()).toEqual([...before, "pending"]);
});
