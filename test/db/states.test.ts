import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { NEXT_RUN_STATES } from "../../src/core/run/run.ts";
import { NEXT_WORK_STATES } from "../../src/core/run/work.ts";
import { type Database, openDatabase } from "../../src/store/pool.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { quiet } from "../support/quiet.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/reference/states.md"), "utf8");

let created: TestDatabase;
let database: Database;

beforeEach(async () => {
  created = await createTestDatabase();
  database = openDatabase({ url: created.url, log: quiet });
});

afterEach(async () => {
  await database.close();
  await created.drop();
});

type Table = Readonly<Record<string, readonly string[]>>;

function moves(table: Table): readonly string[] {
  return Object.entries(table)
    .flatMap(([from, next]) => next.map((to) => `${from} --> ${to}`))
    .toSorted();
}

/** The moves that the database lets through, tried out one by one on a table with nothing but its trigger. */
async function allowed(table: Table, trigger: string, columns: string): Promise<readonly string[]> {
  const states = Object.keys(table);
  const { rows } = await sql<{ move: string }>`
    do $try$
    declare a text; b text;
    begin
      create table tried (${sql.raw(columns)}, state text);
      create table through (move text);
      create trigger tried before update of state on tried
        for each row execute function ${sql.raw(trigger)}();
      foreach a in array array[${sql.raw(states.map((one) => `'${one}'`).join(","))}] loop
        foreach b in array array[${sql.raw(states.map((one) => `'${one}'`).join(","))}] loop
          begin
            delete from tried;
            insert into tried (state) values (a);
            update tried set state = b;
            if a <> b then insert into through values (a || ' --> ' || b); end if;
          exception when check_violation then null;
          end;
        end loop;
      end loop;
    end $try$
  `
    .execute(database.statements)
    .then(() => sql<{ move: string }>`select move from through`.execute(database.statements));
  return rows.map((row) => row.move).toSorted();
}

function drawn(heading: string): readonly string[] {
  const section = PAGE.split(/^## /m).find((one) => one.startsWith(`${heading}\n`)) ?? "";
  const lines = section.split("\n").map((line) => line.trim());
  return lines.filter((line) => /^\w+ --> \w+$/.test(line)).toSorted();
}

test("S28 the database lets a run make the moves of the table and no others", async () => {
  expect(await allowed(NEXT_RUN_STATES, "run_moves", "id text, outcome text")).toEqual(
    moves(NEXT_RUN_STATES),
  );
});

test("S3 S28 the database lets a work make the moves of the table and no others", async () => {
  expect(await allowed(NEXT_WORK_STATES, "work_moves", "run_id text")).toEqual(
    moves(NEXT_WORK_STATES),
  );
});

test("S28 an ended run keeps its outcome", async () => {
  await sql`
    create table tried (id text, state text, outcome text);
  `.execute(database.statements);
  await sql`
    create trigger tried before update of state, outcome on tried
    for each row execute function run_moves()
  `.execute(database.statements);
  await sql`insert into tried values ('r', 'ended', 'lost')`.execute(database.statements);
  await expect(
    sql`update tried set outcome = 'finished'`.execute(database.statements),
  ).rejects.toThrow("has ended as lost");
});

test("the page about states draws the moves of the tables", () => {
  expect(drawn("Run")).toEqual(moves(NEXT_RUN_STATES));
  expect(drawn("A dirspace inside a run")).toEqual(moves(NEXT_WORK_STATES));
});
