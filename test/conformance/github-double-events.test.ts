import { createHmac } from "node:crypto";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { expect, test } from "vitest";
import * as scene from "../support/github-double/scene.ts";
import type { Repository, WorkflowRun } from "../support/github-double/world.ts";
import { githubLab, SECRET } from "./github-double-lab.ts";

const lab = githubLab();

async function dispatch(repo: Repository, body: Record<string, unknown>) {
  return await (await lab.asInstallation()).request(
    "POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches",
    {
      ...lab.at(repo),
      workflow_id: "terrane.yml",
      ref: "main",
      inputs: { attempt: "a1" },
      ...body,
    },
  );
}

test("a dispatched workflow runs, proves who it is, and can be cancelled", async () => {
  const repo = await lab.newRepository();
  const started: WorkflowRun[] = [];
  lab.github.world.onRun = (run) => started.push(run);
  expect((await dispatch(repo, {})).status).toBe(204);
  const { data } = await dispatch(repo, { return_run_details: true });
  const run = started[1];
  if (run === undefined) throw new Error("nothing started");
  expect(data.workflow_run_id).toBe(run.id);
  await scene.startRun(lab.github, run);
  const environment = scene.jobEnvironment(lab.github, run);
  const response = await fetch(`${environment["ACTIONS_ID_TOKEN_REQUEST_URL"]}&audience=terrane`, {
    headers: { authorization: `Bearer ${environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]}` },
  });
  const { value } = (await response.json()) as { value: string };
  const discovery = await fetch(`${lab.github.issuer}/.well-known/openid-configuration`);
  const { jwks_uri: keys } = (await discovery.json()) as { jwks_uri: string };
  const { payload } = await jwtVerify(value, createRemoteJWKSet(new URL(keys)), {
    issuer: lab.github.issuer,
    audience: "terrane",
    currentDate: lab.clock.now(),
  });
  expect(payload).toMatchObject({
    repository_id: String(repo.id),
    repository_owner_id: String(lab.acme.id),
    run_id: String(run.id),
    run_attempt: "1",
    event_name: "workflow_dispatch",
    ref: "refs/heads/main",
    workflow_ref: `acme/${repo.name}/.github/workflows/terrane.yml@refs/heads/main`,
    sha: repo.branches.get("main"),
  });
  const octokit = await lab.asInstallation();
  const target = { ...lab.at(repo), run_id: run.id };
  const read = "GET /repos/{owner}/{repo}/actions/runs/{run_id}";
  expect((await octokit.request(read, target)).data).toMatchObject({
    status: "in_progress",
    display_title: "terrane a1",
  });
  const cancel = "POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel";
  expect((await octokit.request(cancel, target)).status).toBe(202);
  expect(run.cancel.signal.aborted).toBe(true);
  await scene.finishRun(lab.github, run, "cancelled");
  expect(await lab.statusOf(octokit.request(cancel, target))).toBe(409);
  expect((await octokit.request(read, target)).data).toMatchObject({
    status: "completed",
    conclusion: "cancelled",
  });
  const { data: list } = await octokit.request(
    "GET /repos/{owner}/{repo}/actions/runs",
    lab.at(repo),
  );
  expect(list.workflow_runs.map((r) => r.status)).toEqual(["completed", "queued"]);
  await octokit.request("GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs", target);
  await octokit.request("GET /repos/{owner}/{repo}/actions/workflows", lab.at(repo));
  lab.github.world.onRun = undefined;
  expect((await lab.eventsOf(repo)).slice(-2)).toEqual([
    "workflow_job.completed",
    "workflow_run.completed",
  ]);
});

test.each([
  ["an unknown branch", { ref: "nowhere" }],
  ["an input that the workflow does not have", { inputs: { attempt: "a", other: "b" } }],
  ["a required input that is missing", { inputs: {} }],
])("a dispatch with %s is refused", async (_, body) => {
  expect(await lab.statusOf(dispatch(await lab.newRepository(), body))).toBe(422);
});

test("an older server refuses run details, and a repository without the workflow has none to start", async () => {
  lab.github.world.returnsRunDetails = false;
  expect(
    await lab.statusOf(dispatch(await lab.newRepository(), { return_run_details: true })),
  ).toBe(422);
  lab.github.world.returnsRunDetails = true;
  expect(
    await lab.statusOf(dispatch(await lab.newRepository(), { workflow_id: "other.yml" })),
  ).toBe(404);
});

test("webhooks are signed; lost ones are found in the log and delivered again under the same id", async () => {
  const repo = await lab.newRepository();
  lab.github.deliveries.next("push", { kind: "lost" });
  lab.github.deliveries.next("push", { kind: "duplicated", times: 2 });
  await scene.push(lab.github, repo, { branch: "x", files: { "a.tf": "1" }, by: lab.ann });
  await scene.push(lab.github, repo, { branch: "x", files: { "a.tf": "2" }, by: lab.ann });
  expect(await lab.eventsOf(repo)).toEqual(["push", "push"]);
  const [first, second] = lab.hooks.slice(-2);
  expect(first?.guid).toBe(second?.guid);
  const mac = createHmac("sha256", SECRET)
    .update(first?.body ?? "")
    .digest("hex");
  expect(first?.signature).toBe(`sha256=${mac}`);
  const app = lab.asApp();
  const { data: log } = await app.request("GET /app/hook/deliveries", { per_page: 5 });
  const lost = log.find((d) => d.repository_id === repo.id && d.status_code === 0);
  expect(lost).toMatchObject({ event: "push", redelivery: false });
  await app.request("POST /app/hook/deliveries/{delivery_id}/attempts", {
    delivery_id: Number(lost?.id),
  });
  expect(await lab.eventsOf(repo)).toHaveLength(3);
  expect(lab.hooks.at(-1)?.guid).toBe(lost?.guid);
  const { data: whole } = await app.request("GET /app/hook/deliveries/{delivery_id}", {
    delivery_id: Number(lost?.id),
  });
  expect(whole.guid).toBe(lost?.guid);
  lab.clock.advance(4 * 24 * 3600 * 1000);
  expect((await app.request("GET /app/hook/deliveries")).data).toEqual([]);
  lab.clock.reset();
});

test("held deliveries arrive when they are let go, in another order if asked", async () => {
  const repo = await lab.newRepository();
  lab.github.deliveries.next("push", { kind: "held" }, 2);
  await scene.push(lab.github, repo, { branch: "x", files: { "a.tf": "1" }, by: lab.ann });
  await scene.push(lab.github, repo, { branch: "y", files: { "a.tf": "2" }, by: lab.ann });
  expect(await lab.eventsOf(repo)).toEqual([]);
  lab.github.deliveries.release(lab.github.world, "reversed");
  await lab.github.settled();
  expect(lab.hooks.slice(-2).map((h) => (JSON.parse(h.body) as { ref: string }).ref)).toEqual([
    "refs/heads/y",
    "refs/heads/x",
  ]);
});

test("injected faults come once, lab.at the named operation, before or after the work", async () => {
  const repo = await lab.newRepository();
  await scene.push(lab.github, repo, { branch: "x", files: { "a.tf": "" }, by: lab.ann });
  const pull = await scene.openPull(lab.github, repo, { by: lab.ann, head: "x" });
  const octokit = await lab.asInstallation();
  const post = async () =>
    await lab.statusOf(
      octokit.request("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", {
        ...lab.at(repo),
        issue_number: pull.number,
        body: "hello",
      }),
    );
  lab.github.faults.secondaryLimit(429, 7, { operation: "issues/create-comment" });
  lab.github.faults.badGateway({ operation: "issues/create-comment" });
  lab.github.faults.lostAnswer({ operation: "issues/create-comment" });
  expect(await lab.statusOf(octokit.request("GET /repos/{owner}/{repo}", lab.at(repo)))).toBe(200);
  expect([await post(), await post(), await post(), await post()]).toEqual([429, 502, 502, 200]);
  expect(scene.botComments(lab.github, pull)).toHaveLength(2);
});

test("all that was said in this file, in both directions, is what GitHub's descriptions allow", async () => {
  await lab.github.settled();
  expect(lab.github.violations()).toEqual([]);
});
