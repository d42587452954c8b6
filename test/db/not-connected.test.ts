import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import type { Ci } from "../../src/ports/ci.ts";
import type { Vcs } from "../../src/ports/vcs.ts";
import { type EngineLab, engineLab } from "../support/engine-lab.ts";

const FILES = ["net/main.tf"];

let lab: EngineLab;
/** The lab's own maps of adapters: an app goes and comes by them. */
let adapters: { readonly vcs: Map<string, Vcs>; readonly ci: Map<string, Ci> };

beforeEach(async () => {
  lab = await engineLab();
  lab.vcs.files = FILES;
  const { vcs, ci } = lab.ports;
  if (!(vcs instanceof Map) || !(ci instanceof Map)) throw new Error("the lab keeps no maps");
  adapters = { vcs, ci };
});
afterEach(() => lab.close());

function disconnect(): void {
  adapters.vcs.delete("fake");
  adapters.ci.delete("fake");
}

function connect(): void {
  adapters.vcs.set("fake", lab.vcs);
  adapters.ci.set("fake", lab.ci);
}

async function count(query: ReturnType<typeof sql<{ n: number }>>): Promise<number> {
  return (await query.execute(lab.database.statements)).rows[0]?.n ?? -1;
}

test("S20 what came for an app that was removed waits, and is decided when the app is back", async () => {
  const id = await lab.open(1, FILES);
  await lab.plans(await lab.claim());
  await lab.hear(1, { kind: "review", number: 1 });
  disconnect();
  expect(await lab.engine.advance(id)).toMatchObject({ kind: "postponed", pauseMs: 60_000 });
  connect();
  await lab.drain();
  const left = sql<{ n: number }>`select count(*)::int as n from event where state <> 'decided'`;
  expect(await count(left)).toBe(0);
});

test("S25 what was to be done through an app that was removed waits too, and is done when it is back", async () => {
  const { putComment } = lab.vcs;
  lab.vcs.putComment = () =>
    Promise.resolve({ kind: "unavailable", message: "not now", retryAfterMs: 1 });
  await lab.open(1, FILES);
  lab.vcs.putComment = putComment;
  const left = sql<{ key: string }>`select key from outbox where done < wanted`;
  const waiting = await left.execute(lab.database.statements);
  const key = waiting.rows[0]?.key ?? "none";
  disconnect();
  await lab.engine.perform(key);
  expect((await left.execute(lab.database.statements)).rows).toEqual(waiting.rows);
  const dead = sql<{ n: number }>`select count(*)::int as n from outbox where dead`;
  expect(await count(dead)).toBe(0);
  connect();
  await lab.engine.perform(key);
  expect((await left.execute(lab.database.statements)).rows).toEqual([]);
});

test("a job of an app that was removed is told to ask again, not that it is nobody's", async () => {
  await lab.open(1, FILES);
  const { attempt } = present(lab.ci.started[0], "no job was started");
  disconnect();
  const claimed = await lab.engine.runner.claim(attempt, "a-token", "an-audience");
  expect(claimed).toMatchObject({ kind: "unavailable" });
});
