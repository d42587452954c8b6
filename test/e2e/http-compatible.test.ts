import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { CiJob } from "../../src/ports/ci.ts";
import { initiate, terrateam } from "../support/compatible-client.ts";
import {
  APPLIES,
  type CompatibleLab,
  codeOf,
  compatibleLab,
  PLANS,
  type Route,
} from "../support/compatible-lab.ts";
import { sha } from "../support/core-world.ts";

/** The door of existing runners on both its routes. The client knows the wire contract alone. */
let lab: CompatibleLab;

beforeAll(async () => {
  lab = await compatibleLab();
});

afterEach(() => lab.endJobs());

afterAll(() => lab.http.close());

test.each<Route>(["github", "gitlab"])(
  "an existing runner plans and applies through the door of %s",
  async (route) => {
    const job = await lab.opened();
    expect(job.existing).toMatchObject({ workflow: "7", branch: `feature-${job.number}` });
    const plan = await lab.run(lab.clientJob(job, {}, route), PLANS);
    expect(plan).toMatchObject({ code: 0, manifests: [{ type: "plan" }, { type: "done" }] });
    expect(plan.log.filter((line) => line === "token read")).toHaveLength(
      route === "github" ? 2 : 0,
    );
    const apply = await lab.applying(job.number);
    const ended = await lab.run(lab.clientJob(apply, {}, route), APPLIES);
    expect(ended).toMatchObject({ code: 0, manifests: [{ type: "apply" }, { type: "done" }] });
    expect(await lab.works(job.number)).toMatchObject([
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
    expect(await lab.outcomes(job.number)).toEqual(["finished", "finished"]);
  },
);

test("the manifest says what the contract says, with the configuration in version 1", async () => {
  const job = await lab.opened();
  const { manifest } = await lab.begun(job);
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
  const of = await lab.planned({ ...PLANS, version1: true });
  expect(await lab.works(of)).toMatchObject([
    { state: "planned", result: { changed: true, text: `+ c${of}` } },
  ]);
});

test("changes that nobody counted are not shown as none", async () => {
  const of = await lab.planned();
  const [work] = await lab.works(of);
  expect(work?.result).not.toHaveProperty("counts");
  const comment = lab.comment(of);
  expect(comment).toContain("| ? | ? | ? | ? |");
});

test("a failed plan fails its directory with what the tool said, and the job ends well", async () => {
  const job = await lab.opened();
  const ended = await lab.run(lab.clientJob(job), {
    plan: () => ({ fails: "Error: no such region" }),
  });
  expect(ended.code).toBe(0);
  expect(await lab.works(job.number)).toMatchObject([
    { state: "failed", result: { failure: { step: "plan", tail: "Error: no such region" } } },
  ]);
});

test("a failed apply is recorded with its fence, and needs a new plan", async () => {
  const of = await lab.planned();
  await lab.run(lab.clientJob(await lab.applying(of)), {
    apply: () => ({ fails: "Error: quota" }),
  });
  expect(await lab.works(of)).toMatchObject([
    { state: "planned" },
    { state: "failed", result: { failure: { tail: "Error: quota" }, fence: 1 } },
  ]);
});

test("a hook that fails before the directories fails the run with its text", async () => {
  const job = await lab.opened();
  await lab.run(lab.clientJob(job), { ...PLANS, preHook: "no credentials" });
  expect(await lab.outcomes(job.number)).toEqual(["failed"]);
  const [work] = await lab.works(job.number);
  expect(JSON.stringify(work?.result)).toContain("no credentials");
});

test("a hook that fails afterwards fails the run and no directory", async () => {
  const job = await lab.opened();
  await lab.run(lab.clientJob(job), { ...PLANS, postHook: "no chat" });
  expect(await lab.outcomes(job.number)).toEqual(["failed"]);
  expect(await lab.works(job.number)).toMatchObject([{ state: "planned" }]);
});

test("gates go with the plan; a gates step that crashed is no permission", async () => {
  const gate = { any_of: ["user:bob"], workspace: "default" };
  const own = { ...gate, token: "cost", dir: `c${lab.number + 1}` };
  // What is of no directory of the run is of a hook, and none of it is passed over.
  const of = await lab.planned({ ...PLANS, gates: [own, { ...gate, token: "far", dir: "x" }] });
  expect(await lab.works(of)).toMatchObject([
    { result: { gates: [{ token: "cost" }, { token: "far" }] } },
  ]);
  const { client, manifest } = await lab.begun(await lab.opened());
  const [dirspace] = manifest.changed_dirspaces ?? [];
  const scope = { type: "dirspace", dir: dirspace?.path, workspace: "default" };
  const crashed = { step: "gates", success: false, ignore_errors: true, scope };
  await client.put({
    steps: [
      { step: "tf/plan", success: true, scope, payload: { has_changes: false, text: "" } },
      { ...crashed, payload: { text: "Traceback", visible_on: "error" } },
    ],
  });
  expect(await lab.works(lab.number)).toMatchObject([{ state: "failed" }]);
});

const CRASHED = { step: "gates", success: false, ignore_errors: true };
const ASKED = { ...CRASHED, payload: { visible_on: "error" } };
const TRACEBACK = { text: "Traceback", visible_on: "error" };
const of = (subflow: "pre" | "post") => ({ type: "run", flow: "plan", subflow });

test.each<[string, object[], string]>([
  ["they were asked", [{ ...ASKED, scope: of("post") }], "Apply started"],
  [
    "they were asked, and another one after failed",
    [
      { ...ASKED, scope: of("post") },
      { step: "run", success: false, scope: of("post"), payload: TRACEBACK },
    ],
    "Apply started",
  ],
  ["none was ever asked", [], "has not said what to look at"],
  [
    "one after crashed without a word",
    [{ ...ASKED, scope: of("post"), payload: {} }],
    "has not said what to look at",
  ],
  [
    "one after crashed",
    [{ ...CRASHED, scope: of("post"), payload: TRACEBACK }],
    "has not said what to look at",
  ],
  [
    "another one after failed",
    [{ step: "run", success: false, scope: of("post"), payload: TRACEBACK }],
    "has not said what to look at",
  ],
  ["one before crashed", [{ ...CRASHED, scope: of("pre"), payload: TRACEBACK }], "plan failed"],
])("S14 hooks that ask for approvals hold the apply until they have: %s", async (_, more, says) => {
  lab.engine.vcs.config = "hooks:\n  plan:\n    post: [{type: gates, cmd: [ask]}]\n";
  const { client, manifest } = await lab.begun(await lab.opened());
  lab.engine.vcs.config = undefined;
  const [dirspace] = manifest.changed_dirspaces ?? [];
  const scope = { type: "dirspace", dir: dirspace?.path, workspace: "default" };
  await client.call("POST", "/plans", {
    path: dirspace?.path,
    workspace: "default",
    plan_data: "YQ==",
    has_changes: true,
  });
  const plan = { step: "tf/plan", success: true, scope, payload: { has_changes: true, text: "" } };
  await client.put({ steps: [plan, ...more] });
  await lab.engine.drain();
  await lab.engine.say(lab.number, "bob", "terrane apply");
  expect(lab.engine.vcs.comments.get(`${lab.number}:terrane`)).toContain(says);
});

test("a re-run of a CI job is told that it is done, during its work and afterwards", async () => {
  const job = await lab.opened();
  const again = () => lab.run(lab.clientJob(job), PLANS);
  const first = await lab.run(lab.clientJob(job), {
    ...PLANS,
    beforeResults: async () => {
      expect((await again()).log).toEqual(["manual re-runs not supported"]);
    },
  });
  expect(first.code).toBe(0);
  expect((await again()).log).toEqual(["manual re-runs not supported"]);
  expect(await lab.works(job.number)).toMatchObject([{ state: "planned" }]);
});

test("an answer that was lost is given again, until its credential was shown", async () => {
  const job = await lab.opened();
  const lost = await initiate(lab.clientJob(job), lab.send, 1);
  const { client, manifest } = await lab.begun(job);
  expect(manifest.token).not.toBe(lost.token);
  expect((await client.call("POST", "/workspaces")).status).toBe(200);
  const stale = lab.client(lab.clientJob(job), lost);
  expect(await codeOf(await stale.call("POST", "/workspaces"))).toBe("401 UNAUTHENTICATED");
});

test("L36 a branch that moved before the job came is planned anew", async () => {
  const job = await lab.opened();
  const ended = await lab.run(lab.clientJob(job, { sha: sha(999) }), PLANS);
  expect(ended).toMatchObject({ code: 0, manifests: [{ type: "done" }] });
  expect(await lab.outcomes(job.number)).toEqual(["failed"]);
  const view = lab.engine.vcs.views.get(job.number);
  if (view === undefined) throw new Error("no view");
  lab.engine.vcs.views.set(job.number, { ...view, headSha: sha(998) });
  const next = await lab.opened([`c${lab.number + 1}/main.tf`]);
  lab.engine.vcs.views.set(next.number, { ...view, number: next.number, headSha: sha(998) });
  const moved = await lab.run(lab.clientJob(next, { sha: sha(998) }), PLANS);
  expect(moved.manifests).toEqual([{ type: "done" }]);
  expect(await lab.outcomes(next.number)).toEqual(["superseded", null]);
  expect((await lab.run(lab.clientJob(lab.lastJob(), { sha: sha(998) }), PLANS)).code).toBe(0);
  expect(await lab.outcomes(next.number)).toEqual(["superseded", "finished"]);
});

test.each([
  ["terrateam", (plan: string) => terrateam(plan)],
  ["raw bytes", (plan: string) => plan],
  [
    "cmd",
    () => JSON.stringify({ method: "cmd", version: 1, fetch: ["fetch.sh"], delete: ["rm.sh"] }),
  ],
])("a plan in an envelope of the kind %s comes back as it was", async (_, envelope) => {
  const of = await lab.planned({ ...PLANS, envelope });
  const { client } = await lab.begun(await lab.applying(of));
  const path = `/plans?path=c${of}&workspace=default`;
  const first = await client.call("GET", path);
  const { data } = (await first.json()) as { data: string };
  expect(Buffer.from(data, "base64").toString()).toBe(envelope(`plan of c${of}`));
  // Its answer may have been lost; the plan is there until the apply has ended.
  expect((await client.call("GET", path)).status).toBe(200);
  expect((await lab.works(of)).at(-1)).toMatchObject({ op: "apply", state: "granted" });
});

test("a job gives no sign of life between two requests, and is not taken for silent", async () => {
  const of = await lab.planned();
  const job = await lab.applying(of);
  const { client } = await lab.begun(job);
  await client.call("GET", `/plans?path=c${of}&workspace=default`);
  await sql`
    update attempt set claimed_at = now() - interval '1 hour', last_seen_at = now() - interval '1 hour',
      dispatched_at = now() - interval '1 hour', created_at = now() - interval '1 hour'
    where id = ${job.attempt}
  `.execute(lab.engine.database.statements);
  await lab.engine.engine.tick();
  await lab.engine.drain();
  expect((await lab.works(of)).at(-1)).toMatchObject({ op: "apply", state: "granted" });
});

/** A change of a module that only the code connects with what has to be planned. */
async function withModule(): Promise<CiJob & { readonly number: number }> {
  const { vcs } = lab.engine;
  vcs.config = "indexer: {enabled: true}\n";
  const name = `i${lab.number + 1}`;
  vcs.files = [...vcs.files, `${name}/app/main.tf`, `${name}/words/main.tf`];
  try {
    return await lab.opened([`${name}/words/main.tf`]);
  } finally {
    vcs.config = undefined;
  }
}

test("where the code has to be read first, the same job reads it and goes on with the plan", async () => {
  const job = await withModule();
  lab.engine.vcs.config = "indexer: {enabled: true}\n";
  const name = `i${job.number}`;
  const asked: string[] = [];
  const ended = await lab.run(lab.clientJob(job), {
    ...PLANS,
    index: (dirs) => {
      asked.push(...dirs);
      return { [`${name}/app`]: { modules: ["../words"] } };
    },
  });
  lab.engine.vcs.config = undefined;
  expect(asked).toEqual(expect.arrayContaining([`${name}/app`, `${name}/words`]));
  expect(ended.log).not.toContain("unexpected loop");
  expect(ended.manifests.map(({ type }) => type)).toEqual(["index", "plan", "done"]);
  expect(await lab.works(job.number)).toMatchObject([
    { dirspace: `${name}/app`, op: "plan", state: "planned" },
  ]);
  expect(await lab.outcomes(job.number)).toEqual(["finished"]);
});

test("runner defect 8: a job that cannot read the code fails its run with what it said", async () => {
  const job = await withModule();
  const ended = await lab.run(lab.clientJob(job), { index: () => "docker: not found" });
  expect(ended.manifests.map(({ type }) => type)).toEqual(["index", "done"]);
  expect(await lab.outcomes(job.number)).toEqual(["failed"]);
  expect(lab.comment(job.number)).toContain("docker: not found");
});

test("what comes after a change is not kept, and is planned again once that is applied", async () => {
  const name = `l${lab.number + 1}`;
  lab.engine.vcs.config = `dirs:
  ${name}/app: {when_modified: {depends_on: "dir:${name}/net"}}
`;
  const job = await lab.opened([`${name}/app/main.tf`, `${name}/net/main.tf`]);
  await lab.run(lab.clientJob(job), PLANS);
  expect(await lab.works(job.number)).toMatchObject(
    expect.arrayContaining([
      expect.objectContaining({ dirspace: `${name}/net`, state: "planned" }),
      expect.objectContaining({ dirspace: `${name}/app`, state: "waiting" }),
    ]),
  );
  const applied = await lab.run(lab.clientJob(await lab.applying(job.number)), APPLIES);
  expect(applied.manifests[0]?.changed_dirspaces?.map(({ path }) => path)).toEqual([`${name}/net`]);
  await lab.run(lab.clientJob(lab.lastJob()), PLANS);
  lab.engine.vcs.config = undefined;
  expect((await lab.works(job.number)).at(-1)).toMatchObject({
    dirspace: `${name}/app`,
    op: "plan",
    state: "planned",
  });
});

test("the workspaces of the run are listed", async () => {
  const { client } = await lab.begun(await lab.opened());
  const response = await client.call("POST", "/workspaces");
  expect(await response.json()).toEqual([{ dir: `c${lab.number}`, workspace: "default" }]);
});
