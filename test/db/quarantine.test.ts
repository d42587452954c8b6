import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DirspaceKey } from "../../src/core/change/dirspace.ts";
import type { PullRequestId } from "../../src/core/ids.ts";
import { type EngineLab, engineLab, type LabSession } from "../support/engine-lab.ts";

const UNIT = "net:default" as DirspaceKey;
const FILES = ["net/main.tf"];
const LEAP = 2 ** 32;

let lab: EngineLab;

beforeEach(async () => {
  lab = await engineLab();
  lab.vcs.files = FILES;
  // The first look remembers which cluster this is.
  await lab.engine.tick();
});

afterEach(() => lab.close());

/** What a promotion leaves behind: the rows name the timeline of before. */
async function promote(): Promise<void> {
  await sql`update cluster set timeline = timeline - 1`.execute(lab.database.statements);
}

async function timeIsOver(): Promise<void> {
  await sql`update cluster set quarantined_until = now() - interval '1 second'`.execute(
    lab.database.statements,
  );
}

async function applying(number: number): Promise<LabSession> {
  await lab.open(number, FILES);
  await lab.plans(await lab.claim());
  await lab.say(number, "bob", "terrane apply");
  return lab.claim();
}

function grant(session: LabSession) {
  return lab.engine.runner.grant(session, UNIT, session.run.units[0]?.plan?.digest ?? "");
}

async function column(what: string): Promise<readonly unknown[]> {
  const { rows } = await lab.database.pool.query<[unknown]>({
    text: `select ${what}`,
    rowMode: "array",
  });
  return rows.map(([value]) => value);
}

test("the same database is no reason for a quarantine", async () => {
  await lab.engine.tick();
  expect(lab.engine.quarantine()).toBeUndefined();
  expect(await grant(await applying(1))).toMatchObject({ kind: "granted", fence: 1 });
});

test("S1 the first grant after a promotion is refused, before anybody has looked", async () => {
  const session = await applying(1);
  await promote();
  expect(await grant(session)).toMatchObject({ kind: "refused", code: "QUARANTINE" });
});

test("S2 a promotion lets every fence leap, so that plans from before count no more", async () => {
  await applying(1);
  await promote();
  await lab.engine.tick();
  expect(await column("last_fence::text from dirspace")).toEqual([String(LEAP)]);
  expect(lab.engine.quarantine()?.because).toMatch(/timeline \d+ became .*timeline \d+/);
  await lab.drain();
  expect(lab.vcs.comments.get("1:terrane")).toMatch(/stale|out of date|applied/i);
});

test("S3 an apply in flight becomes unknown and keeps its dirspace until its own word comes", async () => {
  const session = await applying(1);
  const granted = await grant(session);
  if (granted.kind !== "granted") throw new Error("the grant was refused");
  await promote();
  await lab.engine.tick();
  expect(await column("state from work where op = 'apply'")).toEqual(["unknown"]);
  // It is still there, and what it says counts: its fence is the one that it was granted.
  const report = { outcome: "applied", fence: granted.fence, outputs: [], text: "" } as const;
  expect(await lab.engine.runner.report(session, UNIT, report, 1)).toBe("recorded");
  await lab.engine.runner.finish(session, { failure: undefined });
  await timeIsOver();
  await lab.engine.tick();
  expect(lab.engine.quarantine()).toBeUndefined();
});

test("S3 nothing is granted while an apply job from before may be at work, however long", async () => {
  const before = await applying(1);
  await promote();
  await lab.engine.tick();
  await timeIsOver();
  await lab.engine.tick();
  expect(lab.engine.quarantine()).toBeDefined();
  expect(await grant(before)).toMatchObject({ kind: "refused", code: "QUARANTINE" });
  // The CI system's word is proof.
  lab.ci.statuses.set(before.attempt, { kind: "ended", conclusion: "failure" });
  await sql`update attempt set last_seen_at = null, claimed_at = claimed_at - interval '1 hour',
    dispatched_at = dispatched_at - interval '1 hour', created_at = created_at - interval '1 hour'`.execute(
    lab.database.statements,
  );
  await lab.engine.tick();
  await lab.engine.tick();
  expect(lab.engine.quarantine()).toBeUndefined();
});

test("after a quarantine a new plan is applied, with a fence above all of before", async () => {
  await lab.open(1, FILES);
  await lab.plans(await lab.claim());
  await promote();
  await lab.engine.tick();
  await lab.drain();
  await timeIsOver();
  await lab.engine.tick();
  await lab.say(1, "bob", "terrane plan");
  await lab.plans(await lab.claim());
  await lab.say(1, "bob", "terrane apply");
  expect(await grant(await lab.claim())).toMatchObject({ kind: "granted", fence: LEAP + 1 });
});

test("S21 what is open is read again, because its webhooks may be among what was lost", async () => {
  await lab.open(1, FILES);
  await promote();
  await lab.engine.tick();
  expect(await column("happening ->> 'hint' from event where state = 'pending'")).toEqual([
    "quarantine",
  ]);
});

test("L40 what is shown is shown again, because edits of it may be among what was lost", async () => {
  await lab.open(1, FILES);
  await lab.plans(await lab.claim());
  await promote();
  await lab.engine.tick();
  await lab.drain();
  // The second promotion changes nothing of what is to be shown: the plans are stale already.
  const shown = lab.vcs.comments.get("1:terrane");
  lab.vcs.comments.set("1:terrane", "an edit that the database has forgotten");
  await promote();
  await lab.engine.tick();
  await lab.drain();
  expect(shown).toBeDefined();
  expect(lab.vcs.comments.get("1:terrane")).toBe(shown);
});

test("L33 a job that a living server holds as far as the promoted database knows is done again", async () => {
  await lab.open(1, FILES);
  await sql`select graphile_worker.add_job('perform')`.execute(lab.database.statements);
  await sql`
    update graphile_worker._private_jobs set locked_at = now(), locked_by = 'alive'
  `.execute(lab.database.statements);
  const held = "count(*)::int from graphile_worker.jobs where locked_by is not null";
  expect(await column(held)).not.toEqual([0]);
  await promote();
  await lab.engine.tick();
  expect(await column(held)).toEqual([0]);
});

test("many servers notice one promotion once", async () => {
  await lab.open(1, FILES);
  await promote();
  const looks = await Promise.all([1, 2, 3].map(() => lab.ports.store.guardCluster(60_000)));
  expect(looks.filter((look) => look.kind === "entered")).toHaveLength(1);
  expect(await column("quarantines from cluster")).toEqual([1]);
  expect(await column("last_fence::text from dirspace")).toEqual([String(LEAP)]);
});

test("S25 after a promotion nothing is taken for unwritten that may only have been forgotten", async () => {
  await lab.open(1, FILES);
  await lab.drain();
  const since = () => column("extract(epoch from now()) * 1000");
  expect(await rememberedSince(1)).toBe(0);
  await promote();
  // Nobody has noticed yet.
  expect(await rememberedSince(1)).toBeGreaterThanOrEqual(Number((await since())[0]) - 5_000);
  await lab.engine.tick();
  expect(await rememberedSince(1)).toBeGreaterThan(Number((await since())[0]) + 50_000);
  await timeIsOver();
  await lab.engine.tick();
  expect(lab.engine.quarantine()).toBeUndefined();
  expect(await rememberedSince(1)).toBeGreaterThan(Number((await since())[0]) + 50_000);
});

async function rememberedSince(number: number): Promise<number | undefined> {
  const [id] = await column(`id from pull_request where number = ${number}`);
  const reported = await lab.ports.store.reported(id as PullRequestId);
  return reported?.rememberedSince;
}
