import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import * as scene from "../support/github-double/scene.ts";
import type { Comment, Pull } from "../support/github-double/world.ts";
import { type Counts, type GithubLab, githubLab, rootModule } from "../support/github-lab.ts";
import { whereTerraform } from "../support/where-terraform.ts";

/**
 * API calls from opening a pull request of one directory to its plan, besides those that show it. The lower
 * bound is 2: one query and one dispatch. The first of an installation adds its token and the repository's owner.
 */
const PLAN_CALLS: Counts = {
  // The pull request with its configuration, its checks and its owner's central repository, once for each decision.
  "POST /graphql": 1,
  "actions/create-workflow-dispatch": 1,
  "apps/create-installation-access-token": 1,
  // Of the head, and of the base: then what differs needs no call of its own.
  "git/get-tree": 2,
  "repos/get": 2,
};
/** From the command to the applied change; the lower bound is 2 as well: one query at the grant, one dispatch. */
const APPLY_CALLS: Counts = {
  // A webhook is a hint: the command is read again with the pull request it is on, and that once more at the grant.
  "POST /graphql": 3,
  "actions/create-workflow-dispatch": 1,
  "reactions/create-for-issue-comment": 1,
  "repos/get-collaborator-permission-level": 1,
};

/** Two checks and the comment, each time that what they show has changed. */
const SHOWING = [
  "checks/create",
  "checks/update",
  "issues/create-comment",
  "issues/update-comment",
];
/** S21: every few minutes, whatever happens: what webhooks did not tell. */
const NOW_AND_THEN = ["apps/list-webhook-deliveries", "pulls/list"];
/** Queued, working, done; and the result a moment before the end of the job, where the machine is slow. */
const PLAN_SHOWN_MAX = 4;
const APPLY_SHOWN_MAX = 4;

let lab: GithubLab;
let pull: Pull;

beforeAll(async () => {
  // As it is where nobody says otherwise: what it costs is counted here.
  lab = await githubLab({}, { TERRANE_PROGRESS_SECONDS: "30" });
});

afterAll(() => lab.close());

/** The one comment that we ever write. */
function sticky(of: Pull): Comment {
  const comments = scene.botComments(lab.double, of);
  expect(comments).toHaveLength(1);
  return present(comments[0], "no comment");
}

function stateOf(name: string): string {
  const file = join(lab.stateDir, `${name}.tfstate`);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function total(calls: Counts): number {
  return Object.values(calls).reduce((sum, n) => sum + n, 0);
}

function callsBut(calls: Counts, left: readonly string[]): Counts {
  return Object.fromEntries(Object.entries(calls).filter(([name]) => !left.includes(name)));
}

/** How often comment and checks were brought up to date, together. */
function shown(calls: Counts): number {
  const [made = 0, edited = 0] = [calls["issues/create-comment"], calls["issues/update-comment"]];
  process.stdout.write(`${total(calls)} calls, shown ${made + edited} times\n`);
  return made + edited;
}

/** Opens a pull request whose plan is there. */
async function planned(branch: string, dir: string, input: string): Promise<Pull> {
  const { double, repo, people, stateDir } = lab;
  const files = { [`${dir}/main.tf`]: rootModule(stateDir, dir, input) };
  await scene.push(double, repo, { branch, files, by: people.ann });
  const opened = await scene.openPull(double, repo, { by: people.ann, head: branch });
  await lab.until(opened.number, "planned", (now) => now.dirspaces[0]?.phase === "planned");
  return opened;
}

test("jobs get the runner that belongs to the server, and anybody may read it", async () => {
  const response = await fetch(`${lab.server.url}/runner.js`);
  expect(response.headers.get("content-type")).toContain("text/javascript");
  expect(await response.text()).toContain("The runner is complete.");
});

whereTerraform("a pull request is planned by the workflow of the default branch", async () => {
  const working: unknown[] = [];
  lab.onWorking = () => working.push(...[...lab.repo.checks.values()].map((one) => one.status));
  const calls = await lab.callsOf(async () => {
    pull = await planned("change", "net", "two");
  });
  lab.onWorking = undefined;
  // The check is there from the first moment; that the job has begun is told with what becomes of it.
  expect(working).toEqual(["queued"]);
  const [job] = lab.jobs;
  expect(job?.code).toBe(0);
  expect(job?.run).toMatchObject({ ref: "main", event: "workflow_dispatch", attempt: 1 });
  expect(Object.keys(job?.run.inputs ?? {}).toSorted()).toEqual([
    "attempt",
    "environment",
    "runs_on",
    "server_url",
    "title",
  ]);
  expect(job?.run.title).toBe(`Terrane plan #1.1 (${job?.run.inputs["attempt"]})`);
  expect(lab.checks(pull.head.sha)).toEqual({
    "terrane plan": "success",
    "terrane apply": "queued",
  });
  expect(job?.summary).toContain("| net | default | planned | 1 | 0 | 0 | 0 |");
  expect(sticky(pull).body).toContain("Planned · 1 dirspace · 1 to apply");
  expect(stateOf("net")).toBe("");
  expectCalls(callsBut(calls, [...SHOWING, ...NOW_AND_THEN]), PLAN_CALLS);
  expect(shown(calls)).toBeLessThanOrEqual(PLAN_SHOWN_MAX);
});

whereTerraform("an apply without approval is refused, in the same comment", async () => {
  const { double, people } = lab;
  const before = sticky(pull);
  const asked = scene.comment(double, pull, people.ann, "terrane apply");
  await lab.until(1, "refused", (now) => now.notice?.outcome === "refused");
  expect(sticky(pull).id).toBe(before.id);
  expect(sticky(pull).body).toMatch(/approv/i);
  expect(asked.reactions).toHaveLength(1);
  expect(lab.jobs).toHaveLength(1);
  expect(stateOf("net")).toBe("");
});

whereTerraform("once it is approved, the apply is granted and done", async () => {
  const { double, people } = lab;
  scene.review(double, pull, people.bob, "APPROVE");
  const calls = await lab.callsOf(async () => {
    scene.comment(double, pull, people.ann, "terrane apply");
    await lab.until(1, "applied", (now) => now.dirspaces[0]?.phase === "applied");
  });
  expect(stateOf("net")).toContain('"two"');
  expect(lab.checks(pull.head.sha)).toEqual({
    "terrane plan": "success",
    "terrane apply": "success",
  });
  expect(sticky(pull).body).toContain("Applied");
  expect(await lab.locks()).toMatchObject([{ dir: "net", pullRequest: 1, because: "applied" }]);
  expectCalls(callsBut(calls, [...SHOWING, ...NOW_AND_THEN]), APPLY_CALLS);
  expect(shown(calls)).toBeLessThanOrEqual(APPLY_SHOWN_MAX);
});

whereTerraform("the merge on GitHub frees the locks", async () => {
  const { double, people } = lab;
  await scene.merge(double, pull, people.bob);
  await lab.until(1, "merged", (now) => now.state === "merged");
  expect(await lab.locks()).toEqual([]);
  expect(lab.jobs).toHaveLength(2);
  sticky(pull);
});

whereTerraform("a push while its job waits supersedes the job, and is planned anew", async () => {
  const { double, repo, people, stateDir } = lab;
  const held = lab.hold();
  const files = { "dns/main.tf": rootModule(stateDir, "dns", "two") };
  await scene.push(double, repo, { branch: "dns", files, by: people.ann });
  const second = await scene.openPull(double, repo, { by: people.ann, head: "dns" });
  const first = await held;
  await scene.startRun(double, first);
  first.cancel.signal.addEventListener(
    "abort",
    () => void scene.finishRun(double, first, "cancelled"),
  );
  const pushed = { "dns/main.tf": rootModule(stateDir, "dns", "three") };
  const head = await scene.push(double, repo, { branch: "dns", files: pushed, by: people.ann });
  const now = await lab.until(
    second.number,
    "planned anew",
    (one) => one.headSha === head && one.dirspaces[0]?.phase === "planned",
  );
  expect(new Set(now.runs.map((run) => run.outcome))).toEqual(new Set(["finished", "superseded"]));
  expect(first.conclusion).toBe("cancelled");
  expect(sticky(second).body).toContain("three");
  expect(lab.checks(head)["terrane plan"]).toBe("success");
});

whereTerraform("a push after the plan makes it stale until it is planned again", async () => {
  const { double, repo, people, stateDir } = lab;
  const number = 2;
  const files = { "dns/main.tf": rootModule(stateDir, "dns", "four") };
  const head = await scene.push(double, repo, { branch: "dns", files, by: people.ann });
  await lab.until(
    number,
    "planned at the new head",
    (one) => one.headSha === head && one.dirspaces[0]?.phase === "planned",
  );
  expect(sticky(present(repo.pulls.get(number), "no pull")).body).toContain("four");
});

test("nothing crossed the wire that GitHub's descriptions do not allow, and no secret leaked", async () => {
  await lab.quiet();
  const { double, server, jobs } = lab;
  expect(double.violations()).toEqual([]);
  const said = [server.log(), ...jobs.map((job) => job.log)].join("\n");
  for (const token of double.world.tokens.keys()) expect(said).not.toContain(token);
  expect(said).not.toContain(lab.secret);
  const [calls, events] = [double.calls(), double.events()];
  process.stdout.write(
    `GitHub double: ${Object.keys(calls).length} operations, ${total(calls)} calls, ${Object.keys(events).length} kinds of events, ${total(events)} events, ${jobs.length} jobs\n`,
  );
});

/** A pull request is read once for each decision; events that came close together share one, so these may be fewer. */
const READS = ["POST /graphql"];

/** A busy machine answers a webhook too late for GitHub, and upkeep has it repeated. */
const REPEATED = "apps/redeliver-webhook-delivery";

function expectCalls(
  got: Readonly<Record<string, number>>,
  most: Readonly<Record<string, number>>,
): void {
  const but = (calls: Readonly<Record<string, number>>) =>
    Object.fromEntries(
      Object.entries(calls).filter(([name]) => !READS.includes(name) && name !== REPEATED),
    );
  expect(but(got)).toEqual(but(most));
  for (const name of READS) expect(got[name] ?? 0, name).toBeLessThanOrEqual(most[name] ?? 0);
}
