import { afterAll, beforeAll, expect, test } from "vitest";
import { updatePull } from "../support/github-double/domain/pulls.ts";
import { git } from "../support/github-double/git.ts";
import * as scene from "../support/github-double/scene.ts";
import type { Pull, WorkflowRun } from "../support/github-double/world.ts";
import { type GithubLab, githubLab, rootModule } from "../support/github-lab.ts";

const PATIENCE = { timeout: 30_000, interval: 100 };

/** Rows of docs/operating/failures.md that show only with server, comment and checks together. No job ever gets a runner here. */
let lab: GithubLab;

beforeAll(async () => {
  lab = await githubLab();
});

afterAll(() => lab.close());

/** Opens a pull request whose job is asked for and stays without a runner. */
async function waiting(
  branch: string,
): Promise<{ readonly pull: Pull; readonly run: WorkflowRun }> {
  const { double, repo, people, stateDir } = lab;
  const held = lab.hold();
  const files = { "net/main.tf": rootModule(stateDir, "net", branch) };
  await scene.push(double, repo, { branch, files, by: people.ann });
  const pull = await scene.openPull(double, repo, { by: people.ann, head: branch });
  return { pull, run: await held };
}

async function runsOf(pull: Pull) {
  return (await lab.detail(pull.number))?.runs ?? [];
}

test("a job that no runner takes is waited for, and its run ends when GitHub gives it up", async () => {
  const { pull, run } = await waiting("unheard");
  await lab.quiet();
  expect((await runsOf(pull))[0]).toMatchObject({ state: "dispatched", outcome: null });
  const why = await lab.server.terrane("why", String(pull.number), "net");
  expect(why.stdout).toContain("no CI job has taken it yet");
  expect(why.stdout).toContain("a runner may be missing");
  await scene.finishRun(lab.double, run, "stale");
  const now = await lab.until(pull.number, "ended", ({ runs }) => runs[0]?.state === "ended");
  expect(now.dirspaces.map(({ phase }) => phase)).toEqual(["plan_failed"]);
  const [comment] = lab.comments(pull);
  expect(comment).toContain("given up by the CI system, because nothing had happened for too long");
  expect(await runsOf(pull)).toHaveLength(1);
});

test("a branch that is deleted closes its pull request; restored and reopened it is planned again", async () => {
  const { double, repo, people } = lab;
  const { pull } = await waiting("short-lived");
  const { sha } = pull.head;
  await scene.deleteBranch(double, repo, "short-lived", people.ann);
  const closed = await lab.until(pull.number, "closed", ({ state }) => state === "closed");
  expect(closed.runs.map(({ state }) => state)).toEqual(["ended"]);
  expect(await lab.locks()).toEqual([]);

  await git(repo.gitDir, ["update-ref", "refs/heads/short-lived", sha]);
  repo.branches.set("short-lived", sha);
  const held = lab.hold();
  await updatePull(double.world, pull, people.ann, { state: "open" });
  await held;
  await lab.quiet();
  const opened = await lab.detail(pull.number);
  expect(opened?.state).toBe("open");
  expect(opened?.runs.map(({ state }) => state)).toEqual(["dispatched", "ended"]);
  expect(lab.comments(pull)).toHaveLength(1);
});

test("where the conversation is locked the checks carry the answer, and the comment follows once it is not", async () => {
  const { double, repo } = lab;
  double.faults.lockedConversation();
  const { pull } = await waiting("locked");
  await lab.quiet();
  expect(lab.comments(pull)).toEqual([]);
  expect(Object.keys(lab.checks(pull.head.sha))).toContain("terrane plan");
  const failures = async () => JSON.stringify(await lab.server.api("setAside", {}));
  await expect.poll(failures, PATIENCE).toContain("Unlock it");
  const held = lab.hold();
  await scene.push(double, repo, {
    branch: "locked",
    files: { "net/more.tf": "# more\n" },
    by: lab.people.ann,
  });
  await held;
  await expect.poll(() => lab.comments(pull), PATIENCE).toHaveLength(1);
  await lab.quiet();
  expect(lab.comments(pull)).toHaveLength(1);
});
