import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import type { Happening } from "../../src/core/event.ts";
import type { EventId } from "../../src/core/ids.ts";
import { failureStore } from "../../src/store/views/failures.ts";
import { sha } from "../support/core-world.ts";
import { type EngineLab, engineLab } from "../support/engine-lab.ts";

let lab: EngineLab;
const FILES = ["net/main.tf"];

beforeEach(async () => {
  lab = await engineLab();
  lab.vcs.files = FILES;
});

afterEach(() => lab.close());

async function rows<T>(query: ReturnType<typeof sql<T>>): Promise<readonly T[]> {
  return (await query.execute(lab.database.statements)).rows;
}

test("L38 an event of a newer version waits for a server of that version, and lets others pass", async () => {
  const id = await lab.open(1, FILES);
  const newer = { kind: "from_the_future" } as unknown as Happening;
  const event = randomUUID() as EventId;
  await lab.ports.store.append(id, event, newer);
  for (let tried = 0; tried < 10; tried += 1) {
    await rows(sql`update event set not_before = now() where state = 'pending'`);
    expect(await lab.engine.advance(id)).toMatchObject({ kind: "postponed", pauseMs: 60_000 });
  }
  await lab.hear(1, { kind: "review", number: 1 }, "healthy");
  expect(await lab.engine.advance(id)).toMatchObject({ kind: "decided" });
  expect(await rows(sql`select state, attempts from event where id = ${event}`)).toEqual([
    { state: "pending", attempts: 10 },
  ]);
  // The newer one knows it.
  const known = { kind: "review_changed" };
  await rows(sql`
    update event set happening = ${JSON.stringify(known)}::jsonb, not_before = now() where id = ${event}
  `);
  expect(await lab.engine.advance(id)).toMatchObject({ kind: "decided" });
});

test("L38 S21 while an event of a newer version waits, a webhook that was lost is found all the same", async () => {
  const id = await lab.open(1, FILES);
  const newer = { kind: "from_the_future" } as unknown as Happening;
  await lab.ports.store.append(id, randomUUID() as EventId, newer);
  expect(await lab.engine.advance(id)).toMatchObject({ kind: "postponed" });
  const view = present(lab.vcs.views.get(1), "it was opened");
  lab.vcs.views.set(1, { ...view, headSha: sha(777) });
  await rows(sql`update repository set looked_at = null`);
  expect(await lab.engine.tick()).toEqual({ recovered: 1 });
});

test("L38 what no server comes to know in a day is set aside, and says why", async () => {
  const id = await lab.open(1, FILES);
  const newer = { kind: "from_the_future" } as unknown as Happening;
  const event = randomUUID() as EventId;
  await lab.ports.store.append(id, event, newer);
  await rows(sql`update event set attempts = 1440 where id = ${event}`);
  expect(await lab.engine.advance(id)).toMatchObject({ kind: "set_aside" });
  const [failed] = await failureStore(lab.database, { ring: () => undefined }).setAside();
  expect(failed).toMatchObject({ kind: "event", pullRequest: 1 });
});

test("S21 a number that never was is looked for once, and one that was heard of too early until it is there", async () => {
  await lab.open(1, FILES);
  await lab.hear(99, { kind: "pull_request", number: 99, action: "opened" });
  await lab.drain();
  const look = async () => {
    await rows(sql`update repository set looked_at = null`);
    return await lab.engine.tick();
  };
  expect(await look()).toEqual({ recovered: 0 });
  const view = present(lab.vcs.views.get(1), "it was opened");
  lab.vcs.views.set(99, { ...view, number: 99, headSha: sha(778) });
  expect(await look()).toEqual({ recovered: 1 });
});
