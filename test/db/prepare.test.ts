import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Instant } from "../../src/base/brand.ts";
import { canonicalJson } from "../../src/base/canonical-json.ts";
import type { DirspaceKey } from "../../src/core/change/dirspace.ts";
import type { RepositoryIndex } from "../../src/core/change/repository-index.ts";
import { evaluate } from "../../src/core/evaluate.ts";
import type { Happening } from "../../src/core/event.ts";
import type { Answer } from "../../src/core/fact.ts";
import type { EventId } from "../../src/core/ids.ts";
import type { Snapshot } from "../../src/core/snapshot.ts";
import { type EngineLab, engineLab, type LabSession } from "../support/engine-lab.ts";

let lab: EngineLab;
let number = 0;

beforeAll(async () => {
  lab = await engineLab();
  lab.vcs.config = "indexer: {enabled: true}\n";
  lab.vcs.files = ["modules/net/main.tf"];
});

afterAll(() => lab.close());

/** A pull request that changes a module, which one directory of its own calls. */
async function opened(changed = ["modules/net/main.tf"]): Promise<{
  readonly session: LabSession;
  readonly index: RepositoryIndex;
}> {
  number += 1;
  const dir = `live/t${number}`;
  lab.vcs.files = [...lab.vcs.files, `${dir}/main.tf`];
  await lab.open(number, changed);
  const session = await lab.claim();
  const references = [{ kind: "module", dir: "modules/net" } as const];
  return { session, index: { directories: [{ dir, references }], symlinks: [], problems: [] } };
}

async function jobs(): Promise<number> {
  const { rows } = await sql<{ n: string }>`
    select count(*) as n from attempt join run on run.id = attempt.run_id
    join pull_request on pull_request.id = run.pull_request_id where pull_request.number = ${number}
  `.execute(lab.database.statements);
  return Number(rows[0]?.n);
}

test("a job reads the code, gets what it affects, and no second job is started", async () => {
  const { session, index } = await opened();
  expect(session.run).toMatchObject({ kind: "plan", prepares: ["index"], units: [] });
  const { runner } = lab.engine;
  expect(await runner.next(session)).toEqual({ kind: "wait" });
  expect(await runner.indexed(session, session.run.headSha, index)).toBe("recorded");
  await lab.drain();
  const next = await runner.next(session);
  if (next.kind !== "filled") throw new Error(next.kind);
  expect(next.run.units.map(({ dirspace }) => dirspace)).toEqual([`live/t${number}:default`]);
  await lab.plans({ ...session, run: next.run });
  expect(await jobs()).toBe(1);
  // What is known of a commit is known for ever: later events start nothing.
  await lab.hear(number, { kind: "pull_request", number, action: "edited" });
  await lab.drain();
  expect(await jobs()).toBe(1);
  const { rows } = await sql<{ answer: unknown }>`
    select answer from commit_fact where key = ${`index:${session.run.headSha}`}
  `.execute(lab.database.statements);
  expect(rows).toEqual([{ answer: { kind: "index", index } }]);
});

test("the same index again is fine, another one is not, and neither changes what is kept", async () => {
  const { session, index } = await opened();
  const { runner } = lab.engine;
  const { headSha } = session.run;
  expect(await runner.indexed(session, headSha, index)).toBe("recorded");
  expect(await runner.indexed(session, headSha, index)).toBe("repeated");
  expect(await runner.indexed(session, headSha, { ...index, directories: [] })).toBe("conflict");
  await lab.drain();
  expect(await runner.next(session)).toMatchObject({ kind: "filled" });
});

test("a job whose change affects nothing is told that it is done", async () => {
  const { session, index } = await opened(["README.md"]);
  const { runner } = lab.engine;
  await runner.indexed(session, session.run.headSha, index);
  await lab.drain();
  expect(await runner.next(session)).toEqual({ kind: "over", outcome: "finished" });
  await runner.finish(session, undefined);
  await lab.drain();
  expect(await jobs()).toBe(1);
});

test("S13 after a push the old head's index is refused, and the new head gets a job", async () => {
  const { session, index } = await opened();
  const view = lab.vcs.views.get(number);
  if (view === undefined) throw new Error("no view");
  lab.vcs.views.set(number, { ...view, headSha: `${"e".repeat(38)}${10 + number}` as never });
  await lab.hear(number, { kind: "pull_request", number, action: "pushed" });
  await lab.drain();
  const { runner } = lab.engine;
  expect(await runner.indexed(session, session.run.headSha, index)).toBe("over");
  expect(await runner.next(session)).toEqual({ kind: "over", outcome: "superseded" });
  expect(await jobs()).toBe(2);
});

test("an index for a run that knew its dirspaces from the start is refused", async () => {
  const { session, index } = await opened();
  const { runner } = lab.engine;
  await runner.indexed(session, session.run.headSha, index);
  await lab.drain();
  const next = await runner.next(session);
  if (next.kind !== "filled") throw new Error(next.kind);
  await lab.plans({ ...session, run: next.run });
  await lab.say(number, "bob", "terrane plan");
  const again = await lab.claim();
  expect(again.run.prepares).toEqual([]);
  expect(await runner.indexed(again, again.run.headSha, index)).toBe("not_asked");
});

test("S30 decisions about code that was read are made again, byte for byte", async () => {
  const { rows } = await sql<StoredDecision>`
    select decision.*, event.received_at, (
      select coalesce(json_object_agg(commit_fact.key, commit_fact.answer), '{}') from commit_fact
      where commit_fact.key = any(decision.commit_facts)
    ) as kept
    from decision join event on event.id = decision.event_id order by decision.id
  `.execute(lab.database.statements);
  const kinds = new Set<unknown>();
  for (const row of rows) {
    const facts = new Map(Object.entries({ ...row.facts, ...row.kept }));
    const snapshot = { ...row.snapshot, held: new Set(row.snapshot.held) };
    const at = row.received_at.getTime() as Instant;
    const again = evaluate(snapshot, { id: row.event_id, at, what: row.happening }, facts);
    const { writes, effects, reasons } = row;
    for (const { kind } of writes) kinds.add(kind);
    expect(canonicalJson(JSON.parse(JSON.stringify(again)))).toBe(
      canonicalJson({ kind: "decide", writes, effects, reasons }),
    );
  }
  expect([...kinds]).toContain("fill_run");
});

interface StoredDecision {
  readonly event_id: EventId;
  readonly received_at: Date;
  readonly happening: Happening;
  readonly snapshot: Omit<Snapshot, "held"> & { readonly held: readonly DirspaceKey[] };
  readonly facts: Readonly<Record<string, Answer>>;
  readonly kept: Readonly<Record<string, Answer>>;
  readonly writes: readonly { readonly kind: string }[];
  readonly effects: unknown;
  readonly reasons: readonly unknown[];
}
