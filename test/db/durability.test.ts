import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DirspaceKey } from "../../src/core/change/dirspace.ts";
import type { PullRequestId } from "../../src/core/ids.ts";
import type { Bell } from "../../src/ports/bell.ts";
import { fleetStore } from "../../src/store/engine/fleet.ts";
import { engineStore } from "../../src/store/engine/store.ts";
import { failureStore } from "../../src/store/views/failures.ts";
import { person, sha } from "../support/core-world.ts";
import { type EngineLab, engineLab, type LabSession } from "../support/engine-lab.ts";

let lab: EngineLab;
const UNIT = "net:default" as DirspaceKey;
const FILES = ["net/main.tf"];
/** Who said what the last job said. */
let session: LabSession;

beforeEach(async () => {
  lab = await engineLab();
  lab.vcs.files = FILES;
});

afterEach(() => lab.close());

/** Up to a job that has claimed its apply and taken no grant. */
async function claimedApply(): Promise<PullRequestId> {
  const id = await lab.open(1, FILES);
  await lab.plans(await lab.claim());
  await lab.say(1, "bob", "terrane apply");
  session = await lab.claim();
  return id;
}

async function rows<T>(query: ReturnType<typeof sql<T>>): Promise<readonly T[]> {
  return (await query.execute(lab.database.statements)).rows;
}

/** As if the job had last been heard of so long ago. */
async function quietFor(minutes: number): Promise<void> {
  const before = sql`${minutes} * interval '1 minute'`;
  await rows(sql`
    update attempt set created_at = created_at - ${before}, dispatched_at = dispatched_at - ${before},
      claimed_at = claimed_at - ${before}, last_seen_at = last_seen_at - ${before}, asked_at = null
  `);
}

function grant() {
  const digest = session.run.units[0]?.plan?.digest ?? "";
  return lab.engine.runner.grant(session, UNIT, digest);
}

const works = () => rows(sql<{ state: string }>`select state from work where op = 'apply'`);

test("S20 many deliveries at the same moment are stored, each with one event", async () => {
  await lab.open(1, FILES);
  const ids = Array.from({ length: 200 }, () => randomUUID());
  const all = await Promise.all(
    [...ids, ...ids].map((id) => lab.hear(1, { kind: "review", number: 1 }, id)),
  );
  expect(all.filter((as) => as === "stored")).toHaveLength(ids.length);
  expect(all.filter((as) => as === "duplicate")).toHaveLength(ids.length);
  expect(await rows(sql`select from event where kind = 'review_changed'`)).toHaveLength(200);
});

test("L36 a delivery that cannot be stored does not take others with it", async () => {
  await lab.open(1, FILES);
  const bad = lab.hear(1, { kind: "review", number: 1 }, "x".repeat(3_000_000));
  const good = Array.from({ length: 5 }, () => lab.hear(1, { kind: "review", number: 1 }));
  await expect(bad).rejects.toThrow("index row");
  expect(await Promise.all(good)).toEqual(Array.from({ length: 5 }, () => "stored"));
});

test("S20 an event whose server died before it decided is found by any other's sweep", async () => {
  const id = await lab.open(1, FILES);
  await lab.hear(1, { kind: "review", number: 1 });
  const rung: PullRequestId[] = [];
  const bell: Bell = { ring: (pullRequest) => rung.push(pullRequest) };
  const other = engineStore(lab.database, () => randomUUID() as never, bell);
  await other.wakeOverdue();
  expect(rung).toEqual([]);
  await rows(sql`update event set received_at = now() - interval '4 seconds'`);
  await other.wakeOverdue();
  expect(rung).toEqual([id]);
  // Somebody who lives decides it: two at it would ask the VCS twice.
  const fleet = fleetStore(lab.database);
  const server = randomUUID();
  await fleet.beat({ id: server, version: "1", draining: false, advancing: [id] });
  await other.wakeOverdue();
  expect(rung).toEqual([id]);
  await rows(sql`update server set seen_at = now() - interval '1 minute'`);
  await other.wakeOverdue();
  expect(rung).toEqual([id, id]);
});

test("L36 what cannot be decided lets others of its pull request pass, and is set aside in the end", async () => {
  const id = await lab.open(1, FILES);
  const { pullRequest } = lab.vcs;
  await lab.hear(1, { kind: "review", number: 1 }, "poison");
  lab.vcs.pullRequest = async () => {
    throw new TypeError("a bug");
  };
  expect(await lab.engine.advance(id)).toMatchObject({ kind: "postponed" });
  lab.vcs.pullRequest = pullRequest;
  await lab.hear(1, { kind: "review", number: 1 }, "healthy");
  expect(await lab.engine.advance(id)).toMatchObject({ kind: "decided" });
  expect(await lab.engine.advance(id)).toEqual({ kind: "idle" });
  lab.vcs.pullRequest = async () => {
    throw new TypeError("a bug");
  };
  for (const kind of ["postponed", "postponed", "set_aside"]) {
    await rows(sql`update event set not_before = now() where state = 'pending'`);
    expect(await lab.engine.advance(id)).toMatchObject({ kind });
  }
  expect(await rows(sql`select error from event where state = 'dead'`)).toEqual([
    { error: "TypeError: a bug" },
  ]);
  // Somebody mends the cause and has it tried again.
  const failures = failureStore(lab.database, { ring: () => undefined });
  const [failed] = await failures.setAside();
  expect(failed).toMatchObject({ kind: "event", what: "review_changed", pullRequest: 1 });
  const { ciJobsWaiting, ...dead } = await failures.backlog();
  expect(dead).toEqual({ effectsDead: 0, eventsSetAside: 1 });
  expect(ciJobsWaiting).toEqual({ first_look: 0, free_place: 0, apply: 0 });
  lab.vcs.pullRequest = pullRequest;
  expect(await failures.repeat(failed?.id ?? "")).toBe(id);
  expect(await failures.repeat(failed?.id ?? "")).toBeUndefined();
  await lab.drain();
  expect(await failures.setAside()).toEqual([]);
});

test("L36 a decision that the database refuses lets others pass too, and says what was refused", async () => {
  const id = await lab.open(1, FILES);
  await lab.hear(1, { kind: "review", number: 1 }, "refused");
  await rows(sql`alter table decision add constraint full_moon check (id < 0) not valid`);
  expect(await lab.engine.advance(id)).toMatchObject({ kind: "postponed" });
  expect(await rows(sql`select attempts, error from event where state = 'pending'`)).toEqual([
    { attempts: 1, error: expect.stringContaining("full_moon") },
  ]);
  expect(await lab.engine.advance(id)).toEqual({ kind: "idle" });
  await rows(sql`alter table decision drop constraint full_moon`);
  await rows(sql`update event set not_before = now() where state = 'pending'`);
  expect(await lab.engine.advance(id)).toMatchObject({ kind: "decided" });
});

test("L33 a VCS that is away is asked again later, and by all events of the pull request", async () => {
  const id = await lab.open(1, FILES);
  const { pullRequest } = lab.vcs;
  for (let n = 0; n < 3; n++) await lab.hear(1, { kind: "review", number: 1 });
  lab.vcs.pullRequest = async () => ({
    kind: "unavailable",
    message: "limit",
    retryAfterMs: 90_000,
  });
  expect(await lab.engine.advance(id)).toMatchObject({ kind: "postponed", pauseMs: 90_000 });
  expect(await lab.engine.advance(id)).toEqual({ kind: "idle" });
  lab.vcs.pullRequest = pullRequest;
  await lab.drain();
  expect(await rows(sql`select from event where state = 'pending'`)).toEqual([]);
});

test("L34 a claimed apply without a grant whose job nobody knows is given up, and gets no grant later", async () => {
  await claimedApply();
  lab.ci.statuses.set(session.attempt, { kind: "unknown", message: "never heard of it" });
  await quietFor(31);
  await lab.engine.tick();
  await lab.drain();
  expect(await works()).toEqual([{ state: "not_started" }]);
  expect(await grant()).toMatchObject({ kind: "refused" });
});

test("L34 a CI system that cannot be asked for a while says nothing of a job that waits for its machine", async () => {
  await claimedApply();
  lab.ci.statuses.set(session.attempt, { kind: "unavailable", message: "502 Bad Gateway" });
  await quietFor(23 * 60);
  await lab.engine.tick();
  await lab.drain();
  expect(await works()).not.toEqual([{ state: "not_started" }]);
  await quietFor(25 * 60);
  await lab.engine.tick();
  await lab.drain();
  expect(await works()).toEqual([{ state: "not_started" }]);
});

test("S3 an apply with its grant stays unknown however long nobody knows its job", async () => {
  await claimedApply();
  expect(await grant()).toMatchObject({ kind: "granted" });
  lab.ci.statuses.set(session.attempt, { kind: "unknown", message: "never heard of it" });
  await quietFor(600);
  await lab.engine.tick();
  await lab.drain();
  expect(await works()).toEqual([{ state: "unknown" }]);
});

test.each(["success", "failure", "cancelled", "timed_out", "never_started", "other"] as const)(
  "L34 runner defect 23: a job that the CI system says is over (%s) ends its run, granted or not",
  async (conclusion) => {
    await claimedApply();
    await grant();
    lab.ci.statuses.set(session.attempt, { kind: "ended", conclusion });
    await quietFor(1);
    await lab.engine.tick();
    await lab.drain();
    expect(await works()).toEqual([{ state: "failed" }]);
    expect(await rows(sql`select from run where state <> 'ended'`)).toEqual([]);
  },
);

test.each(["failure", "cancelled", "timed_out", "never_started"] as const)(
  "L34 runner defect 23: a job that is over (%s) before it asked for its work ends its run, and people read why",
  async (conclusion) => {
    await lab.open(1, FILES);
    const job = lab.ci.started.at(-1);
    if (job === undefined) throw new Error("no job was started");
    lab.ci.statuses.set(job.attempt, { kind: "ended", conclusion });
    await quietFor(1);
    await lab.engine.tick();
    await lab.drain();
    expect(await rows(sql`select distinct state from work`)).toEqual([{ state: "failed" }]);
    expect(await rows(sql`select from run where state <> 'ended'`)).toEqual([]);
    expect(lab.vcs.comments.get("1:terrane")).toMatch(/1 failed/);
  },
);

test("S27 the result of an apply that came too late is kept, and said where everybody looks", async () => {
  await claimedApply();
  const granted = await grant();
  if (granted.kind !== "granted") throw new Error("the grant was refused");
  lab.ci.statuses.set(session.attempt, { kind: "ended", conclusion: "failure" });
  await quietFor(1);
  await lab.engine.tick();
  await lab.drain();
  const report = { outcome: "applied", fence: granted.fence, outputs: [], text: "" } as const;
  for (let time = 0; time < 2; time++) {
    expect(await lab.engine.runner.report(session, UNIT, report, 1)).toBe("conflict");
  }
  await lab.drain();
  expect(await works()).toEqual([{ state: "failed" }]);
  expect(await rows(sql`select why, state, report ->> 'outcome' as said from late_result`)).toEqual(
    [{ why: "ended", state: "failed", said: "applied" }],
  );
  expect(lab.vcs.comments.get("1:terrane")).toContain("An apply reported too late");
});

test("S2 a result of another fence is refused and kept", async () => {
  await claimedApply();
  await grant();
  const report = { outcome: "applied", fence: 77, outputs: [], text: "" } as const;
  expect(await lab.engine.runner.report(session, UNIT, report, 1)).toBe("bad_fence");
  expect(await rows(sql`select why from late_result`)).toEqual([{ why: "other_fence" }]);
  expect(await works()).toEqual([{ state: "granted" }]);
});

test("S22 a comment that was answered does nothing when somebody tells of it again", async () => {
  await lab.open(1, FILES);
  await lab.plans(await lab.claim());
  const author = person("bob");
  const body = "terrane plan";
  lab.vcs.said.set("c-1", { number: 1, author, body });
  const told = { kind: "comment", number: 1, commentId: "c-1", author, body } as const;
  await lab.hear(1, told);
  await lab.drain();
  await lab.plans(await lab.claim());
  const before = lab.ci.started.length;
  await lab.hear(1, told);
  await lab.drain();
  expect(lab.ci.started).toHaveLength(before);
});

test("of all servers one does what is due once in a while", async () => {
  const fleet = fleetStore(lab.database);
  const taken = await Promise.all(
    Array.from({ length: 8 }, () => fleet.takeDuty("reconcile", 60_000)),
  );
  expect(taken.filter((one) => one.kind === "taken")).toHaveLength(1);
  await fleet.keepCursor("reconcile", "here");
  await rows(sql`update duty set taken_at = now() - interval '2 minutes'`);
  expect(await fleet.takeDuty("reconcile", 60_000)).toMatchObject({ cursor: "here" });
});

test("L38 a server is told when a newer one took away what it needs", async () => {
  const fleet = fleetStore(lab.database);
  const beat = () => fleet.beat({ id: randomUUID(), version: "1", draining: false, advancing: [] });
  expect(await beat()).toEqual({ kind: "welcome" });
  await rows(sql`update compatibility set oldest = 9999`);
  expect(await beat()).toMatchObject({ kind: "too_old" });
});

test("S21 a push that no webhook told of is found, and so is a new pull request", async () => {
  await lab.open(1, FILES);
  const view = lab.vcs.views.get(1);
  if (view === undefined) throw new Error("there is no pull request");
  lab.vcs.views.set(1, { ...view, headSha: sha(777) });
  lab.vcs.views.set(2, { ...view, number: 2, headSha: sha(778), headRef: "feature-2" });
  lab.vcs.changed.set(2, [{ kind: "modified", path: "net/main.tf" }]);
  await rows(sql`update repository set looked_at = null, created_at = now() - interval '1 day'`);
  expect(await lab.engine.tick()).toEqual({ recovered: 2 });
  await lab.drain();
  expect(
    await rows(sql`select number, view ->> 'headSha' as head from pull_request order by 1`),
  ).toEqual([
    { number: 1, head: sha(777) },
    { number: 2, head: sha(778) },
  ]);
  await rows(sql`update repository set looked_at = null`);
  expect(await lab.engine.tick()).toEqual({ recovered: 0 });
});

test("what is older than it is kept goes with its partition, and what still waits stays", async () => {
  const fleet = fleetStore(lab.database);
  const id = await lab.open(1, FILES);
  const decided = await rows(sql`select from decision`);
  const count = async (table: string) =>
    (await rows(sql`select from pg_inherits where inhparent = ${table}::regclass`)).length;
  const before = await count("event");
  for (const weeks of [6, 8, 10]) {
    await rows(sql`
      select make_partitions('event', now() - ${weeks} * interval '7 days', 0),
        make_partitions('output_chunk', now() - ${weeks} * interval '7 days', 0)
    `);
    await rows(sql`
      insert into event (id, received_at, repository_id, pull_request_id, kind, happening, state)
      select gen_random_uuid(), now() - ${weeks} * interval '7 days', repository_id, id, 'old', '{}',
        case when ${weeks} = 8 then 'pending' else 'decided' end
      from pull_request where id = ${id}
    `);
  }
  expect(await count("event")).toBe(before + 3);
  const forgotten = await fleet.forgetOld({ eventDays: 30, outputDays: 60 });
  // One week of events still has something to decide; of the output only the oldest week is too old.
  expect(await count("event")).toBe(before + 1);
  expect(forgotten.partitions).toBe(3);
  expect(await rows(sql`select state from event where kind = 'old'`)).toEqual([
    { state: "pending" },
  ]);
  expect(await rows(sql`select from decision`)).toHaveLength(decided.length);
  // Again there is nothing to do, and the weeks to come are there.
  expect(await fleet.forgetOld({ eventDays: 30, outputDays: 60 })).toEqual({
    partitions: 0,
    rows: 0,
  });
});

test("L37 an effect that the VCS has wait comes up when it said, once, and not before its lane is open", async () => {
  const { putComment } = lab.vcs;
  lab.vcs.putComment = async () => ({
    kind: "unavailable",
    message: "limit",
    retryAfterMs: 600_000,
    waitsForAll: true,
  });
  await lab.open(1, FILES);
  const jobs = () =>
    rows(sql`
      select job.attempts, round(extract(epoch from job.run_at - now()) / 60)::int as minutes,
        (select array_agg(flag order by flag) from jsonb_object_keys(job.flags) flag) as flags
      from graphile_worker.jobs job where key = 'perform:publish:' || (select id from pull_request)
    `);
  expect(await jobs()).toMatchObject([{ attempts: 0, minutes: 10 }]);
  // Whoever takes it all the same finds the lane closed, and asks nobody.
  const [wish] = await rows(sql<{ key: string }>`select key from outbox where done < wanted`);
  lab.vcs.putComment = () => Promise.reject(new Error("asked too soon"));
  await lab.engine.perform(wish?.key ?? "");
  const waits = await jobs();
  expect(waits).toMatchObject([{ attempts: 0, flags: ["host:fake", "installation:fake:host"] }]);
  // It is not one that was forgotten.
  await rows(sql`update outbox set created_at = now() - interval '1 hour'`);
  await lab.engine.tick();
  expect(await jobs()).toEqual(waits);
  lab.vcs.putComment = putComment;
  const comment = async () => {
    await rows(sql`update outbox set not_before = now()`);
    await lab.drain();
    return lab.vcs.comments.get("1:terrane") ?? "";
  };
  await expect.poll(comment, { timeout: 15_000 }).toContain("net");
});
