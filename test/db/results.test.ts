import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { EventId, PullRequestId } from "../../src/core/ids.ts";
import { type EngineLab, engineLab } from "../support/engine-lab.ts";

/** Of each pull request its own, so that none waits for another. */
function files(number: number): readonly string[] {
  return ["a", "b", "c"].map((name) => `p${number}/${name}/main.tf`);
}

/** `a` by one strategy, `b` by another; nobody speaks of `c`. */
function config(number: number, first: string, second = first): string {
  return `notifications:
  policies:
    - {tag_query: "dir:p${number}/a", comment_strategy: ${first}}
    - {tag_query: "dir:p${number}/b", comment_strategy: ${second}}
`;
}

let lab: EngineLab;

beforeAll(async () => {
  lab = await engineLab();
  lab.vcs.files = Array.from({ length: 10 }, (_, number) => files(number)).flat();
});

afterAll(() => lab.close());

beforeEach(() => {
  lab.vcs.config = undefined;
  lab.vcs.calls.length = 0;
  lab.vcs.down = false;
});

/** Comments about runs: `1:append`, `(2:minimize)` where it is hidden. */
function comments(number: number): readonly string[] {
  const start = `${number}:result:`;
  return [...lab.vcs.comments.keys()]
    .filter((id) => id.startsWith(start))
    .map((id) =>
      lab.vcs.outdated.has(id) ? `(${id.slice(start.length)})` : id.slice(start.length),
    )
    .toSorted();
}

function textOf(number: number, key: string): string {
  return lab.vcs.comments.get(`${number}:result:${key}`) ?? "";
}

async function planned(number: number): Promise<PullRequestId> {
  const id = await lab.open(number, files(number));
  await lab.plans(await lab.claim(number));
  return id;
}

async function again(number: number, command: string): Promise<void> {
  await lab.say(number, "ann", command);
  const session = await lab.claim(number);
  if (command.startsWith("terrane plan")) await lab.plans(session);
  else await lab.applies(session);
}

test("without a policy there is one comment, and nothing is wished for or looked up besides", async () => {
  lab.vcs.config = "notifications: {summary: {enabled: true}}\n";
  const id = await planned(1);
  expect([...lab.vcs.comments.keys()]).toEqual(["1:terrane"]);
  const { rows } = await sql`
    select from outbox where pull_request_id = ${id} and effect ->> 'kind' = 'publish_results'
  `.execute(lab.database.statements);
  expect(rows).toEqual([]);
});

test("append: each run that ends adds a comment about its dirspaces", async () => {
  lab.vcs.config = config(2, "append");
  await planned(2);
  expect(comments(2)).toEqual(["1:append"]);
  expect(textOf(2, "1:append")).toContain("### Plan run 1 · 2 dirspaces · 2 to apply");
  expect(textOf(2, "1:append")).not.toContain("<code>p2/c</code>");
  await again(2, "terrane plan");
  await again(2, "terrane apply dir:p2/a");
  expect(comments(2)).toEqual(["1:append", "2:append", "3:append"]);
  expect(textOf(2, "3:append")).toContain("### Apply run 3 · 1 dirspace · 1 applied");
});

test("minimize: a newer comment hides what it replaces, and takes over what is still current", async () => {
  lab.vcs.config = config(3, "minimize");
  await planned(3);
  await again(3, "terrane apply dir:p3/a");
  expect(comments(3)).toEqual(["(1:minimize)", "2:minimize"]);
  const text = textOf(3, "2:minimize");
  expect(text).toContain("### Apply run 2 · 1 dirspace · 1 applied");
  expect(text).toContain("Still so since earlier runs");
  expect(text).toContain("<code>p3/b</code>");
});

test("delete: a newer comment deletes what it replaces; strategies side by side are two comments", async () => {
  lab.vcs.config = config(4, "delete", "append");
  await planned(4);
  expect(comments(4)).toEqual(["1:append", "1:delete"]);
  await again(4, "terrane plan");
  expect(comments(4)).toEqual(["1:append", "2:append", "2:delete"]);
});

test("a run that dies is told as well, with what went wrong", async () => {
  lab.vcs.config = config(5, "minimize");
  await lab.open(5, files(5));
  const session = await lab.claim(5);
  await lab.engine.runner.finish(session, { failure: { message: "the machine is on fire" } });
  await lab.drain();
  expect(comments(5)).toEqual(["1:minimize"]);
  expect(textOf(5, "1:minimize")).toContain("the machine is on fire");
});

test("what could not be said because nobody was there is said once somebody is", async () => {
  lab.vcs.config = config(8, "minimize");
  await lab.open(8, files(8));
  const session = await lab.claim(8);
  await sql`update repository set state = 'archived', state_since = now()`.execute(
    lab.database.statements,
  );
  await lab.plans(session);
  expect(comments(8)).toEqual([]);
  await sql`update repository set state = 'served'`.execute(lab.database.statements);
  const { id } = session.run.pullRequest;
  await lab.ports.store.append(id, lab.ports.random.uuid() as EventId, {
    kind: "pull_request_changed",
    hint: "standing",
  });
  await lab.drain();
  expect(comments(8)).toEqual(["1:minimize"]);
});

test("one that may not be written now comes with the next, and nothing goes before it is there", async () => {
  lab.vcs.config = config(9, "minimize");
  await planned(9);
  const put = lab.vcs.putComment.bind(lab.vcs);
  lab.vcs.putComment = async (repo, number, draft) =>
    draft.key === "terrane"
      ? put(repo, number, draft)
      : { kind: "rejected", message: "The conversation is locked." };
  await again(9, "terrane plan");
  expect(comments(9)).toEqual(["1:minimize"]);
  lab.vcs.putComment = put;
  await again(9, "terrane apply dir:p9/a");
  // The second is not written any more: what of it holds stands in the third.
  expect(comments(9)).toEqual(["(1:minimize)", "3:minimize"]);
  expect(textOf(9, "3:minimize")).toContain("<code>p9/b</code>");
});

test("S25 L40 whatever is lost on the way, there is one comment for a run and a strategy", async () => {
  lab.vcs.config = config(6, "minimize");
  const id = await planned(6);
  const keep = lab.ports.store.keepPublication;
  // The server dies after the comment is written and before it knows that.
  let deaths = 1;
  const store = lab.ports.store as { keepPublication: typeof keep };
  store.keepPublication = async (pull, key, publication) => {
    if (key === "result:2:minimize" && publication.contentHash !== "" && deaths-- > 0)
      throw new Error("killed");
    await keep(pull, key, publication);
  };
  await expect(again(6, "terrane plan")).rejects.toThrow("killed");
  expect(comments(6)).toEqual(["1:minimize", "2:minimize"]);
  await lab.drain();
  store.keepPublication = keep;
  expect(comments(6)).toEqual(["(1:minimize)", "2:minimize"]);
  // Once more changes nothing.
  lab.vcs.calls.length = 0;
  await sql`
    update outbox set wanted = wanted + 1 where key = ${`results:${id}`}
  `.execute(lab.database.statements);
  await lab.drain();
  expect(lab.vcs.calls).toEqual([]);
});
