import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import type { Instant } from "../../src/base/brand.ts";
import type { DirspaceKey } from "../../src/core/change/dirspace.ts";
import type { EventId, PullRequestId } from "../../src/core/ids.ts";
import { lockDifference } from "../../src/core/lock/expected-locks.ts";
import { project } from "../../src/core/project.ts";
import { JOB_CAPS } from "../../src/core/schedule/caps.ts";
import type { EngineStore } from "../../src/ports/engine-store.ts";
import type { ReportStore } from "../../src/ports/report-store.ts";
import { reportStore } from "../../src/store/engine/reported.ts";
import { engineStore } from "../../src/store/engine/store.ts";
import { sha } from "../support/core-world.ts";
import { type EngineLab, engineLab } from "../support/engine-lab.ts";

let lab: EngineLab;
let store: EngineStore & ReportStore;
let number = 0;
/** Of this test, so that none locks another out. */
let dirs: readonly string[] = [];

beforeAll(async () => {
  lab = await engineLab();
  const newId = () => randomUUID() as EventId;
  store = { ...engineStore(lab.database, newId), ...reportStore(lab.database, JOB_CAPS) };
  lab.vcs.files = [];
});

afterAll(() => lab.close());

beforeEach(() => {
  number += 10;
  dirs = ["a", "b"].map((dir) => `t${number}/${dir}`);
  lab.vcs.files = [...lab.vcs.files, ...dirs.map((dir) => `${dir}/main.tf`)];
});

/** Opened and planned. */
async function opened(own: readonly string[] = dirs): Promise<number> {
  number += 1;
  await lab.open(
    number,
    own.map((dir) => `${dir}/main.tf`),
  );
  await lab.plans(await lab.claim());
  return number;
}

async function merge(pull: number): Promise<void> {
  const view = present(lab.vcs.views.get(pull), "it was opened");
  lab.vcs.views.set(pull, { ...view, state: "merged", mergeSha: sha(9) });
  await lab.hear(pull, { kind: "pull_request", number: pull, action: "closed" });
  await lab.drain();
}

function comment(pull: number): string {
  return lab.vcs.comments.get(`${pull}:terrane`) ?? "";
}

async function idOf(pull: number): Promise<PullRequestId> {
  const { rows } = await sql<{ id: PullRequestId }>`
    select id from pull_request where number = ${pull}
  `.execute(lab.database.statements);
  return present(rows[0], "it is known").id;
}

async function snapshotOf(pull: number) {
  const known = await store.reported(await idOf(pull));
  return present(known, "it is known").snapshot;
}

async function queue(): Promise<readonly string[]> {
  const { rows } = await sql<{ number: number; turn: boolean }>`
    select pull_request.number, turn_since is not null as turn
    from lock_wait join pull_request on pull_request.id = pull_request_id
    where pull_request.number >= ${Math.floor(number / 10) * 10} order by place
  `.execute(lab.database.statements);
  return rows.map((row) => `${row.number}${row.turn ? "!" : ""}`);
}

test("S8 an apply waits behind whoever owns and whoever came before, and is told of its turn in its comment", async () => {
  const [first, second, third] = [await opened(), await opened(), await opened()];
  await lab.say(first, "bob", "terrane apply");
  expect(await lab.applies(await lab.claim())).toEqual([]);
  // Applying outdated their plans; they are made again.
  for (const pull of [second, third]) await lab.plans(await lab.claim(pull));
  await lab.say(second, "bob", "terrane apply");
  await lab.say(third, "bob", "terrane apply");
  expect(await queue()).toEqual([`${second}`, `${third}`]);
  expect(comment(third)).toContain("position 2 of 2");
  expect(comment(third)).toContain(`#${second}`);
  for (const pull of [first, second, third]) {
    expect(lockDifference(await snapshotOf(pull)), `S7 #${pull}`).toEqual({
      missing: [],
      extra: [],
    });
  }
  await merge(first);
  expect(await queue()).toEqual([`${second}!`, `${third}`]);
  expect(comment(second)).toContain("It is your turn");
});

test("L42 an unused turn is found once it is old and somebody waits behind it", async () => {
  const [first, second, third] = [await opened(), await opened(), await opened()];
  await lab.say(first, "bob", "terrane apply");
  await lab.applies(await lab.claim());
  for (const pull of [second, third]) await lab.plans(await lab.claim(pull));
  await lab.say(second, "bob", "terrane apply");
  await lab.say(first, "bob", "terrane unlock");
  expect(await queue()).toEqual([`${second}!`]);
  const id = await idOf(second);
  const lapsed = async (afterMs: number) => {
    const all = await store.lapsedTurns(afterMs);
    return all.filter(({ pullRequest }) => pullRequest === id).length;
  };
  const old = () =>
    sql`
      update lock_wait set turn_since = now() - interval '2 hours'
      where pull_request_id = ${id} and turn_since is not null
    `.execute(lab.database.statements);
  await old();
  expect(await lapsed(3_600_000)).toBe(0);
  await lab.say(third, "bob", "terrane apply");
  await old();
  expect(await lapsed(3 * 3_600_000)).toBe(0);
  expect(await lapsed(3_600_000)).toBe(1);
  await lab.engine.tick();
  await lab.drain();
  expect(await queue()).toEqual([`${third}!`]);
  expect(comment(second)).toContain("The turn has lapsed");
});

test("S7 S8 what is stored of locks and waits reads as the core projects it", async () => {
  const pull = await opened();
  const id = await idOf(pull);
  const keys = dirs.map((dir) => `${dir}:default` as DirspaceKey);
  const at = 1_700_000_000_000 as Instant;
  const asked = { baseRef: "main", actor: "bob", command: "terrane apply", since: at };
  const steps = [
    { kind: "wait", place: "last", dirspaces: keys, ...asked },
    { kind: "set_turn", since: (at + 5) as Instant },
    { kind: "wait", place: "kept", dirspaces: keys.slice(1), ...asked, command: "terrane apply x" },
    { kind: "take_locks", dirspaces: keys, because: "applied", baseRef: "main" },
    { kind: "leave_queue" },
    { kind: "take_locks", dirspaces: keys, because: "merged", baseRef: "dev" },
    { kind: "wait", place: "last", dirspaces: keys, ...asked },
    { kind: "release_locks", dirspaces: keys.slice(1) },
  ] as const;
  for (const write of steps) {
    const event = randomUUID() as EventId;
    await store.append(id, event, { kind: "review_changed" });
    const before = await snapshotOf(pull);
    await store.takeTurn(id, (turn) =>
      turn.save(turn.snapshot, { kind: "decide", writes: [write], effects: [], reasons: [] }),
    );
    const after = await snapshotOf(pull);
    expect(plain(after), write.kind).toEqual(plain(project(before, write, at)));
  }
});

/** Numbers of a sequence and the clock of the database are its own; their order and sameness count. */
function plain({ dirspaces, pullRequest }: Awaited<ReturnType<typeof snapshotOf>>) {
  const all = dirspaces.flatMap(({ locks, waits }) =>
    [...locks, ...waits].map(({ place }) => place),
  );
  const ranks = [...new Set([...all, ...(pullRequest.wait ? [pullRequest.wait.place] : [])])].sort(
    (a, b) => a - b,
  );
  const rank = <T extends { readonly place: number }>(one: T) => ({
    ...one,
    place: ranks.indexOf(one.place),
    since: undefined,
  });
  return {
    wait: pullRequest.wait && rank(pullRequest.wait),
    dirspaces: dirspaces.map(({ key, locks, waits }) => ({
      key,
      locks: locks.map(rank),
      waits: waits.map(rank),
    })),
  };
}

test("S1 S8 of two applies that are decided at the same time over the same dirspaces one is permitted, and the other waits", async () => {
  const pulls = [await opened(), await opened([...dirs].reverse())];
  await Promise.all(
    pulls.map(async (pull) => {
      const id = await idOf(pull);
      await store.append(id, randomUUID() as EventId, {
        kind: "command_given",
        actor: { id: "id-bob" as never, login: "bob" },
        text: "terrane apply",
        via: "api",
      });
    }),
  );
  await Promise.all(pulls.map(async (pull) => lab.engine.advance(await idOf(pull))));
  await lab.drain();
  const { rows } = await sql<{ n: string }>`
    select count(distinct pull_request_id) as n from lock
    join pull_request on pull_request.id = pull_request_id where number = any(${pulls})
  `.execute(lab.database.statements);
  expect(rows[0]?.n).toBe("1");
  expect(await queue()).toHaveLength(1);
  const started = await Promise.all(pulls.map(snapshotOf));
  const applies = started.flatMap(({ runs }) => runs.filter(({ kind }) => kind === "apply"));
  expect(applies).toHaveLength(1);
});

test("S1 S3 the database gives up an apply only where contact was lost", async () => {
  const pull = await opened();
  await lab.say(pull, "bob", "terrane apply");
  const move = (to: string) =>
    sql`
      update work set state = ${to} from pull_request
      where pull_request.id = work.pull_request_id and number = ${pull} and op = 'apply'
    `.execute(lab.database.statements);
  await expect(move("abandoned")).rejects.toThrow(/may not move from queued to abandoned/);
  await sql`
    update work set state = 'granted', fence = 1 from pull_request
    where pull_request.id = work.pull_request_id and number = ${pull} and op = 'apply'
  `.execute(lab.database.statements);
  await expect(move("abandoned")).rejects.toThrow(/may not move from granted to abandoned/);
  await move("unknown");
  await move("abandoned");
  await expect(move("applied")).rejects.toThrow(/may not move from abandoned to applied/);
});

test("S7 what was closed after an apply owns what it grew by, once nobody else does", async () => {
  const [one = "", other = ""] = dirs;
  const first = await opened([one]);
  await lab.say(first, "bob", "terrane apply");
  await lab.applies(await lab.claim());
  const second = await opened([other]);
  await lab.say(second, "bob", "terrane apply");
  await lab.applies(await lab.claim());
  const view = present(lab.vcs.views.get(first), "it was opened");
  const files = [`${one}/main.tf`, `${other}/main.tf`];
  lab.vcs.changed.set(
    first,
    files.map((path) => ({ kind: "modified", path })),
  );
  const pushed = { ...view, headSha: sha(5000 + first) };
  lab.vcs.views.set(first, pushed);
  await lab.hear(first, { kind: "pull_request", number: first, action: "pushed" });
  await lab.drain();
  lab.vcs.views.set(first, { ...pushed, state: "closed" });
  await lab.hear(first, { kind: "pull_request", number: first, action: "closed" });
  await lab.drain();
  await lab.say(second, "bob", "terrane unlock");
  expect(lockDifference(await snapshotOf(first))).toEqual({ missing: [], extra: [] });
  expect((await snapshotOf(first)).dirspaces.map(({ locks }) => locks.length)).toEqual([1, 1]);
});
