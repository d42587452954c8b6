import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import type { DirspaceKey } from "../../src/core/change/dirspace.ts";
import type { EventId } from "../../src/core/ids.ts";
import { replayDecisions } from "../../src/main/replay.ts";
import { engineStore } from "../../src/store/engine/store.ts";
import { person, sha } from "../support/core-world.ts";
import { digestOf, type EngineLab, engineLab } from "../support/engine-lab.ts";

let lab: EngineLab;
let number = 0;

beforeAll(async () => {
  lab = await engineLab();
  lab.vcs.files = [];
});

afterAll(() => lab.close());

/** Each test has directories of its own, so that none locks another out. */
async function opened(dirs: readonly string[] = ["net"]): Promise<{
  readonly number: number;
  readonly unit: (dir: string) => DirspaceKey;
}> {
  number += 1;
  const own = number;
  const files = dirs.map((dir) => `t${own}/${dir}/main.tf`);
  lab.vcs.files = [...lab.vcs.files, ...files];
  await lab.open(own, files);
  return { number: own, unit: (dir) => `t${own}/${dir}:default` as DirspaceKey };
}

function comment(pull: number): string {
  return lab.vcs.comments.get(`${pull}:terrane`) ?? "";
}

async function count(table: string): Promise<number> {
  const { rows } = await sql<{ n: string }>`
    select count(*) as n from ${sql.table(table)}
  `.execute(lab.database.statements);
  return Number(rows[0]?.n);
}

test("the whole journey: open, plan, apply, merge; the comment follows and no lock stays", async () => {
  const pull = await opened(["net", "app"]);
  expect(lab.ci.started.at(-1)?.title).toContain(`#${pull.number}.1`);
  await lab.plans(await lab.claim());
  expect(comment(pull.number)).toContain("2 to apply");
  await lab.say(pull.number, "bob", "terrane apply");
  expect(await lab.applies(await lab.claim())).toEqual([]);
  expect(comment(pull.number)).toContain("2 applied");
  expect(await count("lock")).toBe(2);
  const view = lab.vcs.views.get(pull.number);
  if (view !== undefined) {
    lab.vcs.views.set(pull.number, { ...view, state: "merged", mergeSha: sha(9) });
  }
  await lab.hear(pull.number, { kind: "pull_request", number: pull.number, action: "closed" });
  await lab.drain();
  expect(await count("lock")).toBe(0);
});

test("S20 the end of a CI job, once acknowledged, is looked at although the server that heard it is gone", async () => {
  await opened();
  const { attempt } = present(lab.ci.started.at(-1), "a job was started");
  await lab.started(attempt, "4711");
  await lab.drain();
  const due = async () => {
    const { rows } = await sql<{ due: boolean }>`
      select asked_at is null as due from attempt where id = ${attempt}
    `.execute(lab.database.statements);
    return rows[0]?.due;
  };
  await sql`update attempt set asked_at = now() where id = ${attempt}`.execute(
    lab.database.statements,
  );
  const store = engineStore(lab.database, () => randomUUID() as EventId);
  const before = [await count("delivery"), await count("ignored_delivery")];
  // The store alone: whoever heard it died before asking the CI system.
  expect(await store.intakeCiEnded("fake", "ended-1", "4711")).toBe("stored");
  expect(await due()).toBe(true);
  expect(await store.intakeCiEnded("fake", "ended-1", "4711")).toBe("stored");
  expect(await store.intakeCiEnded("fake", "ended-2", "nobody's")).toBe("no_target");
  const after = [await count("delivery"), await count("ignored_delivery")];
  expect(after).toEqual([(before[0] ?? 0) + 1, (before[1] ?? 0) + 1]);
});

test("T7 a comment that the VCS does not have is no command, and gets no answer", async () => {
  const pull = await opened();
  await lab.plans(await lab.claim());
  const [jobs, seen, calls] = [lab.ci.started.length, comment(pull.number), lab.vcs.calls.length];
  const { number: on } = pull;
  const said = { author: person("bob"), body: "terrane apply" };
  await lab.hear(on, { kind: "comment", number: on, commentId: "invented", ...said });
  await lab.drain();
  expect([lab.ci.started.length, comment(on)]).toEqual([jobs, seen]);
  expect(lab.vcs.calls.slice(calls)).toEqual(["comment"]);
});

test("S22 a delivery that comes twice is stored once", async () => {
  const what = { kind: "review", number: 9_000 } as const;
  const id = "the-same-delivery";
  const both = await Promise.all([lab.hear(9_000, what, id), lab.hear(9_000, what, id)]);
  expect(both.toSorted()).toEqual(["duplicate", "stored"]);
  await lab.drain();
});

test("S1 the index refuses a second apply of a dirspace, whatever the code above it believes", async () => {
  const pull = await opened();
  await lab.plans(await lab.claim());
  await lab.say(pull.number, "bob", "terrane apply");
  const session = await lab.claim();
  const unit = pull.unit("net");
  const digest = session.run.units[0]?.plan?.digest ?? "";
  expect(await lab.engine.runner.grant(session, unit, digest)).toMatchObject({ kind: "granted" });
  const second = sql`
    insert into work (run_id, dirspace_id, pull_request_id, op, state, seq, unit, head_sha, base_sha,
      confirmed_base_sha, fence_seen, fence)
    select other.id, work.dirspace_id, work.pull_request_id, 'apply', 'granted', 99, work.unit,
      work.head_sha, work.base_sha, work.confirmed_base_sha, 0, 99
    from work, run other where work.run_id = ${session.run.runId} and other.kind = 'plan'
      and other.pull_request_id = work.pull_request_id limit 1
  `.execute(lab.database.statements);
  await expect(second).rejects.toMatchObject({ code: "23505" });
  await lab.engine.runner.report(
    session,
    unit,
    { outcome: "applied", fence: 1, outputs: [], text: "" },
    1,
  );
  await lab.engine.runner.finish(session, { failure: undefined });
  await lab.drain();
});

test("S5 a permission to apply is given once", async () => {
  const pull = await opened();
  await lab.plans(await lab.claim());
  await lab.say(pull.number, "bob", "terrane apply");
  const session = await lab.claim();
  const digest = session.run.units[0]?.plan?.digest ?? "";
  const twice = await Promise.all([
    lab.engine.runner.grant(session, pull.unit("net"), digest),
    lab.engine.runner.grant(session, pull.unit("net"), digest),
  ]);
  expect(twice.map((one) => one.kind).toSorted()).toEqual(["granted", "refused"]);
});

test("S10 a push between the command and the apply stops the apply", async () => {
  const pull = await opened();
  await lab.plans(await lab.claim());
  await lab.say(pull.number, "bob", "terrane apply");
  const session = await lab.claim();
  const view = lab.vcs.views.get(pull.number);
  if (view !== undefined) lab.vcs.views.set(pull.number, { ...view, headSha: sha(500 + number) });
  expect(await lab.applies(session)).toEqual(["HEAD_MOVED"]);
  expect(await heldBy(pull.number)).toBe(0);
});

test("S12 another plan than the reviewed one is not granted", async () => {
  const pull = await opened();
  await lab.plans(await lab.claim());
  await lab.say(pull.number, "bob", "terrane apply");
  const session = await lab.claim();
  const swapped = digestOf(pull.unit("net"), "another run");
  expect(await lab.engine.runner.grant(session, pull.unit("net"), swapped)).toMatchObject({
    kind: "refused",
    code: "PLAN_SWAPPED",
  });
});

test("S2 a result that carries another fence than the grant is refused", async () => {
  const pull = await opened();
  await lab.plans(await lab.claim());
  await lab.say(pull.number, "bob", "terrane apply");
  const session = await lab.claim();
  const digest = session.run.units[0]?.plan?.digest ?? "";
  await lab.engine.runner.grant(session, pull.unit("net"), digest);
  const report = { outcome: "applied", fence: 77, outputs: [], text: "" } as const;
  expect(await lab.engine.runner.report(session, pull.unit("net"), report, 1)).toBe("bad_fence");
});

/** As by a CI system that does not say which run it started. */
async function openedUnnamed(): ReturnType<typeof opened> {
  const { answer } = lab.ci;
  lab.ci.answer = () => ({ kind: "started", ciRun: undefined, url: undefined });
  try {
    return await opened();
  } finally {
    lab.ci.answer = answer;
  }
}

test("S26 the first job that claims has the attempt", async () => {
  await openedUnnamed();
  await lab.claim();
  const { attempt } = present(lab.ci.started.at(-1), "nothing started");
  const other = await lab.engine.runner.claim(attempt, "repo-1/another-run/jti-2", "a");
  expect(other).toMatchObject({ kind: "refused", code: "ALREADY_CLAIMED" });
  const foreign = await lab.engine.runner.claim(attempt, "repo-2/x/jti-3", "a");
  expect(foreign).toMatchObject({ kind: "refused", code: "IDENTITY_REFUSED" });
});

test("S26 only the CI run that was started may claim its attempt", async () => {
  await opened();
  const attempt = present(lab.ci.started.at(-1), "nothing started").attempt;
  const other = await lab.engine.runner.claim(attempt, "repo-1/another-run/jti-4", "a");
  expect(other).toMatchObject({
    kind: "refused",
    status: 409,
    code: "OTHER_CI_RUN",
    message: expect.stringContaining(`belongs to the CI run ci-${attempt}, not to another-run`),
  });
  expect((await lab.claim()).run.units).not.toEqual([]);
});

test("S26 a job that claimed before the CI system named another one has nothing", async () => {
  await openedUnnamed();
  const { runner } = lab.engine;
  const attempt = present(lab.ci.started.at(-1), "nothing started").attempt;
  const early = await runner.claim(attempt, "repo-1/early/jti-5", "a");
  if (early.kind !== "claimed") throw new Error(early.kind);
  const session = present(await runner.session(early.credential), "no session");
  await runner.heartbeat(session, []);
  const store = engineStore(lab.database, () => randomUUID() as EventId);
  await store.attemptStarted(attempt, `ci-${attempt}`, undefined);
  expect(await runner.session(early.credential)).toBeUndefined();
  const again = await runner.claim(attempt, "repo-1/early/jti-6", "a");
  expect(again).toMatchObject({ kind: "refused", code: "OTHER_CI_RUN" });
  expect((await lab.claim()).run.units).not.toEqual([]);
});

test("S28 a result that came twice is recorded once, a different one is a conflict", async () => {
  const pull = await opened();
  const session = await lab.claim();
  const unit = pull.unit("net");
  const failed = {
    outcome: "failed",
    failure: { step: "plan", message: "no", tail: "", exitCode: 1, signal: null },
    fence: undefined,
  } as const;
  expect(await lab.engine.runner.report(session, unit, failed, 1)).toBe("recorded");
  expect(await lab.engine.runner.report(session, unit, failed, 1)).toBe("repeated");
  const waiting = { outcome: "waiting", for: [] } as const;
  expect(await lab.engine.runner.report(session, unit, waiting, 1)).toBe("conflict");
});

test("S8 an apply waits behind whoever holds the lock, and says when its turn has come", async () => {
  number += 1;
  const shared = `t${number}/net/main.tf`;
  lab.vcs.files = [...lab.vcs.files, shared];
  const first = number;
  await lab.open(first, [shared]);
  await lab.plans(await lab.claim());
  number += 1;
  const second = number;
  await lab.open(second, [shared]);
  await lab.plans(await lab.claim());
  await lab.say(first, "bob", "terrane apply");
  expect(await lab.applies(await lab.claim())).toEqual([]);
  await lab.say(second, "bob", "terrane apply");
  expect(comment(second)).toContain(`#${first}`);
  expect(comment(second)).toMatch(/locked/i);
  await lab.say(first, "bob", "terrane unlock");
  expect(comment(second)).toContain("It is your turn");
  expect(comment(second)).not.toMatch(/ was refused$/m);
});

test("L35 a job that cannot be started ends its run with the reason", async () => {
  const answer = lab.ci.answer;
  lab.ci.answer = () => ({ kind: "not_found", message: "there is no workflow file" });
  const pull = await opened();
  lab.ci.answer = answer;
  expect(comment(pull.number)).toContain("there is no workflow file");
});

test("P1 while the VCS is down events wait, and go on by themselves when it is back", async () => {
  lab.vcs.down = true;
  await expect(opened()).rejects.toThrow("did not answer");
  lab.vcs.down = false;
  await lab.drain();
  expect(comment(number)).toContain("1 dir");
});

test("S30 every stored decision is made again, byte for byte, from what was stored with it", async () => {
  const report = await replayDecisions(lab.database, { limit: 10_000 });
  expect(report.replayed).toBeGreaterThan(30);
  expect(report).toMatchObject({ same: report.replayed, different: [], notReplayable: [] });
});

test("S30 a decision that was not made from what is stored with it is reported as different", async () => {
  const { rows } = await sql<{ id: string; reasons: string }>`
    select id::text, reasons::text from decision where kind = 'commented' order by id desc limit 1
  `.execute(lab.database.statements);
  const [row] = rows;
  const put = (reasons: string) =>
    sql`update decision set reasons = ${reasons}::jsonb where id = ${row?.id}`.execute(
      lab.database.statements,
    );
  await put('[{"code": "disabled"}]');
  const report = await replayDecisions(lab.database, { limit: 10_000 });
  expect(report.different).toMatchObject([{ decision: row?.id, parts: ["reasons"] }]);
  await put(row?.reasons ?? "[]");
});

test("P4 a decision outlives its event: it is replayed and explained without it", async () => {
  const { rows } = await sql<{ id: string; event_id: string }>`
    select id::text, event_id from decision order by id desc limit 1
  `.execute(lab.database.statements);
  await sql`delete from event where id = ${rows[0]?.event_id}`.execute(lab.database.statements);
  const report = await replayDecisions(lab.database, { limit: 1 });
  expect(report).toMatchObject({ replayed: 1, same: 1 });
});

async function heldBy(pull: number): Promise<number> {
  const { rows } = await sql<{ n: string }>`
    select count(*) as n from lock join pull_request on pull_request.id = lock.pull_request_id
    where pull_request.number = ${pull}
  `.execute(lab.database.statements);
  return Number(rows[0]?.n);
}
