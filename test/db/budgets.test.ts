import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { budgetStore } from "../../src/store/views/budgets.ts";
import { type EngineLab, engineLab } from "../support/engine-lab.ts";

let lab: EngineLab;

beforeAll(async () => {
  lab = await engineLab();
  lab.vcs.files = ["net/main.tf"];
});

afterAll(() => lab.close());

function backlog(vcs: readonly string[] = ["fake"]) {
  return budgetStore(lab.database).installations(vcs);
}

async function put(rows: readonly (readonly [key: string, kind: string, more?: string])[]) {
  const { statements } = lab.database;
  await sql`delete from outbox`.execute(statements);
  for (const [key, kind, more = ""] of rows) {
    await sql`
      insert into outbox (key, pull_request_id, effect, priority, not_before, rests, dead, done)
      select ${key}, id, ${JSON.stringify({ kind, key })}::jsonb, 1, '2026-01-02T03:04:05Z'::timestamptz
        + ${Number.parseInt(more, 10) || 0} * interval '1 second',
        ${more.includes("rests")}, ${more.includes("dead")}, ${more.includes("done") ? 1 : 0}
      from pull_request limit 1
    `.execute(statements);
  }
}

test("of each installation that is known it is told what is not done yet, by kind, the next first", async () => {
  await lab.open(1, ["net/main.tf"]);
  await put([
    ["a", "publish", "30"],
    ["b", "publish", "20"],
    ["c", "publish", "10 rests"],
    ["d", "dispatch", "5"],
    // Done, given up, or nothing that a VCS hears of.
    ["e", "publish", "1 done"],
    ["f", "merge", "2 dead"],
    ["g", "tell_neighbours", "3"],
  ]);
  const at = (seconds: number) => Date.parse("2026-01-02T03:04:05Z") + seconds * 1_000;
  expect(await backlog()).toEqual([
    {
      vcs: "fake",
      installation: expect.any(String),
      owner: "acme",
      repositories: 1,
      waiting: [
        { what: "dispatch", rests: false, count: 1, nextAt: at(5) },
        { what: "publish", rests: true, count: 1, nextAt: at(10) },
        { what: "publish", rests: false, count: 2, nextAt: at(20) },
      ],
    },
  ]);
  expect(await backlog(["other"])).toEqual([]);
});

test("an installation with repositories of several owners has none of them for a name", async () => {
  await put([]);
  await sql`
    insert into repository (installation_id, external_id, full_name, default_branch)
    select installation_id, 'second', 'zeta/infra', 'main' from repository limit 1
  `.execute(lab.database.statements);
  expect(await backlog()).toMatchObject([{ owner: undefined, repositories: 2, waiting: [] }]);
});
