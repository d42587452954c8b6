import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import type { DirspaceKey } from "../../src/core/change/dirspace.ts";
import type { AccountId, PullRequestId } from "../../src/core/ids.ts";
import type { PullRequestView } from "../../src/core/pull-request.ts";
import { startAlarmClock } from "../../src/main/alarm-clock.ts";
import { createDeciding } from "../../src/main/deciding.ts";
import { putOffEffect, wakeEffect } from "../../src/store/engine/jobs.ts";
import { SILENT } from "../../src/store/engine/ring.ts";
import { runnerStore } from "../../src/store/runner/store.ts";
import { inTransaction } from "../../src/store/transaction.ts";
import { sha } from "../support/core-world.ts";
import { type EngineLab, engineLab } from "../support/engine-lab.ts";
import { quiet } from "../support/quiet.ts";

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

test("S11 a plan has not seen an apply that ended between its beginning and its first heartbeat", async () => {
  await applying(1);
  const applies = await lab.claim();
  await lab.open(2, FILES);
  lab.ci.started.splice(0, lab.ci.started.length - 1);
  // The second one's job begins to plan while the first one has not applied yet …
  const plans = await lab.claim();
  expect(await lab.applies(applies)).toEqual([]);
  // … and says so, and what it came to, when the apply has ended.
  await lab.plans(plans);
  expect(lab.ci.started.at(-1)?.title).toContain("#2.2");
});

test("L40 a wish that came while its elder failed for good is not lost with it", async () => {
  await lab.open(1, FILES);
  const { putComment } = lab.vcs;
  lab.vcs.putComment = async () => {
    lab.vcs.putComment = putComment;
    await lab.engine.command(
      await theOnly(),
      { id: "id-bob" as AccountId, login: "bob" },
      "terrane help",
      "api",
    );
    await lab.engine.advance(await theOnly());
    return { kind: "rejected", message: "not this one" };
  };
  await lab.say(1, "bob", "terrane plam");
  expect(lab.vcs.comments.get("1:terrane")).toContain("terrane help");
});

test("L40 a forge that takes no checks gets the comment all the same", async () => {
  lab.vcs.putCheck = async () => ({ kind: "forbidden", message: "no permission for checks" });
  // The checks are tried again: the permission may come.
  await expect(lab.open(1, FILES)).rejects.toThrow("no permission for checks");
  expect(lab.vcs.comments.get("1:terrane")).toContain("net");
});

test("L40 the check of an older commit is ended once that is allowed again", async () => {
  await lab.open(1, FILES);
  const view = present(lab.vcs.views.get(1), "the pull request is open");
  const status = () => lab.vcs.ownChecks.get(`terrane plan:${view.headSha}`)?.status;
  expect(status()).not.toBe("completed");
  const { putCheck } = lab.vcs;
  lab.vcs.putCheck = (repo, draft) =>
    draft.commit === view.headSha
      ? Promise.resolve({ kind: "forbidden", message: "the installation is suspended" })
      : putCheck.call(lab.vcs, repo, draft);
  lab.vcs.views.set(1, { ...view, headSha: sha(500) });
  await lab.hear(1, { kind: "pull_request", number: 1, action: "pushed" });
  await expect(lab.drain()).rejects.toThrow("the installation is suspended");
  expect(status()).not.toBe("completed");
  lab.vcs.putCheck = putCheck;
  await lab.drain();
  expect(status()).toBe("completed");
});

test("L33 a pause of an effect that has grown to hours is cut short", async () => {
  lab.vcs.putComment = async () => ({
    kind: "unavailable",
    message: "the forge is away",
    retryAfterMs: undefined,
  });
  await expect(lab.open(1, FILES)).rejects.toThrow("the forge is away");
  const { statements } = lab.database;
  await sql`update outbox set created_at = now() - interval '1 hour'`.execute(statements);
  await sql`
    update graphile_worker._private_jobs set attempts = 9, run_at = now() + interval '2 hours'
  `.execute(statements);
  await lab.engine.tick();
  const { rows } = await sql<{ soon: boolean }>`
    select run_at < now() + interval '2 minutes' as soon from graphile_worker.jobs
    where key like 'perform:publish:%'
  `.execute(statements);
  expect(rows).toEqual([{ soon: true }]);
});

test("L40 two edits of one comment are made one after the other", async () => {
  const key = "publish:pull";
  const wish = () =>
    inTransaction(lab.database, (tx) => wakeEffect(tx, { key, kind: "publish", priority: 5 }));
  let now = 0;
  let most = 0;
  let done = 0;
  const clock = startAlarmClock({
    listens: true,
    database: lab.database,
    lanes: { closed: () => [] },
    engine: {
      admit: () => Promise.resolve(),
      async perform() {
        now += 1;
        most = Math.max(most, now);
        if (done === 0) await wish();
        await sleep(1_500);
        now -= 1;
        done += 1;
      },
    },
    bell: SILENT,
    log: { ...quiet, debug: () => undefined },
    alone: true,
  });
  await wish();
  await expect.poll(() => done, { timeout: 15_000 }).toBe(2);
  await clock.stop();
  expect(most).toBe(1);
});

test("L42 what waits for a closed lane is not even taken, and is once it is open", async () => {
  const put = (key: string, lanes: readonly string[]) =>
    inTransaction(lab.database, (tx) =>
      putOffEffect(tx, { key, kind: "merge", priority: 0 }, 0, lanes),
    );
  let closed: readonly string[] = ["installation:slow:1"];
  const done: string[] = [];
  const clock = startAlarmClock({
    listens: true,
    database: lab.database,
    lanes: { closed: () => closed },
    engine: {
      admit: () => Promise.resolve(),
      async perform(key) {
        done.push(key);
      },
    },
    bell: SILENT,
    log: { ...quiet, debug: () => undefined },
    alone: true,
  });
  for (let n = 0; n < 20; n++) await put(`merge:slow-${n}`, ["host:slow", "installation:slow:1"]);
  await put("merge:quick", ["host:quick", "installation:quick:1"]);
  await expect.poll(() => done, { timeout: 15_000 }).toEqual(["merge:quick"]);
  const { rows } = await sql`
    select from graphile_worker.jobs where key like 'perform:merge:slow%' and attempts = 0
  `.execute(lab.database.statements);
  expect(rows).toHaveLength(20);
  closed = [];
  await expect.poll(() => done.length, { timeout: 15_000 }).toBe(21);
  await clock.stop();
});

async function theOnly(): Promise<PullRequestId> {
  const { rows } = await sql<{ id: PullRequestId }>`
    select id from pull_request
  `.execute(lab.database.statements);
  const [only] = rows;
  if (only === undefined) throw new Error("there is none");
  return only.id;
}

test("L36 what a job asks about one unit does not read the others", async () => {
  const files = ["app/main.tf", "db/main.tf", "net/main.tf"];
  lab.vcs.files = files;
  await lab.open(1, files);
  await lab.plans(await lab.claim());
  await lab.say(1, "bob", "terrane apply");
  const session = await lab.claim();
  const digest = session.run.units.find((unit) => unit.dirspace === UNIT)?.plan?.digest ?? "";
  const snapshot = await runnerStore(lab.database).unitSnapshot(session, UNIT);
  expect(snapshot.dirspaces.map((state) => state.key)).toEqual([UNIT]);
  expect(snapshot.runs.flatMap((run) => run.works)).toEqual([{ dirspace: UNIT, state: "queued" }]);
  expect(await lab.engine.runner.plan(session, UNIT, digest)).toBeDefined();
  expect(
    await lab.engine.runner.plan(session, "app:default" as DirspaceKey, digest),
  ).toBeUndefined();
  expect(await lab.engine.runner.grant(session, UNIT, digest)).toMatchObject({ kind: "granted" });
});

test("L37 a burst of events about one pull request asks the VCS once for each", async () => {
  await lab.open(1, FILES);
  const { pullRequest } = lab.vcs;
  let calls = 0;
  lab.vcs.pullRequest = async (...asked) => {
    calls += 1;
    await sleep(50);
    return pullRequest.apply(lab.vcs, asked);
  };
  for (let n = 0; n < 20; n++) await lab.hear(1, { kind: "review", number: 1 });
  const { database, engine } = lab;
  const log = { ...quiet, debug: () => undefined };
  const deciding = createDeciding(() => engine, log);
  deciding.ring(await theOnly());
  const waiting = async () => {
    const { rows } = await sql`select from event where state = 'pending'`.execute(
      database.statements,
    );
    return rows.length;
  };
  await expect.poll(waiting, { timeout: 30_000 }).toBe(0);
  await deciding.stop();
  expect(calls).toBe(20);
});

test("a superseded plan leaves the queue, and its CI job is cancelled", async () => {
  const id = await lab.open(1, FILES);
  const old = newestAttempt();
  lab.vcs.views.set(1, { ...lab.vcs.views.get(1), headSha: sha(500) } as PullRequestView);
  await lab.hear(1, { kind: "pull_request", number: 1, action: "pushed" });
  await lab.drain();
  expect(lab.ci.cancelled).toEqual([old]);
  expect(lab.ci.started).toHaveLength(2);
  // Its place is kept until the CI system says that it has ended (S9).
  const places = () =>
    sql<{ state: string }>`
    select state from ci_job where pull_request_id = ${id} order by seq
  `.execute(lab.database.statements);
  expect((await places()).rows.map((row) => row.state)).toEqual(["admitted", "admitted"]);
  await lab.engine.ciEnded(old, "cancelled");
  await lab.drain();
  expect((await places()).rows.map((row) => row.state)).toEqual(["ended", "admitted"]);
});

test.each(["pullRequest", "permission"] as const)(
  "S24 an event that was overtaken while it asked for %s does not bring an older view back",
  async (question) => {
    const id = await lab.open(1, FILES);
    const { vcs } = lab;
    const postpone = (pause: string) =>
      sql`
        update event set not_before = now() + ${pause}::interval
        where state = 'pending' and kind = 'pull_request_changed'
      `.execute(lab.database.statements);
    await lab.hear(1, { kind: "pull_request", number: 1, action: "edited" });
    await postpone("1 hour");
    const author = { id: "id-bob" as AccountId, login: "bob" };
    vcs.said.set("c1", { number: 1, author, body: "terrane plan" });
    const comment = { commentId: "c1", author, body: "terrane plan" };
    await lab.hear(1, { kind: "comment", number: 1, ...comment });
    // The other event is due again, and another server decides it before the answer comes.
    const ask = vcs[question].bind(vcs) as (...args: unknown[]) => Promise<never>;
    vcs[question] = async (...args: unknown[]) => {
      vcs[question] = ask;
      const answer = await ask(...args);
      const view = vcs.views.get(1);
      if (view !== undefined) vcs.views.set(1, { ...view, title: "Newer" });
      await postpone("-1 second");
      await lab.engine.advance(id);
      return answer;
    };
    await lab.engine.advance(id);
    const { rows } = await sql<{ title: string; waiting: string }>`
      select view ->> 'title' as title,
        (select count(*) from event where state = 'pending') as waiting
      from pull_request where id = ${id}
    `.execute(lab.database.statements);
    expect(rows).toEqual([{ title: "Newer", waiting: "0" }]);
  },
);
