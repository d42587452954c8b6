import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import type { RepositoryIndex } from "../../src/core/change/repository-index.ts";
import { askedOf } from "../../src/core/run/preparing.ts";
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
  expect(await runner.next(session)).toMatchObject({
    kind: "preparing",
    run: { next: { what: "index" } },
  });
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

test("builders follow one after the other in the same job, and their answers stay", async () => {
  const before = lab.vcs.config;
  lab.vcs.config =
    "tree_builder: {enabled: true, script: ./files}\nconfig_builder: {enabled: true, script: ./config}\n";
  const { session } = await opened();
  const { runner } = lab.engine;
  const { headSha } = session.run;
  expect(session.run.next).toMatchObject({ order: { script: "./files" } });
  const tree = { files: [{ path: `live/t${number}/main.tf`, changed: true }] };
  const said = { kind: "built_tree", tree } as const;
  expect(await runner.built(session, "f".repeat(40), said)).toBe("other_commit");
  const early = { kind: "built_config", text: "" } as const;
  expect(await runner.built(session, headSha, early)).toBe("not_asked");
  expect(await runner.built(session, headSha, said)).toBe("recorded");
  await lab.drain();
  const second = await runner.next(session);
  if (second.kind !== "preparing") throw new Error(second.kind);
  expect(second.run.next?.order?.script).toBe("./config");
  expect(JSON.parse(second.run.next?.order?.input ?? "")).toMatchObject({
    dirs: { [`live/t${number}`]: {} },
  });
  const config = { kind: "built_config", text: "parallel_runs: 5\n" } as const;
  // A session is read with every request, so the job's next one knows what is asked now.
  const now = { ...session, run: second.run };
  expect(await runner.built(now, headSha, config)).toBe("recorded");
  expect(await runner.built(now, headSha, config)).toBe("repeated");
  expect(await runner.built(now, headSha, { ...config, text: "" })).toBe("conflict");
  await lab.drain();
  const last = await runner.next(session);
  if (last.kind !== "filled") throw new Error(last.kind);
  expect(last.run.units.map(({ dirspace }) => dirspace)).toEqual([`live/t${number}:default`]);
  expect(last.run.parallel).toBe(5);
  expect(last.run.next).toBeUndefined();
  expect(await jobs()).toBe(1);
  lab.vcs.config = before;
});

test("an answer that comes twice is not taken for one to what a builder is asked since", async () => {
  const before = lab.vcs.config;
  lab.vcs.config = "config_builder: {enabled: true, script: ./config}\n";
  const { session } = await opened();
  const { runner } = lab.engine;
  const { headSha } = session.run;
  const digest = askedOf(present(session.run.next, "what is asked").what);
  const said = { kind: "built_config", text: "parallel_runs: 5\n" } as const;
  expect(await runner.built(session, headSha, said, digest)).toBe("recorded");
  const view = present(lab.vcs.views.get(number), "a view");
  lab.vcs.views.set(number, { ...view, headRef: "renamed" });
  await lab.hear(number, { kind: "pull_request", number, action: "edited" });
  await lab.drain();
  const next = await runner.next(session);
  if (next.kind !== "preparing") throw new Error(next.kind);
  expect(next.run.next?.what).toMatch(/^built_config:/);
  const now = { ...session, run: next.run };
  expect(await runner.built(now, headSha, said, digest)).toBe("repeated");
  expect(await runner.next(session)).toMatchObject({ kind: "preparing" });
  lab.vcs.config = before;
});

test("S30 decisions about code that was read are made again, byte for byte", async () => {
  const report = await replayDecisions(lab.database, { limit: 1_000 });
  expect(report).toMatchObject({ same: report.replayed, different: [], notReplayable: [] });
  // Of five pull requests, three of which had their run filled.
  expect(report.replayed).toBeGreaterThan(15);
});
