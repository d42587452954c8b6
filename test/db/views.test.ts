import { afterAll, beforeAll, expect, test } from "vitest";
import type { PullRequestId, RepositoryId } from "../../src/core/ids.ts";
import { JOB_CAPS } from "../../src/core/schedule/caps.ts";
import { runSummary, runView } from "../../src/http/view/run.ts";
import type { ViewStore } from "../../src/ports/view-store.ts";
import { viewStore } from "../../src/store/views/store.ts";
import { COUNTS, type EngineLab, engineLab } from "../support/engine-lab.ts";

let lab: EngineLab;
let views: ViewStore;
let repository: string;
let first: PullRequestId;

/** #1 applies `net` and keeps its lock; #2 wants `net` too and is refused; #3 is planned in part. */
beforeAll(async () => {
  lab = await engineLab();
  views = viewStore(lab.database, JOB_CAPS);
  lab.vcs.files = ["net/main.tf", "app/main.tf", "db/main.tf"];
  first = await lab.open(1, ["net/main.tf"]);
  await lab.plans(await lab.claim());
  await lab.open(2, ["net/main.tf", "app/main.tf"]);
  await lab.plans(await lab.claim());
  await lab.say(1, "bob", "terrane apply");
  await lab.applies(await lab.claim());
  await lab.say(2, "bob", "terrane apply");
  await lab.open(3, ["db/main.tf"]);
  repository = (await views.repositories())[0]?.id ?? "";
});

afterAll(() => lab.close());

test("a repository is listed with its open pull requests, and found by its id alone", async () => {
  expect(await views.repositories()).toMatchObject([
    { vcs: "fake", ref: { id: "repo-1", fullName: "acme/infra" }, openPullRequests: 3 },
  ]);
  expect(await views.repository(repository)).toMatchObject({ id: repository });
  expect(await views.repository("no uuid at all")).toBeUndefined();
});

test("what a repository left behind says how far its set-up is", async () => {
  const { rows } = await lab.database.pool.query<{ id: RepositoryId }>("select id from repository");
  const traces = await views.setupTraces(rows[0]?.id ?? ("" as RepositoryId));
  expect(traces).toMatchObject({
    pullRequest: 1,
    claimed: true,
    failedJob: undefined,
    plan: 1,
    apply: 1,
  });
  expect(traces.heardAt).toBeGreaterThan(Date.now() - 600_000);
  const none = await views.setupTraces("00000000-0000-0000-0000-000000000000" as RepositoryId);
  expect(none).toEqual({
    heardAt: undefined,
    pullRequest: undefined,
    claimed: false,
    failedJob: undefined,
    startedJob: false,
    plan: undefined,
    apply: undefined,
  });
});

test("the list counts each pull request's dirspaces by their phase", async () => {
  const list = await views.pullRequests();
  const found = new Map(list.map((one) => [one.pullRequest.number, one]));
  expect(found.get(1)).toMatchObject({ phases: ["applied"], locks: 1 });
  expect(found.get(2)).toMatchObject({ phases: ["planned", "planning"], locks: 0 });
  expect(found.get(3)).toMatchObject({ phases: ["planning"], locks: 0 });
});

test("the list follows what happens", async () => {
  const view = lab.vcs.views.get(3);
  if (view === undefined) throw new Error("there is no pull request 3");
  const phases = async () =>
    (await views.pullRequests()).find((one) => one.pullRequest.number === 3)?.phases;
  expect(await phases()).toEqual(["planning"]);
  await lab.plans(await lab.claim());
  expect(await phases()).toEqual(["planned"]);
});

test("open pull requests come before the others", async () => {
  await lab.open(9, []);
  const view = lab.vcs.views.get(9);
  if (view === undefined) throw new Error("there is no pull request 9");
  lab.vcs.views.set(9, { ...view, state: "closed" });
  await lab.hear(9, { kind: "pull_request", number: 9, action: "closed" });
  await lab.drain();
  const states = (await views.pullRequests()).map((one) => one.view.state);
  expect(states).toEqual(["open", "open", "open", "closed"]);
});

test("a pull request is found by repository and number, with its comment", async () => {
  const found = await views.pullRequest(repository, 1);
  expect(found).toMatchObject({ locks: 1, settled: true, view: { number: 1 } });
  expect(found?.comment).toContain("applied");
  expect(await views.pullRequest(repository, 77)).toBeUndefined();
  expect(await views.pullRequest("00000000-0000-0000-0000-000000000000", 1)).toBeUndefined();
});

test("nothing is settled while an event, an effect or a run waits", async () => {
  const settled = async () => (await views.pullRequest(repository, 1))?.settled;
  expect(await settled()).toBe(true);
  await lab.hear(1, { kind: "review", number: 1 });
  expect(await settled()).toBe(false);
  await lab.drain();
  expect(await settled()).toBe(true);
});

test("runs are listed newest first, of all or of one pull request", async () => {
  const mine = await views.runs(first);
  expect(mine.map((run) => [run.number, run.kind, run.state, run.outcome])).toEqual([
    [2, "apply", "ended", "finished"],
    [1, "plan", "ended", "finished"],
  ]);
  expect(mine[0]).toMatchObject({ units: 1, unitsEnded: 1, unitsFailed: 0, actor: "bob" });
  const times = (await views.runs(undefined)).map((run) => run.createdAt);
  expect(times).toEqual(times.toSorted((a, b) => b - a));
});

test("a run shows each of its units with what the runner reported", async () => {
  const [, plan] = await views.runs(first);
  if (plan === undefined) throw new Error("there is no plan run");
  expect(await views.run(plan.id)).toMatchObject({ id: plan.id, number: 1 });
  expect(await views.units(plan.id)).toMatchObject([
    { key: "net:default", state: "planned", changed: true, report: { counts: COUNTS } },
  ]);
  expect(await views.run("no-such-run")).toBeUndefined();
});

test("a failed unit is counted and keeps its failure", async () => {
  lab.vcs.files = [...lab.vcs.files, "bad/main.tf"];
  await lab.open(4, ["bad/main.tf"]);
  const failure = { step: "plan", message: "no", tail: "", exitCode: 1, signal: null };
  await lab.plans(await lab.claim(), {
    "bad:default": { outcome: "failed", failure, fence: undefined },
  });
  const run = (await views.runs(undefined)).find((one) => one.pullRequest.number === 4);
  if (run === undefined) throw new Error("there is no run");
  expect(run).toMatchObject({ units: 1, unitsEnded: 1, unitsFailed: 1 });
  expect(await views.units(run.id)).toMatchObject([{ state: "failed", report: { failure } }]);
});

test("a lock names its owner and who waits for it; where nobody owns, who goes first is named", async () => {
  expect(await views.locks()).toMatchObject([
    {
      pullRequest: { number: 1 },
      title: "Pull request 1",
      dir: "net",
      workspace: "default",
      because: "applied",
      applyInFlight: false,
      waiting: [2],
    },
    { pullRequest: { number: 2 }, dir: "app", because: "waits", inDoubt: false, waiting: [] },
  ]);
});

test("P4 every decision is kept with its reasons, newest first", async () => {
  const decisions = await views.decisions(first);
  const codes = decisions.flatMap((one) => one.reasons.map((reason) => reason.code));
  expect(codes).toContain("apply_started");
  expect(codes).toContain("plan_started");
  const times = decisions.map((one) => one.at);
  expect(times).toEqual(times.toSorted((a, b) => b - a));
});

test("changes are told from a number on, and the newest number is known", async () => {
  const before = await views.newestChange();
  expect(await views.changesAfter(before)).toEqual([]);
  await lab.say(1, "bob", "terrane help");
  const changes = await views.changesAfter(before);
  expect(changes).toMatchObject([{ repositoryId: repository, number: 1 }]);
  expect(await views.newestChange()).toBe(changes.at(-1)?.seq);
});

test("output is read in order from any chunk, and ends with its unit", async () => {
  lab.vcs.files = [...lab.vcs.files, "out/main.tf"];
  await lab.open(5, ["out/main.tf"]);
  const session = await lab.claim();
  const { runId } = session.run;
  const unit = "out:default";
  for (let seq = 0; seq < 70; seq++) {
    await lab.engine.runner.appendOutput(session, unit as never, seq, `${seq}\n`);
  }
  const page = await views.output(runId, unit, 0);
  expect(page).toMatchObject({ nextSeq: 64, ended: false });
  expect(page?.chunks.map((chunk) => chunk.seq)).toEqual([...Array(64).keys()]);
  expect(await views.output(runId, unit, 64)).toMatchObject({ nextSeq: 70, ended: false });
  await lab.plans(session);
  expect(await views.output(runId, unit, 64)).toMatchObject({ nextSeq: 70, ended: true });
  expect(await views.output(runId, unit, 70)).toEqual({ chunks: [], nextSeq: 70, ended: true });
  expect(await views.output(runId, "nothing", 0)).toBeUndefined();
});

test("S4 a run that was asked to stop is cancelling until it has ended, for all who look", async () => {
  lab.vcs.files = [...lab.vcs.files, "slow/main.tf"];
  await lab.open(6, ["slow/main.tf"]);
  await lab.plans(await lab.claim(6));
  await lab.say(6, "bob", "terrane apply");
  const job = await lab.claim(6);
  const [unit] = job.run.units;
  if (unit === undefined) throw new Error("the job has a unit");
  await lab.engine.runner.grant(job, unit.dirspace, unit.plan?.digest ?? "");
  await lab.say(6, "bob", "terrane unlock");
  const run = (await views.runs(undefined)).find((one) => one.pullRequest.number === 6);
  if (run === undefined) throw new Error("there is no run");
  expect(runView(run, await views.units(run.id))).toMatchObject({
    state: "running",
    standing: "cancelling",
    unitList: [{ state: "granted", standing: "cancelling" }],
  });
  expect(runSummary({ ...run, isUnknown: true }).standing).toBe("unknown");
  const comments = [...lab.vcs.comments.values()].join();
  expect(comments).toContain("was asked to stop and has not ended");
});
