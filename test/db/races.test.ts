import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DirspaceKey } from "../../src/core/change/dirspace.ts";
import { sha } from "../support/core-world.ts";
import { type EngineLab, engineLab } from "../support/engine-lab.ts";

/** What can happen between two steps of one procedure, happens here; on a real database, one fresh lab each. */
let lab: EngineLab;
const UNIT = "net:default" as DirspaceKey;
const FILES = ["net/main.tf"];

beforeEach(async () => {
  lab = await engineLab();
  lab.vcs.files = FILES;
});

afterEach(() => lab.close());

async function applying(number = 1): Promise<void> {
  await lab.open(number, FILES);
  await lab.plans(await lab.claim());
  await lab.say(number, "bob", "terrane apply");
}

function newestAttempt() {
  const job = lab.ci.started.at(-1);
  if (job === undefined) throw new Error("no job was started");
  return job.attempt;
}

async function workState(op: "plan" | "apply"): Promise<readonly string[]> {
  const { rows } = await sql<{ state: string }>`
    select state from work where op = ${op} order by seq
  `.execute(lab.database.statements);
  return rows.map((row) => row.state);
}

async function makeOld(minutes: number): Promise<void> {
  await sql`
    update attempt set created_at = created_at - ${minutes} * interval '1 minute',
      dispatched_at = dispatched_at - ${minutes} * interval '1 minute', asked_at = null
  `.execute(lab.database.statements);
}

test("S3 a job that comes while it is given up keeps the dirspace that it was granted", async () => {
  await applying();
  lab.ci.statuses.set(newestAttempt(), { kind: "unknown", message: "never heard of it" });
  await makeOld(60);
  // The job claims between the watch's look and the watch's word.
  const { status } = lab.ci;
  const sessions: Awaited<ReturnType<EngineLab["claim"]>>[] = [];
  lab.ci.status = async (...asked) => {
    lab.ci.status = status;
    sessions.push(await lab.claim());
    return status.apply(lab.ci, asked);
  };
  await lab.engine.tick();
  const session = sessions[0];
  if (session === undefined) throw new Error("the watch did not look");
  const digest = session.run.units[0]?.plan?.digest ?? "";
  expect(await lab.engine.runner.grant(session, UNIT, digest)).toMatchObject({ kind: "granted" });
  await lab.drain();
  expect(await workState("apply")).toEqual(["granted"]);
});

test("S3 a job that was given up finds its attempt closed", async () => {
  await applying();
  const attempt = newestAttempt();
  lab.ci.statuses.set(attempt, { kind: "unknown", message: "never heard of it" });
  await makeOld(60);
  await lab.engine.tick();
  // Nothing is decided yet, and still it comes too late.
  const late = await lab.engine.runner.claim(attempt, `repo-1/ci-${attempt}/jti`, "audience");
  expect(late).toMatchObject({ kind: "refused", code: "RUN_OVER" });
  await lab.drain();
  expect(await workState("apply")).toEqual(["not_started"]);
});

test("S1 of two jobs for one attempt the one that applies keeps it, and its result counts", async () => {
  await applying();
  const attempt = newestAttempt();
  await sql`update attempt set ci_run = null`.execute(lab.database.statements);
  const session = await lab.claim();
  const digest = session.run.units[0]?.plan?.digest ?? "";
  const granted = await lab.engine.runner.grant(session, UNIT, digest);
  if (granted.kind !== "granted") throw new Error("the grant was refused");
  await lab.started(attempt, "the-second-job");
  const other = await lab.engine.runner.claim(attempt, "repo-1/the-second-job/jti", "audience");
  expect(other).toMatchObject({ kind: "refused" });
  const report = { outcome: "applied", fence: granted.fence, outputs: [], text: "" } as const;
  expect(await lab.engine.runner.report(session, UNIT, report, 1)).toBe("recorded");
});

test("L34 runs that ended before their job was started do not keep the watch from the others", async () => {
  const id = await lab.open(1, FILES);
  await sql`
    insert into run (id, pull_request_id, number, kind, state, outcome, head_sha, base_sha, checkout, parallel, event_id)
    select 'old-' || n, ${id}, 1000 + n, 'plan', 'ended', 'superseded', ${sha(1)}, ${sha(1)}, 'merged', 1, gen_random_uuid()
    from generate_series(1, 600) n
  `.execute(lab.database.statements);
  await sql`
    insert into attempt (id, run_id, created_at)
    select 'old-' || n, 'old-' || n, now() - interval '1 day' from generate_series(1, 600) n
  `.execute(lab.database.statements);
  await makeOld(60);
  lab.ci.statuses.set(newestAttempt(), { kind: "ended", conclusion: "failure" });
  await lab.engine.tick();
  await lab.drain();
  expect(await workState("plan")).toEqual(["failed"]);
});

test("L37 the CI system is asked about a quiet job now and then, not with every tick", async () => {
  await lab.open(1, FILES);
  await makeOld(1);
  const asked: string[] = [];
  const { status } = lab.ci;
  lab.ci.status = async (...about) => {
    asked.push(about[1]);
    return status.apply(lab.ci, about);
  };
  for (let tick = 0; tick < 5; tick++) await lab.engine.tick();
  expect(asked).toHaveLength(1);
});
