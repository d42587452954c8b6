import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startExisting } from "../../src/engine/start-existing.ts";
import type { CiJob } from "../../src/ports/ci.ts";
import {
  Client,
  type ClientJob,
  type Ended,
  initiate,
  type Manifest,
  runClient,
  type Script,
  type Send,
  terrateam,
} from "../support/compatible-client.ts";
import { sha } from "../support/core-world.ts";
import { HOST, type HttpLab, httpLab } from "../support/http-lab.ts";

/**
 * The door of existing runners on both routes, with an engine and a database that are real. The client knows the wire
 * contract alone.
 */
let http: HttpLab;
let number = 0;

beforeAll(async () => {
  http = await httpLab();
});

afterAll(() => http.close());

beforeEach(() => {
  http.lab.ci.answer = (job) =>
    job.existing === undefined
      ? { kind: "existing_runner", workflow: "7", path: ".github/workflows/terrateam.yml" }
      : { kind: "started", ciRun: `ci-${job.attempt}`, url: undefined };
});

/** Jobs that nobody ends would keep those of later tests waiting. */
afterEach(async () => {
  for (const { attempt } of http.lab.ci.started.splice(0)) {
    await http.lab.engine.ciEnded(attempt, "cancelled");
  }
  await http.lab.drain();
});

const send: Send = (url, init) =>
  http.ask(url.replace(`http://${HOST}`, ""), {
    method: init.method ?? "GET",
    headers: init.headers as Record<string, string>,
    ...(init.body === undefined || init.body === null
      ? {}
      : { bytes: Buffer.from(init.body as string) }),
  });

/** Opens a pull request whose job waits for its runner. */
async function opened(files?: readonly string[]): Promise<CiJob & { readonly number: number }> {
  number += 1;
  const changed = files ?? [`c${number}/main.tf`];
  http.lab.vcs.files = [...http.lab.vcs.files, ...changed];
  await http.lab.open(number, changed);
  return { ...lastJob(), number };
}

function lastJob(): CiJob {
  const job = http.lab.ci.started.at(-1);
  if (job?.existing === undefined) throw new Error("no job of an existing runner was started");
  return job;
}

type Route = "github" | "gitlab";

function clientJob(
  job: CiJob,
  change: Partial<ClientJob> = {},
  route: Route = "github",
): ClientJob {
  return {
    apiBaseUrl: `http://${HOST}/api/${route}`,
    workToken: job.existing?.workToken ?? "",
    runId: `ci-${job.attempt}`,
    sha: sha(100 + number),
    fetchesToken: route === "github",
    ...change,
  };
}

async function run(job: ClientJob, script: Script): Promise<Ended> {
  const ended = await runClient(job, script, send, 1);
  await http.lab.drain();
  return ended;
}

const PLANS: Script = {
  plan: ({ path }) => ({ plan: `plan of ${path}`, text: `+ ${path}`, changes: true }),
};
const APPLIES: Script = {
  apply: (_, plan) => ({
    text: `applied ${plan}`,
    outputs: { id: { sensitive: false, type: "string", value: "i-1" } },
  }),
};

interface Row {
  readonly dirspace: string;
  readonly op: string;
  readonly state: string;
  readonly result: unknown;
}

async function works(of: number): Promise<readonly Row[]> {
  const { rows } = await sql<Row>`
    select dirspace.dir as dirspace, work.op, work.state, work.result from work
    join dirspace on dirspace.id = work.dirspace_id
    join pull_request on pull_request.id = work.pull_request_id
    where pull_request.number = ${of} order by work.seq
  `.execute(http.lab.database.statements);
  return rows;
}

async function outcomes(of: number): Promise<readonly (string | null)[]> {
  const { rows } = await sql<{ outcome: string | null }>`
    select run.outcome from run join pull_request on pull_request.id = run.pull_request_id
    where pull_request.number = ${of} order by run.number
  `.execute(http.lab.database.statements);
  return rows.map(({ outcome }) => outcome);
}

async function planned(script: Script = PLANS): Promise<number> {
  const job = await opened();
  await run(clientJob(job), script);
  return job.number;
}

/** An apply whose job waits for its runner. */
async function applying(of: number): Promise<CiJob> {
  await http.lab.say(of, "ann", "terrane apply");
  return lastJob();
}

/** The manifest of a job that has come, for calls out of the ordinary. */
async function begun(job: CiJob): Promise<{ client: Client; manifest: Manifest }> {
  const at = clientJob(job);
  const manifest = await initiate(at, send, 1);
  return { manifest, client: new Client(at, manifest, {}, send, 1) };
}

async function code(response: Response): Promise<string> {
  const body = (await response.json()) as { error?: { code?: string } };
  return `${response.status} ${body.error?.code ?? ""}`;
}

test.each<Route>(["github", "gitlab"])(
  "an existing runner plans and applies through the door of %s",
  async (route) => {
    const job = await opened();
    expect(job.existing).toMatchObject({ workflow: "7", branch: `feature-${job.number}` });
    const plan = await run(clientJob(job, {}, route), PLANS);
    expect(plan).toMatchObject({ code: 0, manifests: [{ type: "plan" }, { type: "done" }] });
    expect(plan.log.filter((line) => line === "token read")).toHaveLength(
      route === "github" ? 2 : 0,
    );
    const apply = await applying(job.number);
    const ended = await run(clientJob(apply, {}, route), APPLIES);
    expect(ended).toMatchObject({ code: 0, manifests: [{ type: "apply" }, { type: "done" }] });
    expect(await works(job.number)).toMatchObject([
      { op: "plan", state: "planned", result: { changed: true, text: `+ c${job.number}` } },
      {
        op: "apply",
        state: "applied",
        result: {
          text: `applied plan of c${job.number}`,
          outputs: [{ name: "id", sensitive: false, value: "i-1" }],
        },
      },
    ]);
    expect(await outcomes(job.number)).toEqual(["finished", "finished"]);
  },
);

test("the manifest says what the contract says, with the configuration in version 1", async () => {
  const job = await opened();
  const { manifest } = await begun(job);
  expect(Object.keys(manifest).toSorted()).toEqual(
    [
      "api_base_url",
      "base_dirspaces",
      "base_ref",
      "capabilities",
      "changed_dirspaces",
      "config",
      "dirspaces",
      "installation_id",
      "protocol_version",
      "result_version",
      "run_kind",
      "run_kind_data",
      "token",
      "type",
    ].toSorted(),
  );
  expect(manifest).toMatchObject({
    base_ref: "main",
    capabilities: [],
    result_version: 2,
    run_kind: "pr",
    run_kind_data: { id: String(job.number) },
    changed_dirspaces: [
      { path: `c${job.number}`, workspace: "default", rank: 0, stack_name: "default", workflow: 0 },
    ],
    config: {
      version: "1",
      cost_estimation: { enabled: false },
      workflows: [
        {
          tag_query: "",
          engine: { name: "terraform" },
          plan: [{ type: "init" }, { type: "plan", mode: "strict" }],
          apply: [{ type: "init" }, { type: "apply" }],
        },
      ],
    },
  });
});

test("the older format of results is understood", async () => {
  const of = await planned({ ...PLANS, version1: true });
  expect(await works(of)).toMatchObject([
    { state: "planned", result: { changed: true, text: `+ c${of}` } },
  ]);
});

test("changes that nobody counted are not shown as none", async () => {
  const of = await planned();
  const [work] = await works(of);
  expect(work?.result).not.toHaveProperty("counts");
  const comment = [...http.lab.vcs.comments].find(([id]) => id.startsWith(`${of}:`))?.[1];
  expect(comment).toContain("| ? | ? | ? | ? |");
});

test("a failed plan fails its directory with what the tool said, and the job ends well", async () => {
  const job = await opened();
  const ended = await run(clientJob(job), { plan: () => ({ fails: "Error: no such region" }) });
  expect(ended.code).toBe(0);
  expect(await works(job.number)).toMatchObject([
    { state: "failed", result: { failure: { step: "plan", tail: "Error: no such region" } } },
  ]);
});

test("a failed apply is recorded with its fence, and needs a new plan", async () => {
  const of = await planned();
  await run(clientJob(await applying(of)), { apply: () => ({ fails: "Error: quota" }) });
  expect(await works(of)).toMatchObject([
    { state: "planned" },
    { state: "failed", result: { failure: { tail: "Error: quota" }, fence: 1 } },
  ]);
});

test("a hook that fails before the directories fails the run with its text", async () => {
  const job = await opened();
  await run(clientJob(job), { ...PLANS, preHook: "no credentials" });
  expect(await outcomes(job.number)).toEqual(["failed"]);
  const [work] = await works(job.number);
  expect(JSON.stringify(work?.result)).toContain("no credentials");
});

test("a hook that fails afterwards fails the run and no directory", async () => {
  const job = await opened();
  await run(clientJob(job), { ...PLANS, postHook: "no chat" });
  expect(await outcomes(job.number)).toEqual(["failed"]);
  expect(await works(job.number)).toMatchObject([{ state: "planned" }]);
});

test("gates go with the plan; a gates step that crashed is no permission", async () => {
  const gate = { token: "cost", any_of: ["user:bob"], dir: "x", workspace: "default" };
  const of = await planned({ ...PLANS, gates: [{ ...gate, dir: `c${number + 1}` }, gate] });
  expect(await works(of)).toMatchObject([{ result: { gates: [{ token: "cost" }] } }]);
  const { client, manifest } = await begun(await opened());
  const [dirspace] = manifest.changed_dirspaces ?? [];
  const scope = { type: "dirspace", dir: dirspace?.path, workspace: "default" };
  const crashed = { step: "gates", success: false, ignore_errors: true, scope };
  await client.put({
    steps: [
      { step: "tf/plan", success: true, scope, payload: { has_changes: false, text: "" } },
      { ...crashed, payload: { text: "Traceback", visible_on: "error" } },
    ],
  });
  expect(await works(number)).toMatchObject([{ state: "failed" }]);
});

test("S26 another CI run is refused, whichever comes first", async () => {
  const job = await opened();
  const other = await run(clientJob(job, { runId: "ci-other" }), PLANS);
  expect(other).toMatchObject({ code: 1, manifests: [] });
  expect(other.log.join()).toContain("OTHER_CI_RUN");
  expect((await run(clientJob(job), PLANS)).code).toBe(0);
});

test("S26 where the CI system said nothing, the first CI run that comes has the work", async () => {
  http.lab.ci.answer = (job) =>
    job.existing === undefined
      ? { kind: "existing_runner", workflow: "7", path: "x.yml" }
      : { kind: "started", ciRun: undefined, url: undefined };
  const job = await opened();
  await initiate(clientJob(job), send, 1);
  const other = await run(clientJob(job, { runId: "ci-other" }), PLANS);
  expect(other.log.join()).toContain("ALREADY_CLAIMED");
  expect((await run(clientJob(job), PLANS)).code).toBe(0);
});

test("P6 an attempt that was started natively does not open to this door, nor does its id", async () => {
  http.lab.ci.answer = (job) => ({ kind: "started", ciRun: `ci-${job.attempt}`, url: undefined });
  await openedNatively();
  const native = http.lab.ci.started.at(-1);
  const job = { ...clientJob(native as CiJob), workToken: native?.attempt ?? "" };
  expect((await run(job, PLANS)).log).toEqual(["manual run not supported"]);
});

async function openedNatively(): Promise<void> {
  number += 1;
  http.lab.vcs.files = [...http.lab.vcs.files, `c${number}/main.tf`];
  await http.lab.open(number, [`c${number}/main.tf`]);
}

test("a re-run of a CI job is told that it is done, during its work and afterwards", async () => {
  const job = await opened();
  const again = () => run(clientJob(job), PLANS);
  const first = await run(clientJob(job), {
    ...PLANS,
    beforeResults: async () => {
      expect((await again()).log).toEqual(["manual re-runs not supported"]);
    },
  });
  expect(first.code).toBe(0);
  expect((await again()).log).toEqual(["manual re-runs not supported"]);
  expect(await works(job.number)).toMatchObject([{ state: "planned" }]);
});

test("an answer that was lost is given again, until its credential was shown", async () => {
  const job = await opened();
  const lost = await initiate(clientJob(job), send, 1);
  const { client, manifest } = await begun(job);
  expect(manifest.token).not.toBe(lost.token);
  expect((await client.call("POST", "/workspaces")).status).toBe(200);
  const stale = new Client(clientJob(job), lost, {}, send, 1);
  expect(await code(await stale.call("POST", "/workspaces"))).toBe("401 UNAUTHENTICATED");
});

test("L36 a branch that moved before the job came is planned anew", async () => {
  const job = await opened();
  const ended = await run(clientJob(job, { sha: sha(999) }), PLANS);
  expect(ended).toMatchObject({ code: 0, manifests: [{ type: "done" }] });
  expect(await outcomes(job.number)).toEqual(["failed"]);
  const view = http.lab.vcs.views.get(job.number);
  if (view === undefined) throw new Error("no view");
  http.lab.vcs.views.set(job.number, { ...view, headSha: sha(998) });
  const next = await opened([`c${number + 1}/main.tf`]);
  http.lab.vcs.views.set(next.number, { ...view, number: next.number, headSha: sha(998) });
  const moved = await run(clientJob(next, { sha: sha(998) }), PLANS);
  expect(moved.manifests).toEqual([{ type: "done" }]);
  expect(await outcomes(next.number)).toEqual(["superseded", null]);
  expect((await run(clientJob(lastJob(), { sha: sha(998) }), PLANS)).code).toBe(0);
  expect(await outcomes(next.number)).toEqual(["superseded", "finished"]);
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
    const mine = await opened();
    const { manifest } = await begun(mine);
    const other = await begun(await opened());
    const bare = new Client(clientJob(mine), { type: "plan", token: "wrong" }, {}, send, 1);
    expect(await code(await bare.call(method, path, body))).toBe("401 UNAUTHENTICATED");
    const crossed = new Client(clientJob(mine), other.manifest, {}, send, 1);
    expect(await code(await crossed.call(method, path, body))).toBe("401 UNAUTHENTICATED");
    const elsewhere = clientJob(mine, { apiBaseUrl: `http://${HOST}/api/other` });
    const misled = new Client(elsewhere, manifest, {}, send, 1);
    expect(await code(await misled.call(method, path, body))).toBe("401 UNAUTHENTICATED");
  },
);

test("S28 the same results again are harmless, others are refused and kept as evidence", async () => {
  const { client, manifest } = await begun(await opened());
  const [dirspace] = manifest.changed_dirspaces ?? [];
  const scope = { type: "dirspace", dir: dirspace?.path, workspace: "default" };
  const step = { step: "tf/plan", success: true, ignore_errors: false, scope };
  const results = { steps: [{ ...step, payload: { text: "none", has_changes: false } }] };
  expect((await client.call("PUT", "", results)).status).toBe(200);
  expect((await client.call("PUT", "", results)).status).toBe(200);
  await http.lab.drain();
  expect((await client.call("PUT", "", results)).status).toBe(200);
  const forged = { steps: [{ ...step, success: false, payload: { text: "no" } }] };
  expect(await code(await client.call("PUT", "", forged))).toBe("403 RESULT_LATE");
  expect(await works(number)).toMatchObject([{ state: "planned", result: { changed: false } }]);
  const { rows } = await sql<{ why: string }>`
    select why from late_result join pull_request on pull_request.id = late_result.pull_request_id
    where pull_request.number = ${number}
  `.execute(http.lab.database.statements);
  expect(rows).toEqual([{ why: "ended" }]);
});

test("S12 the first plan of a directory stays; another one is refused", async () => {
  const { client, manifest } = await begun(await opened());
  const [dirspace] = manifest.changed_dirspaces ?? [];
  const plan = (text: string) => ({
    path: dirspace?.path,
    workspace: "default",
    plan_data: Buffer.from(terrateam(text)).toString("base64"),
    has_changes: true,
  });
  expect((await client.call("POST", "/plans", plan("mine"))).status).toBe(200);
  expect((await client.call("POST", "/plans", plan("mine"))).status).toBe(200);
  expect(await code(await client.call("POST", "/plans", plan("forged")))).toBe("409 PLAN_CONFLICT");
});

test("S12 a plan whose stored bytes were changed is not handed out, and nothing is granted", async () => {
  const of = await planned();
  const job = await applying(of);
  await sql`
    update plan_file set sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1)
    from run join pull_request on pull_request.id = run.pull_request_id
    where run.id = plan_file.run_id and pull_request.number = ${of}
  `.execute(http.lab.database.statements);
  const { client, manifest } = await begun(job);
  const [dirspace] = manifest.changed_dirspaces ?? [];
  const path = `/plans?path=${dirspace?.path}&workspace=default`;
  expect(await code(await client.call("GET", path))).toBe("409 SEAL_BROKEN");
  expect((await works(of)).at(-1)).toMatchObject({ op: "apply", state: "not_started" });
});

test("P5 a plan is stored sealed", async () => {
  const of = await planned();
  const { rows } = await sql<{ found: number }>`
    select position('plan of'::bytea in plan_file.sealed) + position('cGxhbiBvZi'::bytea in plan_file.sealed) as found
    from plan_file join run on run.id = plan_file.run_id
    join pull_request on pull_request.id = run.pull_request_id where pull_request.number = ${of}
  `.execute(http.lab.database.statements);
  expect(rows).toEqual([{ found: 0 }]);
});

test.each([
  ["terrateam", (plan: string) => terrateam(plan)],
  ["raw bytes", (plan: string) => plan],
  [
    "cmd",
    () => JSON.stringify({ method: "cmd", version: 1, fetch: ["fetch.sh"], delete: ["rm.sh"] }),
  ],
])("a plan in an envelope of the kind %s comes back as it was", async (_, envelope) => {
  const of = await planned({ ...PLANS, envelope });
  const { client } = await begun(await applying(of));
  const path = `/plans?path=c${of}&workspace=default`;
  const first = await client.call("GET", path);
  const { data } = (await first.json()) as { data: string };
  expect(Buffer.from(data, "base64").toString()).toBe(envelope(`plan of c${of}`));
  // Its answer may have been lost; the plan is there until the apply has ended.
  expect((await client.call("GET", path)).status).toBe(200);
  expect((await works(of)).at(-1)).toMatchObject({ op: "apply", state: "granted" });
});

test("S14 what was approved and is not any more is not handed out, with the reason", async () => {
  const of = await planned();
  const { client } = await begun(await applying(of));
  const view = http.lab.vcs.views.get(of);
  if (view === undefined) throw new Error("no view");
  http.lab.vcs.views.set(of, { ...view, headSha: sha(7_000 + of) });
  const answer = await client.call("GET", `/plans?path=c${of}&workspace=default`);
  expect(await code(answer)).toBe("409 HEAD_MOVED");
  expect((await works(of)).find(({ op }) => op === "apply")).toMatchObject({
    state: "not_started",
  });
});

test("an apply that never fetched its plan is not believed", async () => {
  const of = await planned();
  const { client } = await begun(await applying(of));
  const scope = { type: "dirspace", dir: `c${of}`, workspace: "default" };
  await client.put({
    steps: [{ step: "tf/apply", success: true, scope, payload: { text: "ok" } }],
  });
  const apply = (await works(of)).at(-1);
  expect(apply).toMatchObject({ op: "apply", state: "not_started" });
  expect(JSON.stringify(apply?.result)).toContain("no permission");
});

test("S2 S27 a job of an older fence changes nothing of the newer one, and what it says is kept", async () => {
  const of = await planned();
  const job = await applying(of);
  const { client } = await begun(job);
  await client.call("GET", `/plans?path=c${of}&workspace=default`);
  http.lab.ci.statuses.set(job.attempt, { kind: "ended", conclusion: "cancelled" });
  await http.lab.engine.ciEnded(job.attempt, "cancelled");
  await http.lab.drain();
  expect((await works(of)).at(-1)).toMatchObject({ op: "apply", state: "failed" });
  const scope = { type: "dirspace", dir: `c${of}`, workspace: "default" };
  const steps = [{ step: "tf/apply", success: true, scope, payload: { text: "ok" } }];
  expect(await code(await client.call("PUT", "", { steps }))).toBe("403 RESULT_LATE");
  expect((await works(of)).find(({ op }) => op === "apply")).toMatchObject({ state: "failed" });
  const { rows } = await sql<{ said: string }>`
    select report ->> 'outcome' as said from late_result
    join pull_request on pull_request.id = late_result.pull_request_id
    where pull_request.number = ${of}
  `.execute(http.lab.database.statements);
  expect(rows).toHaveLength(1);
});

test("a job gives no sign of life between two requests, and is not taken for silent", async () => {
  const of = await planned();
  const job = await applying(of);
  const { client } = await begun(job);
  await client.call("GET", `/plans?path=c${of}&workspace=default`);
  await sql`
    update attempt set claimed_at = now() - interval '1 hour', last_seen_at = now() - interval '1 hour',
      dispatched_at = now() - interval '1 hour', created_at = now() - interval '1 hour'
    where id = ${job.attempt}
  `.execute(http.lab.database.statements);
  await http.lab.engine.tick();
  await http.lab.drain();
  expect((await works(of)).at(-1)).toMatchObject({ op: "apply", state: "granted" });
});

test("switched off for an installation, no job is started and the reason is said", async () => {
  await sql`update installation set compatible_runners = false`.execute(
    http.lab.database.statements,
  );
  const before = http.lab.ci.started.length;
  number += 1;
  http.lab.vcs.files = [...http.lab.vcs.files, `c${number}/main.tf`];
  await http.lab.open(number, [`c${number}/main.tf`]);
  await sql`update installation set compatible_runners = true`.execute(
    http.lab.database.statements,
  );
  expect(http.lab.ci.started).toHaveLength(before);
  const comment = [...http.lab.vcs.comments].find(([id]) => id.startsWith(`${number}:`))?.[1];
  expect(comment).toContain("switched off for its installation");
});

test("switched off after the dispatch, the job is refused with its own reason", async () => {
  const job = await opened();
  await sql`update installation set compatible_runners = false`.execute(
    http.lab.database.statements,
  );
  const ended = await run(clientJob(job), PLANS);
  await sql`update installation set compatible_runners = true`.execute(
    http.lab.database.statements,
  );
  expect(ended.log.join()).toContain("COMPATIBLE_OFF");
});

test("S17 a head in a fork gets no job: a branch of that name is another one here", async () => {
  const job = await opened();
  const { ports, ci } = http.lab;
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
  const { client } = await begun(await opened());
  expect(await code(await client.call("PUT", "", body))).toBe("400 BAD_RESULTS");
  await http.lab.drain();
  expect(await outcomes(number)).toEqual(["failed"]);
  const [work] = await works(number);
  expect(JSON.stringify(work?.result)).toContain("cannot be read");
});

test("defect 8: a text instead of results is the failure that it tells of", async () => {
  const { client } = await begun(await opened());
  await client.put("indexer: exec format error");
  await http.lab.drain();
  expect(JSON.stringify(await works(number))).toContain("exec format error");
});

test("whatever is sent as results ends the run or is refused; none of it is the server's failure", async () => {
  await fc.assert(
    fc.asyncProperty(fc.json({ maxDepth: 4 }), async (json) => {
      const { client } = await begun(await opened());
      const response = await client.call("PUT", "", JSON.parse(json));
      expect(response.status).toBeLessThan(500);
      await http.lab.drain();
      const [outcome] = await outcomes(number);
      expect(response.status === 409 ? null : outcome).not.toBe(undefined);
    }),
    { numRuns: 12 },
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
  const { client } = await begun(await opened());
  const body = {
    path: `c${number}`,
    workspace: "default",
    plan_data: "YQ==",
    has_changes: true,
    ...change,
  };
  expect(await code(await client.call("POST", "/plans", body))).toBe(expected);
});

function envelope(change: object): string {
  const whole = { method: "terrateam", version: 1, data: "YQ==", ...change };
  return Buffer.from(JSON.stringify(whole)).toString("base64");
}

test("what a builder sends is not asked for here, and says so", async () => {
  const { client } = await begun(await opened());
  const files = { files: [{ path: "a.tf" }] };
  expect(await code(await client.call("PUT", "", files))).toBe("409 NOT_ASKED");
  expect(await code(await client.call("PUT", "", { config: {} }))).toBe("409 NOT_ASKED");
});

test("the workspaces of the run are listed", async () => {
  const { client } = await begun(await opened());
  const response = await client.call("POST", "/workspaces");
  expect(await response.json()).toEqual([{ dir: `c${number}`, workspace: "default" }]);
});
