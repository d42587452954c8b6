import { Octokit } from "@octokit/core";
import { expect, test } from "vitest";
import * as scene from "../support/github-double/scene.ts";
import { githubLab } from "./github-double-lab.ts";

const lab = githubLab();

test("comments of the app are the bot's; they can be edited, minimised, reacted to, deleted", async () => {
  const repo = await lab.newRepository();
  await scene.push(lab.github, repo, { branch: "x", files: { "a.tf": "" }, by: lab.ann });
  const pull = await scene.openPull(lab.github, repo, { by: lab.ann, head: "x" });
  const octokit = await lab.asInstallation();
  const { data: made } = await octokit.request(
    "POST /repos/{owner}/{repo}/issues/{issue_number}/comments",
    {
      ...lab.at(repo),
      issue_number: pull.number,
      body: "planned",
    },
  );
  expect(made.user).toMatchObject({ login: "terrane[bot]", type: "Bot" });
  expect(made.performed_via_github_app?.id).toBe(lab.github.app.id);
  const target = { ...lab.at(repo), comment_id: made.id };
  await octokit.request("PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}", {
    ...target,
    body: "applied",
  });
  const minimise = `mutation ($id: ID!) {
    minimizeComment(input: { subjectId: $id, classifier: OUTDATED }) { minimizedComment { isMinimized minimizedReason } }
  }`;
  expect(await octokit.graphql(minimise, { id: made.node_id })).toMatchObject({
    minimizeComment: { minimizedComment: { isMinimized: true, minimizedReason: "outdated" } },
  });
  const reaction = "POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions";
  expect((await octokit.request(reaction, { ...target, content: "eyes" })).status).toBe(201);
  expect((await octokit.request(reaction, { ...target, content: "eyes" })).status).toBe(200);
  scene.comment(lab.github, pull, lab.ann, "terrane plan");
  const { data: list } = await octokit.request(
    "GET /repos/{owner}/{repo}/issues/{issue_number}/comments",
    {
      ...lab.at(repo),
      issue_number: pull.number,
    },
  );
  expect(list.map((c) => [c.body, c.author_association])).toEqual([
    ["applied", "NONE"],
    ["terrane plan", "MEMBER"],
  ]);
  const long = { ...lab.at(repo), issue_number: pull.number, body: "x".repeat(65_537) };
  expect(
    await lab.statusOf(
      octokit.request("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", long),
    ),
  ).toBe(422);
  await octokit.request("DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}", target);
  expect((await lab.eventsOf(repo)).slice(-4)).toEqual([
    "issue_comment.created",
    "issue_comment.edited",
    "issue_comment.created",
    "issue_comment.deleted",
  ]);
  const told = lab.hooks.filter((hook) => hook.event === "issue_comment").at(-1);
  expect(JSON.parse(told?.body ?? "{}")).toHaveProperty("issue.pull_request.url");
});

test("an author cannot approve the own pull request; others can, and approvals can be dismissed", async () => {
  const repo = await lab.newRepository();
  repo.protections.set("main", { approvals: 1, checks: [] });
  await scene.push(lab.github, repo, { branch: "x", files: { "a.tf": "" }, by: lab.ann });
  const pull = await scene.openPull(lab.github, repo, { by: lab.ann, head: "x" });
  const target = { ...lab.at(repo), pull_number: pull.number };
  const reviews = "POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews";
  expect(
    await lab.statusOf(lab.as(lab.ann).request(reviews, { ...target, event: "APPROVE" })),
  ).toBe(422);
  const merge = "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge";
  expect(await lab.statusOf(lab.as(lab.bob).request(merge, target))).toBe(405);
  const { data: review } = await lab.as(lab.bob).request(reviews, { ...target, event: "APPROVE" });
  await lab
    .as(lab.ann)
    .request("PUT /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/dismissals", {
      ...target,
      review_id: Number(review.id),
      message: "changed since",
    });
  const { data: list } = await lab
    .as(lab.bob)
    .request("GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews", target);
  expect(list.map((r) => r.state)).toEqual(["DISMISSED"]);
  await lab.as(lab.bob).request(reviews, { ...target, event: "APPROVE" });
  expect(await lab.statusOf(lab.as(lab.bob).request(merge, target))).toBe(200);
  expect((await lab.eventsOf(repo)).filter((e) => e.startsWith("pull_request_review"))).toEqual([
    "pull_request_review.submitted",
    "pull_request_review.dismissed",
    "pull_request_review.submitted",
  ]);
});

test("checks are created, updated, listed, and their buttons pressed", async () => {
  const repo = await lab.newRepository();
  const sha = repo.branches.get("main") ?? "";
  const octokit = await lab.asInstallation();
  const { data: check } = await octokit.request("POST /repos/{owner}/{repo}/check-runs", {
    ...lab.at(repo),
    name: "terrane plan",
    head_sha: sha,
    status: "in_progress",
    external_id: "k1",
    output: { title: "planning", summary: "2 dirspaces" },
    actions: [{ label: "Plan again", description: "Plans everything", identifier: "plan" }],
  });
  const target = { ...lab.at(repo), check_run_id: check.id };
  const update = "PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}";
  await octokit.request(update, { ...target, status: "completed", conclusion: "success" });
  expect(
    await lab.statusOf(
      octokit.request("POST /repos/{owner}/{repo}/check-runs", {
        ...lab.at(repo),
        name: "x",
        head_sha: "f".repeat(40),
      }),
    ),
  ).toBe(422);
  const { data: list } = await octokit.request(
    "GET /repos/{owner}/{repo}/commits/{ref}/check-runs",
    {
      ...lab.at(repo),
      ref: sha,
    },
  );
  expect(list.check_runs).toMatchObject([{ external_id: "k1", conclusion: "success" }]);
  await octokit.request("GET /repos/{owner}/{repo}/check-runs/{check_run_id}", target);
  const [stored] = scene.checksAt(repo, sha);
  if (stored !== undefined) scene.pressButton(lab.github, repo, stored, "plan", lab.ann);
  expect(await lab.eventsOf(repo)).toEqual([
    "check_run.created",
    "check_run.completed",
    "check_run.requested_action",
  ]);
});

test("statuses add up", async () => {
  const repo = await lab.newRepository();
  const sha = repo.branches.get("main") ?? "";
  const octokit = lab.as(lab.ann);
  for (const state of ["pending", "success"] as const) {
    await octokit.request("POST /repos/{owner}/{repo}/statuses/{sha}", {
      ...lab.at(repo),
      sha,
      state,
      context: "ci",
    });
  }
  const target = { ...lab.at(repo), ref: sha };
  const { data } = await octokit.request("GET /repos/{owner}/{repo}/commits/{ref}/status", target);
  expect(data).toMatchObject({ state: "success", total_count: 1 });
  expect(
    (await octokit.request("GET /repos/{owner}/{repo}/commits/{ref}/statuses", target)).data,
  ).toHaveLength(2);
});

test("a person signs in through the browser and acts with the own rights", async () => {
  const back = `${lab.hookUrl}/callback`;
  const query = new URLSearchParams({
    client_id: lab.github.app.clientId,
    redirect_uri: back,
    state: "s",
    login: "ann",
  });
  const consent = await fetch(`${lab.github.url}/login/oauth/authorize?${query}`, {
    redirect: "manual",
  });
  const to = new URL(consent.headers.get("location") ?? "");
  expect(to.searchParams.get("state")).toBe("s");
  const body = new URLSearchParams({
    client_id: lab.github.app.clientId,
    client_secret: "x",
    code: to.searchParams.get("code") ?? "",
  });
  const answer = await fetch(`${lab.github.url}/login/oauth/access_token`, {
    method: "POST",
    body,
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const octokit = new Octokit({ auth: token, baseUrl: lab.github.apiUrl });
  expect((await octokit.request("GET /user")).data.id).toBe(lab.ann.id);
});

test("all that was said in this file, in both directions, is what GitHub's descriptions allow", async () => {
  await lab.github.settled();
  expect(lab.github.violations()).toEqual([]);
});
