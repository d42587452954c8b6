import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startExisting } from "../../src/engine/start-existing.ts";
import type { CiJob } from "../../src/ports/ci.ts";
import { initiate, type Script, terrateam } from "../support/compatible-client.ts";
import { type CompatibleLab, codeOf, compatibleLab, PLANS } from "../support/compatible-lab.ts";
import { sha } from "../support/core-world.ts";
import { HOST } from "../support/http-lab.ts";

/** What may go wrong at the door of existing runners, and what somebody may try there. */
let lab: CompatibleLab;

beforeAll(async () => {
  lab = await compatibleLab();
});

afterEach(() => lab.endJobs());

afterAll(() => lab.http.close());

test("S26 another CI run is refused, whichever comes first", async () => {
  const job = await lab.opened();
  const other = await lab.run(lab.clientJob(job, { runId: "ci-other" }), PLANS);
  expect(other).toMatchObject({ code: 1, manifests: [] });
  expect(other.log.join()).toContain("OTHER_CI_RUN");
  expect((await lab.run(lab.clientJob(job), PLANS)).code).toBe(0);
});

test("S26 where the CI system said nothing, the first CI run that comes has the work", async () => {
  lab.restart(false);
  const job = await lab.opened();
  await initiate(lab.clientJob(job), lab.send, 1);
  const other = await lab.run(lab.clientJob(job, { runId: "ci-other" }), PLANS);
  expect(other.log.join()).toContain("ALREADY_CLAIMED");
  expect((await lab.run(lab.clientJob(job), PLANS)).code).toBe(0);
});

test("P6 an attempt that was started natively does not open to this door, nor does its id", async () => {
  lab.engine.ci.answer = (job) => ({ kind: "started", ciRun: `ci-${job.attempt}`, url: undefined });
  await lab.open();
  const native = lab.engine.ci.started.at(-1);
  const job = { ...lab.clientJob(native as CiJob), workToken: native?.attempt ?? "" };
  expect((await lab.run(job, PLANS)).log).toEqual(["manual run not supported"]);
});

const CALLS: readonly (readonly [string, string, string, unknown])[] = [
  ["results", "PUT", "", { steps: [] }],
  [
    "plan up",
    "POST",
    "/plans",
    { path: "a", workspace: "b", plan_data: "YQ==", has_changes: true },
  ],
  ["plan down", "GET", "/plans?path=a&workspace=default", undefined],
  ["token", "POST", "/access-token", {}],
  ["workspaces", "POST", "/workspaces", {}],
];

test.each(CALLS)(
  "T16 %s needs the token of that very work manifest",
  async (_, method, path, body) => {
    const mine = await lab.opened();
    const { manifest } = await lab.begun(mine);
    const other = await lab.begun(await lab.opened());
    const bare = lab.client(lab.clientJob(mine), { type: "plan", token: "wrong" });
    expect(await codeOf(await bare.call(method, path, body))).toBe("401 UNAUTHENTICATED");
    const crossed = lab.client(lab.clientJob(mine), other.manifest);
    expect(await codeOf(await crossed.call(method, path, body))).toBe("401 UNAUTHENTICATED");
    const elsewhere = lab.clientJob(mine, { apiBaseUrl: `http://${HOST}/api/other` });
    const misled = lab.client(elsewhere, manifest);
    expect(await codeOf(await misled.call(method, path, body))).toBe("401 UNAUTHENTICATED");
  },
);

test("S28 the same results again are harmless, others are refused and kept as evidence", async () => {
  const { client, manifest } = await lab.begun(await lab.opened());
  const [dirspace] = manifest.changed_dirspaces ?? [];
  const scope = { type: "dirspace", dir: dirspace?.path, workspace: "default" };
  const step = { step: "tf/plan", success: true, ignore_errors: false, scope };
  const results = { steps: [{ ...step, payload: { text: "none", has_changes: false } }] };
  expect((await client.call("PUT", "", results)).status).toBe(200);
  expect((await client.call("PUT", "", results)).status).toBe(200);
  await lab.engine.drain();
  expect((await client.call("PUT", "", results)).status).toBe(200);
  const forged = { steps: [{ ...step, success: false, payload: { text: "no" } }] };
  expect(await codeOf(await client.call("PUT", "", forged))).toBe("403 RESULT_LATE");
  expect(await lab.works(lab.number)).toMatchObject([
    { state: "planned", result: { changed: false } },
  ]);
  const { rows } = await sql<{ why: string }>`
    select why from late_result join pull_request on pull_request.id = late_result.pull_request_id
    where pull_request.number = ${lab.number}
  `.execute(lab.engine.database.statements);
  expect(rows).toEqual([{ why: "ended" }]);
});

test("S12 the first plan of a directory stays; another one is refused", async () => {
  const { client, manifest } = await lab.begun(await lab.opened());
  const [dirspace] = manifest.changed_dirspaces ?? [];
  const plan = (text: string) => ({
    path: dirspace?.path,
    workspace: "default",
    plan_data: Buffer.from(terrateam(text)).toString("base64"),
    has_changes: true,
  });
  expect((await client.call("POST", "/plans", plan("mine"))).status).toBe(200);
  expect((await client.call("POST", "/plans", plan("mine"))).status).toBe(200);
  expect(await codeOf(await client.call("POST", "/plans", plan("forged")))).toBe(
    "409 PLAN_CONFLICT",
  );
});

test("S12 a plan whose stored bytes were changed is not handed out, and nothing is granted", async () => {
  const of = await lab.planned();
  const job = await lab.applying(of);
  await sql`
    update plan_file set sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1)
    from run join pull_request on pull_request.id = run.pull_request_id
    where run.id = plan_file.run_id and pull_request.number = ${of}
  `.execute(lab.engine.database.statements);
  const { client, manifest } = await lab.begun(job);
  const [dirspace] = manifest.changed_dirspaces ?? [];
  const path = `/plans?path=${dirspace?.path}&workspace=default`;
  expect(await codeOf(await client.call("GET", path))).toBe("409 SEAL_BROKEN");
  expect((await lab.works(of)).at(-1)).toMatchObject({ op: "apply", state: "not_started" });
});

test("P5 a plan is stored sealed", async () => {
  const of = await lab.planned();
  const { rows } = await sql<{ found: number }>`
    select position('plan of'::bytea in plan_file.sealed) + position('cGxhbiBvZi'::bytea in plan_file.sealed) as found
    from plan_file join run on run.id = plan_file.run_id
    join pull_request on pull_request.id = run.pull_request_id where pull_request.number = ${of}
  `.execute(lab.engine.database.statements);
  expect(rows).toEqual([{ found: 0 }]);
});

test("S14 what was approved and is not any more is not handed out, with the reason", async () => {
  const of = await lab.planned();
  const { client } = await lab.begun(await lab.applying(of));
  const view = lab.engine.vcs.views.get(of);
  if (view === undefined) throw new Error("no view");
  lab.engine.vcs.views.set(of, { ...view, headSha: sha(7_000 + of) });
  const answer = await client.call("GET", `/plans?path=c${of}&workspace=default`);
  expect(await codeOf(answer)).toBe("409 HEAD_MOVED");
  expect((await lab.works(of)).find(({ op }) => op === "apply")).toMatchObject({
    state: "not_started",
  });
});

test("an apply that never fetched its plan is not believed", async () => {
  const of = await lab.planned();
  const { client } = await lab.begun(await lab.applying(of));
  const scope = { type: "dirspace", dir: `c${of}`, workspace: "default" };
  await client.put({
    steps: [{ step: "tf/apply", success: true, scope, payload: { text: "ok" } }],
  });
  const apply = (await lab.works(of)).at(-1);
  expect(apply).toMatchObject({ op: "apply", state: "not_started" });
  expect(JSON.stringify(apply?.result)).toContain("no permission");
});

test("S2 S27 a job of an older fence changes nothing of the newer one, and what it says is kept", async () => {
  const of = await lab.planned();
  const job = await lab.applying(of);
  const { client } = await lab.begun(job);
  await client.call("GET", `/plans?path=c${of}&workspace=default`);
  lab.engine.ci.statuses.set(job.attempt, { kind: "ended", conclusion: "cancelled" });
  await lab.engine.engine.ciEnded(job.attempt, "cancelled");
  await lab.engine.drain();
  expect((await lab.works(of)).at(-1)).toMatchObject({ op: "apply", state: "failed" });
  const scope = { type: "dirspace", dir: `c${of}`, workspace: "default" };
  const steps = [{ step: "tf/apply", success: true, scope, payload: { text: "ok" } }];
  expect(await codeOf(await client.call("PUT", "", { steps }))).toBe("403 RESULT_LATE");
  expect((await lab.works(of)).find(({ op }) => op === "apply")).toMatchObject({ state: "failed" });
  const { rows } = await sql<{ said: string }>`
    select report ->> 'outcome' as said from late_result
    join pull_request on pull_request.id = late_result.pull_request_id
    where pull_request.number = ${of}
  `.execute(lab.engine.database.statements);
  expect(rows).toHaveLength(1);
});

test("switched off for an installation, no job is started and the reason is said", async () => {
  await lab.switchInstallations(false);
  const before = lab.engine.ci.started.length;
  await lab.open();
  await lab.switchInstallations(true);
  expect(lab.engine.ci.started).toHaveLength(before);
  const comment = lab.comment(lab.number);
  expect(comment).toContain("switched off for its installation");
});

test("switched off after the dispatch, the job is refused with its own reason", async () => {
  const job = await lab.opened();
  await lab.switchInstallations(false);
  const ended = await lab.run(lab.clientJob(job), PLANS);
  await lab.switchInstallations(true);
  expect(ended.log.join()).toContain("COMPATIBLE_OFF");
});

test("S17 a head in a fork gets no job: a branch of that name is another one here", async () => {
  const job = await lab.opened();
  const { ports, ci } = lab.engine;
  const attempt = await ports.store.attemptToStart(job.attempt);
  if (attempt === undefined) throw new Error("no attempt");
  const found = { kind: "existing_runner", workflow: "7", path: "x.yml" } as const;
  const { name } = attempt.branch;
  const start = (fromFork: boolean) =>
    startExisting({ ...attempt, branch: { name, fromFork } }, job, found, ports, ci);
  expect(await start(true)).toMatchObject({ kind: "rejected" });
  expect(await start(false)).toMatchObject({ kind: "started" });
});

const HOSTILE: readonly (readonly [string, unknown])[] = [
  ["another kind of results", { success: true }],
  ["a step without a scope", { steps: [{ step: "tf/plan", success: true }] }],
  ["a gate of a wrong type", { steps: [], gates: [{ any_of: 7 }] }],
  ["a list", [1, 2, 3]],
  ["null", null],
];

test.each(HOSTILE)("results that cannot be read fail the run at once: %s", async (_, body) => {
  const { client } = await lab.begun(await lab.opened());
  expect(await codeOf(await client.call("PUT", "", body))).toBe("400 BAD_RESULTS");
  await lab.engine.drain();
  expect(await lab.outcomes(lab.number)).toEqual(["failed"]);
  const [work] = await lab.works(lab.number);
  expect(JSON.stringify(work?.result)).toContain("cannot be read");
});

test("runner defect 8: a text instead of results is the failure that it tells of", async () => {
  const { client } = await lab.begun(await lab.opened());
  await client.put("indexer: exec format error");
  await lab.engine.drain();
  expect(JSON.stringify(await lab.works(lab.number))).toContain("exec format error");
});

const HOOK = { type: "run", flow: "hooks", subflow: "post" };
const ASKED = { step: "gates", success: false, ignore_errors: true, scope: HOOK };
const QUIET = { ...ASKED, payload: { visible_on: "error" } };
const CRASHED = { ...ASKED, payload: { text: "Traceback", visible_on: "error" } };
const FAILED = { step: "run", success: false, ignore_errors: true, scope: HOOK, payload: {} };
const GATE = { token: "cost", any_of: ["user:cyd"] };

test.each<readonly [string, Partial<Script>, string]>([
  ["crashed", { postSteps: [CRASHED] }, "has not said what to look at"],
  ["never ran", {}, "has not said what to look at"],
  [
    "crashed beside another",
    { gates: [GATE], postSteps: [QUIET, CRASHED, CRASHED] },
    "has not said",
  ],
  [
    "was passed over while one for failures ran",
    { postSteps: [{ ...FAILED, ignore_errors: false }, FAILED] },
    "has not said what to look at",
  ],
  ["asks", { gates: [GATE], postSteps: [QUIET] }, "A gate is closed"],
  [
    "asks somebody who cannot be",
    { gates: [{ any_of: ["%"] }], postSteps: [QUIET] },
    "names nobody",
  ],
])("S14 a hook that may ask for approvals and %s holds the apply", async (_, change, expected) => {
  lab.engine.vcs.config = "hooks: {plan: {post: [{type: gates, cmd: [ask]}]}}\n";
  const of = await lab.planned({ ...PLANS, ...change });
  const before = lab.engine.ci.started.length;
  await lab.engine.say(of, "ann", "terrane apply");
  lab.engine.vcs.config = undefined;
  expect(lab.engine.ci.started).toHaveLength(before);
  expect(lab.comment(of)).toContain(expected);
});

test("S14 a hook that asks for nothing holds nothing", async () => {
  lab.engine.vcs.config = "hooks: {plan: {post: [{type: gates, cmd: [ask]}]}}\n";
  const of = await lab.planned({ ...PLANS, postSteps: [QUIET] });
  const before = lab.engine.ci.started.length;
  await lab.engine.say(of, "ann", "terrane apply");
  lab.engine.vcs.config = undefined;
  expect(lab.engine.ci.started).toHaveLength(before + 1);
});

test("S14 a gates step that crashed fails its directory, whatever another step asked for", async () => {
  const { client, manifest } = await lab.begun(await lab.opened());
  const [dirspace] = manifest.changed_dirspaces ?? [];
  const scope = { type: "dirspace", dir: dirspace?.path, workspace: "default" };
  const plan = { step: "tf/plan", success: true, scope };
  await client.put({
    steps: [
      { ...plan, payload: { has_changes: false, text: "" } },
      { ...plan, step: "tf/checkov", success: false, ignore_errors: true, payload: { text: "1" } },
      { ...CRASHED, scope },
    ],
    gates: [{ ...GATE, dir: dirspace?.path, workspace: "default" }],
  });
  expect(await lab.works(lab.number)).toMatchObject([
    { state: "failed", result: { failure: { step: "gates", tail: "Traceback" } } },
  ]);
});

const ALMOST = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.record({
    steps: fc.array(
      fc.record(
        {
          step: fc.oneof(fc.constant("tf/plan"), fc.string(), fc.integer()),
          success: fc.oneof(fc.boolean(), fc.string()),
          scope: fc.oneof(
            fc.constant({ type: "run", flow: "hooks", subflow: "pre" }),
            fc.record({ type: fc.constant("dirspace"), dir: fc.string(), workspace: fc.string() }),
            fc.jsonValue({ maxDepth: 1 }),
          ),
          payload: fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue()),
        },
        { requiredKeys: ["step", "scope"] },
      ),
    ),
  }),
);

test("whatever is sent as results ends the run; none of it is the server's failure", async () => {
  await fc.assert(
    fc.asyncProperty(ALMOST, async (results) => {
      const { client } = await lab.begun(await lab.opened());
      const response = await client.call("PUT", "", results);
      expect([200, 400]).toContain(response.status);
      await lab.endJobs();
      // None of it holds a plan of the directory.
      expect(await lab.outcomes(lab.number)).not.toEqual([null]);
      expect(await lab.works(lab.number)).toMatchObject([{ state: "failed" }]);
    }),
    { numRuns: 20 },
  );
});

test.each([
  ["no base64", { plan_data: "%%%" }, "400 BAD_PLAN"],
  ["nothing", { plan_data: "" }, "400 BAD_PLAN"],
  ["an envelope of a later version", { plan_data: envelope({ version: 2 }) }, "400 BAD_PLAN"],
  ["an unknown method", { plan_data: envelope({ method: "x" }) }, "400 BAD_PLAN"],
  ["a directory that is not in the run", { path: "elsewhere" }, "404 UNKNOWN_UNIT"],
  ["a directory with NUL", { path: "a\0" }, "400 BAD_BODY"],
  ["no word about changes", { has_changes: "yes" }, "400 BAD_BODY"],
])("a plan that cannot be kept is refused: %s", async (_, change, expected) => {
  const { client } = await lab.begun(await lab.opened());
  const body = {
    path: `c${lab.number}`,
    workspace: "default",
    plan_data: "YQ==",
    has_changes: true,
    ...change,
  };
  expect(await codeOf(await client.call("POST", "/plans", body))).toBe(expected);
});

function envelope(change: object): string {
  const whole = { method: "terrateam", version: 1, data: "YQ==", ...change };
  return Buffer.from(JSON.stringify(whole)).toString("base64");
}

test("what a builder sends is not asked for here, and says so", async () => {
  const { client } = await lab.begun(await lab.opened());
  const files = { files: [{ path: "a.tf" }] };
  expect(await codeOf(await client.call("PUT", "", files))).toBe("409 NOT_ASKED");
  expect(await codeOf(await client.call("PUT", "", { config: {} }))).toBe("409 NOT_ASKED");
});
