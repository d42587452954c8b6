import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { routes } from "../../src/contract/api.ts";
import { ClaimReply, INDEX_BYTES_MAX, NextReply } from "../../src/contract/work.ts";
import { type Ask, type HttpLab, httpLab } from "../support/http-lab.ts";

/** The door for jobs that read code, and what tries to get in with something else. */
let http: HttpLab;
let number = 0;

beforeAll(async () => {
  http = await httpLab();
  http.lab.vcs.config = "indexer: {enabled: true}\n";
});

afterAll(() => http.close());

interface Job {
  readonly work: ClaimReply["work"];
  readonly call: (path: string, ask?: Ask) => Promise<Response>;
}

async function claimed(): Promise<Job> {
  number += 1;
  const file = `x${number}/main.tf`;
  http.lab.vcs.files = [...http.lab.vcs.files, file];
  await http.lab.open(number, [file]);
  const attempt = http.lab.ci.started.at(-1)?.attempt ?? "";
  const authorization = `Bearer repo-1/ci-${attempt}/${randomUUID()}`;
  const path = `/api/v1/runner/attempts/${encodeURIComponent(attempt)}/claim`;
  const reply = await http.ask(path, { method: "POST", headers: { authorization } });
  const { work, credential } = ClaimReply.parse(await reply.json());
  const call = (to: string, ask: Ask = {}) =>
    http.ask(`/api/v1/runner/runs/${encodeURIComponent(work.runId)}/${to}`, {
      method: "POST",
      ...ask,
      headers: { authorization: `Bearer ${credential}` },
    });
  return { work, call };
}

const EMPTY = { directories: [], symlinks: [], problems: [] };

function body({ headSha: commit }: ClaimReply["work"], index: object = EMPTY) {
  return { format: 1, commit, index };
}

async function codeOf(response: Response): Promise<unknown> {
  const { error } = (await response.json()) as { error?: { code: string } };
  return [response.status, error?.code];
}

test("a job reports what the code refers to and gets its units from the same door", async () => {
  const { work, call } = await claimed();
  expect(work).toMatchObject({ kind: "plan", prepares: ["index"], units: [] });
  expect(await (await call("index", { body: body(work) })).json()).toEqual({ recorded: true });
  // The server decides while the job waits.
  const waiting = call("next");
  await http.lab.drain();
  const next = NextReply.parse(await (await waiting).json());
  if (next.kind !== "work") throw new Error(next.kind);
  expect(next.work).toMatchObject({
    runId: work.runId,
    headSha: work.headSha,
    units: [{ dir: `x${number}`, workspace: "default" }],
  });
});

test("what a job read counts when the change of its pull request is tried", async () => {
  const { work, call } = await claimed();
  const mine = number;
  const [repository] = (await (await http.call("/api/v1/repositories")).json()) as { id: string }[];
  const path = `/api/v1/repositories/${repository?.id}/affected`;
  http.lab.vcs.files = [...http.lab.vcs.files, "modules/net/main.tf"];
  const ask = { changed: "modules/net/main.tf", pullRequest: mine };
  const tried = async () =>
    routes.affected.reply.parse(await (await http.call(path, { body: ask })).json());
  expect((await tried()).diagnostics).toMatchObject([{ code: "code_not_read" }]);
  const references = [{ kind: "module", dir: "modules/net" }];
  const index = { ...EMPTY, directories: [{ dir: `x${mine}`, references }] };
  await call("index", { body: body(work, index) });
  const found = await tried();
  expect(found.diagnostics).toEqual([]);
  expect(found.dirspaces.map(({ dir }) => dir)).toEqual([`x${mine}`]);
});

test("an index of another commit is refused with its own reason", async () => {
  const { work, call } = await claimed();
  const forged = { ...body(work), commit: "f".repeat(40) };
  expect(await codeOf(await call("index", { body: forged }))).toEqual([409, "INDEX_OTHER_COMMIT"]);
});

test("an index for another run than the credential's is refused", async () => {
  const [mine, theirs] = [await claimed(), await claimed()];
  const path = `../${encodeURIComponent(theirs.work.runId)}/index`;
  const response = await mine.call(path, { body: body(theirs.work) });
  expect(response.status).toBe(404);
});

test("an index that is replayed with other content is refused", async () => {
  const { work, call } = await claimed();
  await call("index", { body: body(work) });
  expect(await (await call("index", { body: body(work) })).json()).toEqual({ recorded: false });
  const forged = { ...EMPTY, symlinks: [{ path: "a", target: "b" }] };
  const response = await call("index", { body: body(work, forged) });
  expect(await codeOf(response)).toEqual([409, "INDEX_CONFLICT"]);
});

test("an index that is too large, or none at all, is refused", async () => {
  const { work, call } = await claimed();
  const problems = [{ path: "x", message: "y".repeat(INDEX_BYTES_MAX) }];
  const large = await call("index", { body: body(work, { ...EMPTY, problems }) });
  expect(await codeOf(large)).toEqual([413, "TOO_LARGE"]);
  const none = await call("index", { body: body(work, { directories: "all" }) });
  expect(await codeOf(none)).toEqual([400, "BAD_BODY"]);
  const long = { ...EMPTY, symlinks: [{ path: "a".repeat(5_000), target: "b" }] };
  expect(await codeOf(await call("index", { body: body(work, long) }))).toEqual([400, "BAD_BODY"]);
});

test("a run that is over takes no index, and its job hears that there is nothing to do", async () => {
  const { work, call } = await claimed();
  const view = http.lab.vcs.views.get(number);
  if (view === undefined) throw new Error("no view");
  http.lab.vcs.views.set(number, { ...view, state: "closed" });
  await http.lab.hear(number, { kind: "pull_request", number, action: "closed" });
  await http.lab.drain();
  expect(await codeOf(await call("index", { body: body(work) }))).toEqual([410, "RUN_OVER"]);
  expect(await (await call("next")).json()).toEqual({ kind: "done", finished: false });
});

const BUILDER = "config_builder: {enabled: true, script: ./config}\n";

/** A job that builds a configuration first. */
async function building(): Promise<Job> {
  const before = http.lab.vcs.config;
  http.lab.vcs.config = BUILDER;
  try {
    return await claimed();
  } finally {
    http.lab.vcs.config = before;
  }
}

function built({ headSha: commit }: ClaimReply["work"], text: string) {
  return { format: 1, commit, what: "config", text };
}

test("a job gets the script and the input of a builder, and goes on with what that makes", async () => {
  const { work, call } = await building();
  expect(work).toMatchObject({
    prepares: ["config"],
    units: [],
    builder: { script: "./config", stdin: expect.stringContaining('"config_builder"') },
  });
  http.lab.vcs.config = BUILDER;
  const waiting = call("next");
  const text = `dirs: {x${number}: {workspaces: {blue: {}}}}\n`;
  expect(await (await call("built", { body: built(work, text) })).json()).toEqual({
    recorded: true,
  });
  await waiting;
  await http.lab.drain();
  const next = NextReply.parse(await (await call("next")).json());
  http.lab.vcs.config = "indexer: {enabled: true}\n";
  expect(next).toMatchObject({
    kind: "work",
    work: { units: [{ dir: `x${number}`, workspace: "blue" }] },
  });
});

test("what a builder printed is refused of another commit, unasked, a second time, and too long", async () => {
  const { work, call } = await building();
  const send = async (body: object) => await codeOf(await call("built", { body }));
  const forged = { ...built(work, ""), commit: "f".repeat(40) };
  expect(await send(forged)).toEqual([409, "INDEX_OTHER_COMMIT"]);
  const tree = { format: 1, commit: work.headSha, what: "tree", tree: { files: [] } };
  expect(await send(tree)).toEqual([409, "INDEX_NOT_ASKED"]);
  expect(await send({ ...tree, tree: { files: ["a"] } })).toEqual([400, "BAD_BODY"]);
  expect(await send(built(work, "x".repeat(300_000)))).toEqual([400, "BAD_BODY"]);
  expect(await send(built(work, "tags: {}\n"))).toEqual([200, undefined]);
  expect(await send(built(work, "tags: {}\nparallel_runs: 9\n"))).toEqual([409, "INDEX_CONFLICT"]);
});
