import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import type { Doubt } from "../../src/ports/standing-store.ts";
import { type EngineLab, engineLab } from "../support/engine-lab.ts";

let lab: EngineLab;
let number = 0;

beforeEach(async () => {
  number = 0;
  lab = await engineLab();
});

afterEach(async () => {
  await lab.close();
});

async function opened(): Promise<number> {
  number += 1;
  const file = `app-${number}/main.tf`;
  lab.vcs.files = [...lab.vcs.files, file];
  await lab.open(number, [file]);
  return number;
}

async function doubt(change: Partial<Doubt>, delivery: string = randomUUID()): Promise<string> {
  const told = { installation: "host", whole: false, repositories: [], ...change };
  return await lab.engine.deliver("fake", { kind: "doubt", deliveryId: delivery, doubt: told });
}

async function looked(): Promise<void> {
  await lab.engine.tick();
  await lab.drain();
}

async function repositories(): Promise<readonly Record<string, unknown>[]> {
  const { rows } = await sql<Record<string, unknown>>`
    select installation.external_id as installation, installation.state as of_installation,
      repository.state, full_name, default_branch, repository.doubted_at is not null as doubted
    from repository join installation on installation.id = repository.installation_id
  `.execute(lab.database.statements);
  return rows;
}

async function reasonsOf(pull: number): Promise<readonly string[]> {
  const { rows } = await sql<{ codes: readonly string[] }>`
    select array(select reason ->> 'code' from jsonb_array_elements(reasons) as reason) as codes
    from decision join pull_request on pull_request.id = decision.pull_request_id
    where number = ${pull} order by decision.id desc limit 1
  `.execute(lab.database.statements);
  return rows[0]?.codes ?? [];
}

async function openRuns(): Promise<number> {
  const { rows } = await sql`select from run where state <> 'ended'`.execute(
    lab.database.statements,
  );
  return rows.length;
}

const STANDINGS: readonly (readonly [string, Partial<Doubt>, () => void])[] = [
  ["removed", { whole: true }, () => void lab.vcs.states.set("host", "removed")],
  ["suspended", { whole: true }, () => void lab.vcs.states.set("host", "suspended")],
  [
    "archived",
    { repositories: ["repo-1"] },
    () => {
      lab.vcs.stands = { archived: true };
    },
  ],
  [
    "taken away",
    { repositories: ["repo-1"] },
    () => {
      lab.vcs.stands = "gone";
    },
  ],
];

test.each(STANDINGS)(
  "where it is %s running work ends, nothing is started or shown, and all goes on when that is over",
  async (_, about, change) => {
    const pull = await opened();
    expect(await openRuns()).toBe(1);
    const started = lab.ci.started.length;
    change();
    expect(await doubt(about)).toBe("stored");
    const comments = new Map(lab.vcs.comments);
    await looked();
    expect(await reasonsOf(pull)).toEqual(["run_cancelled", "not_served"]);
    expect(await openRuns()).toBe(0);
    await lab.hear(pull, { kind: "pull_request", number: pull, action: "pushed" });
    await lab.say(pull, "bob", "terrane plan");
    await lab.drain();
    expect(await reasonsOf(pull)).toEqual(["not_served"]);
    expect(lab.ci.started).toHaveLength(started);
    expect(lab.vcs.comments).toEqual(comments);
    const { rows } = await sql<{ error: string }>`
      select distinct error from outbox where error is not null
    `.execute(lab.database.statements);
    expect(rows).toEqual([{ error: expect.stringMatching(/installation|repository/) as string }]);
    expect(
      (await sql`select from outbox where dead`.execute(lab.database.statements)).rows,
    ).toEqual([]);

    lab.vcs.states.clear();
    lab.vcs.stands = {};
    await doubt(about);
    await looked();
    expect(await openRuns()).toBe(1);
    expect(lab.ci.started).toHaveLength(started + 1);
    await lab.plans(await lab.claim(pull));
    await lab.drain();
  },
);

test("T7 a webhook alone ends nothing: the VCS is asked", async () => {
  await opened();
  await doubt({ whole: true, repositories: ["repo-1"] });
  await looked();
  expect(await openRuns()).toBe(1);
  expect(await repositories()).toMatchObject([{ of_installation: "active", state: "served" }]);
  await lab.plans(await lab.claim(number));
  await lab.drain();
});

test("a doubt that nobody could settle stays, and one that comes twice is one", async () => {
  await opened();
  lab.vcs.states.set("host", "removed");
  lab.vcs.down = true;
  expect(await doubt({ whole: true }, "twice")).toBe("stored");
  expect(await doubt({ whole: true }, "twice")).toBe("duplicate");
  await lab.engine.tick();
  expect(await repositories()).toMatchObject([{ of_installation: "active" }]);
  lab.vcs.down = false;
  await sql`update installation set doubted_at = now() where doubted_at is not null`.execute(
    lab.database.statements,
  );
  await looked();
  expect(await repositories()).toMatchObject([{ of_installation: "removed" }]);
});

test("a doubt about nothing that we know is ignored with the reason", async () => {
  expect(await doubt({ installation: "elsewhere", whole: true })).toBe("no_target");
});

test("S15 a repository that moves to another installation keeps its id, its history and its pull requests", async () => {
  const pull = await opened();
  const [before] = (
    await sql<{ id: string }>`select id from repository`.execute(lab.database.statements)
  ).rows;
  lab.vcs.stands = { installation: "other-host", fullName: "globex/infra", defaultBranch: "trunk" };
  // Told by whoever has it now: nothing but a hint, until the VCS says the same.
  await lab.engine.receive("fake", {
    deliveryId: randomUUID(),
    installation: "other-host",
    repository: { id: "repo-1", fullName: "globex/infra", defaultBranch: "trunk" },
    what: { kind: "pull_request", number: pull, action: "edited" },
  });
  expect(await repositories()).toMatchObject([{ installation: "host", full_name: "acme/infra" }]);
  await looked();
  expect(await repositories()).toEqual([
    {
      installation: "other-host",
      of_installation: "active",
      state: "served",
      full_name: "globex/infra",
      default_branch: "trunk",
      doubted: false,
    },
  ]);
  const { rows } = await sql<{ id: string; pulls: string }>`
    select repository.id, count(*) as pulls from repository
    join pull_request on repository_id = repository.id group by 1
  `.execute(lab.database.statements);
  expect(rows).toEqual([{ id: present(before, "a repository").id, pulls: String(number) }]);
});

test("S15, T16: somebody else's installation takes no repository by naming it", async () => {
  await opened();
  await lab.engine.receive("fake", {
    deliveryId: randomUUID(),
    installation: "mallory",
    repository: { id: "repo-1", fullName: "mallory/infra", defaultBranch: "evil" },
    what: { kind: "pull_request", number, action: "edited" },
  });
  await looked();
  expect(await repositories()).toMatchObject([
    { installation: "host", full_name: "acme/infra", default_branch: "main" },
  ]);
});

test("T7 a default branch that only a webhook names does not last", async () => {
  await opened();
  await lab.engine.receive("fake", {
    deliveryId: randomUUID(),
    installation: "host",
    repository: { id: "repo-1", fullName: "acme/infra", defaultBranch: "evil" },
    what: { kind: "pull_request", number, action: "edited" },
  });
  await looked();
  expect(await repositories()).toMatchObject([{ default_branch: "main", doubted: false }]);
});
