import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClientJob, runClient, type Script } from "../support/compatible-client.ts";
import * as scene from "../support/github-double/scene.ts";
import type { Pull, WorkflowRun } from "../support/github-double/world.ts";
import { type GithubLab, githubLab, rootModule } from "../support/github-lab.ts";

/**
 * A repository whose workflow file is made for an existing runner, against the server as it is shipped. The job is
 * played by a client that is written from the wire contract alone; what terraform would say is a script.
 */
const FILE = `name: Terrateam Workflow
on:
  workflow_dispatch:
    inputs:
      work-token: { description: Work Token, required: true }
      api-base-url: { description: API Base URL }
      environment: { description: Environment, type: environment }
      runs_on: { description: Runner, default: '"ubuntu-latest"' }
jobs:
  terrateam:
    permissions: { id-token: write, contents: read }
    runs-on: \${{ fromJSON(inputs.runs_on) }}
    steps: []
`;

let lab: GithubLab;
let pull: Pull;
const logs: string[] = [];
let script: Script = {};
let held: ((run: WorkflowRun) => void) | undefined;

beforeAll(async () => {
  lab = await githubLab({
    ".github/workflows/terrane.yml": undefined,
    ".github/workflows/infra.yml": FILE,
    ".terrane/config.yml": `version: "1"\n`,
  });
  lab.double.world.onRun = (run) => {
    if (held === undefined) void work(run);
    else held(run);
  };
});

afterAll(() => lab.close());

function jobOf(run: WorkflowRun): ClientJob {
  return {
    apiBaseUrl: run.inputs["api-base-url"] ?? "",
    workToken: run.inputs["work-token"] ?? "",
    runId: String(run.id),
    sha: run.sha,
    fetchesToken: true,
  };
}

async function work(run: WorkflowRun): Promise<void> {
  await scene.startRun(lab.double, run);
  const { code, log } = await runClient(jobOf(run), script);
  logs.push(...log);
  await scene.finishRun(lab.double, run, code === 0 ? "success" : "failure");
}

async function pushed(branch: string, input: string): Promise<string> {
  const { double, repo, people, stateDir } = lab;
  const files = { "net/main.tf": rootModule(stateDir, "net", input) };
  return await scene.push(double, repo, { branch, files, by: people.ann });
}

const PLANS: Script = {
  plan: () => ({ plan: "bytes of the plan", text: "  # terraform_data.this", changes: true }),
};

test("the workflow file is found by its name, and started on the pull request's branch", async () => {
  script = PLANS;
  const head = await pushed("change", "two");
  pull = await scene.openPull(lab.double, lab.repo, { by: lab.people.ann, head: "change" });
  await lab.until(pull.number, "planned", (now) => now.dirspaces[0]?.phase === "planned");
  const [run] = [...lab.repo.runs.values()];
  expect(run).toMatchObject({
    ref: "change",
    sha: head,
    workflow: { path: ".github/workflows/infra.yml" },
  });
  expect(run?.inputs["api-base-url"]).toBe(`${lab.server.url}/api/github`);
  expect(lab.checks(head)["terrane plan"]).toBe("success");
  expect(lab.comments(pull).join()).toContain("not counted");
  expect(lab.comments(pull).join()).toContain("terraform_data.this");
});

test("its token reads this one repository", () => {
  const tokens = [...lab.double.world.tokens.values()].filter(
    (token) => token.kind === "installation" && token.repositories !== undefined,
  );
  expect(tokens.length).toBeGreaterThan(0);
  for (const token of tokens) {
    expect(token).toMatchObject({
      permissions: { contents: "read" },
      repositories: new Set([lab.repo.id]),
    });
  }
});

test("a re-run of the CI job is told that it is done", async () => {
  const [run] = [...lab.repo.runs.values()];
  if (run === undefined) throw new Error("no run");
  const again = await runClient(jobOf(run), script);
  expect(again).toMatchObject({ code: 0, log: ["manual re-runs not supported"] });
});

test("an apply that fails is said, and the next plan is applied", async () => {
  const { double, people } = lab;
  script = { apply: () => ({ fails: "Error: quota exceeded" }) };
  scene.comment(double, pull, people.ann, "terrane apply");
  await lab.until(pull.number, "failed", (now) => now.dirspaces[0]?.phase === "apply_failed");
  expect(lab.comments(pull).join()).toContain("quota exceeded");
  script = PLANS;
  scene.comment(double, pull, people.ann, "terrane plan");
  await lab.until(pull.number, "planned", (now) => now.dirspaces[0]?.phase === "planned");
  const seen: string[] = [];
  script = {
    apply: (_, plan) => {
      seen.push(plan);
      return { text: "Apply complete!" };
    },
  };
  scene.comment(double, pull, people.ann, "terrane apply");
  await lab.until(pull.number, "applied", (now) => now.dirspaces[0]?.phase === "applied");
  expect(seen).toEqual(["bytes of the plan"]);
  expect(await lab.locks()).toMatchObject([{ dir: "net", because: "applied" }]);
});

test("a push between dispatch and start ends the job, and the new head is planned", async () => {
  script = PLANS;
  const waiting = new Promise<WorkflowRun>((resolve) => {
    held = resolve;
  });
  const { double, repo, people, stateDir } = lab;
  const files = { "dns/main.tf": rootModule(stateDir, "dns", "two") };
  await scene.push(double, repo, { branch: "dns", files, by: people.ann });
  const second = await scene.openPull(double, repo, { by: people.ann, head: "dns" });
  const early = await waiting;
  held = undefined;
  const again = { "dns/main.tf": rootModule(stateDir, "dns", "three") };
  const head = await scene.push(double, repo, { branch: "dns", files: again, by: people.ann });
  await lab.until(
    second.number,
    "planned anew",
    (now) => now.headSha === head && now.dirspaces[0]?.phase === "planned",
  );
  const late = await runClient(jobOf(early), script);
  expect(late).toMatchObject({ code: 0, manifests: [{ type: "done" }] });
});

test("nobody knows the work of another VCS by this name", async () => {
  const [run] = [...lab.repo.runs.values()];
  if (run === undefined) throw new Error("no run");
  const apiBaseUrl = `${lab.server.url}/api/gitlab`;
  const misled = await runClient({ ...jobOf(run), apiBaseUrl }, script);
  expect(misled).toMatchObject({ code: 1, log: ["manual run not supported"] });
});

test("switched off, the pull request says which file is missing", async () => {
  const off = await githubLab(
    {
      ".github/workflows/terrane.yml": undefined,
      ".github/workflows/terrateam.yml": FILE,
    },
    { TERRANE_COMPATIBLE_RUNNERS: "off" },
  );
  try {
    const { double, repo, people, stateDir } = off;
    const files = { "net/main.tf": rootModule(stateDir, "net", "two") };
    await scene.push(double, repo, { branch: "change", files, by: people.ann });
    const opened = await scene.openPull(double, repo, { by: people.ann, head: "change" });
    await off.until(opened.number, "refused", (now) => now.runs[0]?.outcome === "failed");
    expect(off.comments(opened).join()).toContain("COMPATIBLE");
    expect(repo.runs.size).toBe(0);
  } finally {
    await off.close();
  }
});
