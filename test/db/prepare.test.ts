import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RepositoryIndex } from "../../src/core/change/repository-index.ts";
import { replayDecisions } from "../../src/main/replay.ts";
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
  await runner.finish(session, { failure: undefined });
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
  const report = await replayDecisions(lab.database, { limit: 1_000 });
  expect(report).toMatchObject({ same: report.replayed, different: [], notReplayable: [] });
  // Of five pull requests, three of which had their run filled.
  expect(report.replayed).toBeGreaterThan(15);
});
