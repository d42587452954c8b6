import { createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/core";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tryGit } from "../support/github-double/git.ts";
import { type GitHubDouble, startGitHubDouble } from "../support/github-double/index.ts";
import * as scene from "../support/github-double/scene.ts";
import type { Account, Repository, WorkflowRun } from "../support/github-double/world.ts";

interface Hook {
  readonly event: string;
  readonly guid: string;
  readonly signature: string;
  readonly body: string;
}

const WORKFLOW = `name: terrane
run-name: terrane \${{ inputs.attempt }}
on:
  workflow_dispatch:
    inputs:
      attempt: { required: true, type: string }
jobs: {}
`;
const SECRET = "double-secret";

let github: GitHubDouble;
let hooks: Hook[];
let hookUrl: string;
let closeHooks: () => void;
let acme: Account;
let ann: Account;
let bob: Account;
let now = new Date("2026-03-01T10:00:00Z");

beforeAll(async () => {
  hooks = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString("utf8")));
    request.on("end", () => {
      hooks.push({
        event: String(request.headers["x-github-event"]),
        guid: String(request.headers["x-github-delivery"]),
        signature: String(request.headers["x-hub-signature-256"]),
        body,
      });
      response.writeHead(202).end("stored");
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  hookUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  closeHooks = () => server.close();
  github = await startGitHubDouble({ now: () => now, limits: { files: 250, treeEntries: 500 } });
  github.sendWebhooksTo(hookUrl, SECRET);
  acme = github.organization("acme", { ann: "member", boss: "admin" }).account;
  ann = github.user("ann");
  bob = github.user("bob");
  github.install(acme);
});

afterAll(async () => {
  const sum = (counts: Readonly<Record<string, number>>) =>
    Object.values(counts).reduce((total, n) => total + n, 0);
  const operations = Object.keys(github.calls()).length;
  const kinds = Object.keys(github.events()).length;
  console.log(
    `github-double: ${sum(github.calls())} calls of ${operations} operations, ` +
      `${sum(github.events())} webhooks of ${kinds} kinds, ${github.violations().length} violations`,
  );
  await github.close();
  closeHooks();
});

let count = 0;

async function newRepository(files: Record<string, string> = {}): Promise<Repository> {
  count += 1;
  return await scene.createRepository(github, acme, `infra-${count}`, {
    files: { "README.md": "# infra\n", ".github/workflows/terrane.yml": WORKFLOW, ...files },
    collaborators: { ann: "write", bob: "maintain", eve: "read" },
  });
}

function asApp(): Octokit {
  return new Octokit({
    authStrategy: createAppAuth,
    auth: { appId: github.app.id, privateKey: github.app.privateKey },
    baseUrl: github.apiUrl,
  });
}

async function asInstallation(): Promise<Octokit> {
  const { data } = await asApp().request("GET /app/installations");
  return new Octokit({
    authStrategy: createAppAuth,
    auth: { appId: github.app.id, privateKey: github.app.privateKey, installationId: data[0]?.id },
    baseUrl: github.apiUrl,
  });
}

function as(account: Account): Octokit {
  return new Octokit({ auth: github.tokenFor(account), baseUrl: github.apiUrl });
}

function at(repo: Repository) {
  return { owner: repo.owner.login, repo: repo.name };
}

async function statusOf(call: Promise<unknown>): Promise<number> {
  try {
    await call;
    return 200;
  } catch (error) {
    return (error as { status: number }).status;
  }
}

async function eventsOf(repo: Repository): Promise<readonly string[]> {
  await github.settled();
  return hooks
    .map((hook) => ({
      hook,
      body: JSON.parse(hook.body) as { action?: string; repository?: { id: number } },
    }))
    .filter(({ body }) => body.repository?.id === repo.id)
    .map(({ hook, body }) =>
      body.action === undefined ? hook.event : `${hook.event}.${body.action}`,
    );
}

test("an app finds its installation and gets a narrowed token that ends after an hour", async () => {
  const repo = await newRepository();
  const app = asApp();
  expect((await app.request("GET /app")).data?.slug).toBe("terrane");
  const { data: installation } = await app.request(
    "GET /repos/{owner}/{repo}/installation",
    at(repo),
  );
  const { data: token } = await app.request(
    "POST /app/installations/{installation_id}/access_tokens",
    {
      installation_id: installation.id,
      repositories: [repo.name],
      permissions: { contents: "read" },
    },
  );
  expect(token.token.length).toBeGreaterThan(400);
  const narrow = new Octokit({ auth: token.token, baseUrl: github.apiUrl });
  expect((await narrow.request("GET /installation/repositories")).data.total_count).toBe(1);
  const checkRun = { ...at(repo), name: "x", head_sha: repo.branches.get("main") ?? "" };
  expect(await statusOf(narrow.request("POST /repos/{owner}/{repo}/check-runs", checkRun))).toBe(
    403,
  );
  const before = now;
  now = new Date(now.getTime() + 61 * 60 * 1000);
  expect(await statusOf(narrow.request("GET /installation/repositories"))).toBe(401);
  now = before;
});

test("an unknown token is nobody", async () => {
  const stranger = new Octokit({ auth: "ghs_unknown", baseUrl: github.apiUrl });
  expect(await statusOf(stranger.request("GET /installation/repositories"))).toBe(401);
  expect(await statusOf(stranger.request("GET /app"))).toBe(401);
});

test("files, blobs, trees and comparisons come from the real repository", async () => {
  const repo = await newRepository({ "a/main.tf": "# a\n", "b/main.tf": "# b\n" });
  await scene.push(github, repo, {
    branch: "x",
    files: { "a/main.tf": "# aa\n", "c.tf": "" },
    by: ann,
  });
  const octokit = await asInstallation();
  const { data: file } = await octokit.request("GET /repos/{owner}/{repo}/contents/{path}", {
    ...at(repo),
    path: "a/main.tf",
    ref: "x",
  });
  expect(file).toMatchObject({ type: "file", encoding: "base64", content: "IyBhYQo=" });
  const raw = await octokit.request("GET /repos/{owner}/{repo}/contents/{path}", {
    ...at(repo),
    path: "a/main.tf",
    headers: { accept: "application/vnd.github.raw+json" },
  });
  expect(raw.data).toBe("# a\n");
  const missing = octokit.request("GET /repos/{owner}/{repo}/contents/{path}", {
    ...at(repo),
    path: "none",
  });
  expect(await statusOf(missing)).toBe(404);
  const { data: tree } = await octokit.request("GET /repos/{owner}/{repo}/git/trees/{tree_sha}", {
    ...at(repo),
    tree_sha: repo.branches.get("x") ?? "",
    recursive: "1",
  });
  expect(tree.truncated).toBe(false);
  expect(tree.tree.filter((e) => e.type === "blob").map((e) => e.path)).toEqual([
    ".github/workflows/terrane.yml",
    "README.md",
    "a/main.tf",
    "b/main.tf",
    "c.tf",
  ]);
  const blob = tree.tree.find((e) => e.path === "a/main.tf");
  const { data: content } = await octokit.request(
    "GET /repos/{owner}/{repo}/git/blobs/{file_sha}",
    {
      ...at(repo),
      file_sha: blob?.sha ?? "",
    },
  );
  expect(Buffer.from(content.content, "base64").toString()).toBe("# aa\n");
  const { data: compared } = await octokit.request("GET /repos/{owner}/{repo}/compare/{basehead}", {
    ...at(repo),
    basehead: "main...x",
  });
  expect(compared).toMatchObject({ status: "ahead", ahead_by: 1 });
  expect(compared.files?.map((f) => `${f.status} ${f.filename}`)).toEqual([
    "modified a/main.tf",
    "added c.tf",
  ]);
});

test("a tree with more entries than GitHub lists says that it is cut", async () => {
  const files = Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`d/f${i}.tf`, ""]));
  const repo = await newRepository(files);
  const { data } = await (await asInstallation()).request(
    "GET /repos/{owner}/{repo}/git/trees/{tree_sha}",
    {
      ...at(repo),
      tree_sha: "main",
      recursive: "1",
    },
  );
  expect(data.truncated).toBe(true);
  expect(data.tree).toHaveLength(500);
});

test("mergeability is null at first, then what git says, and null again when the base moves", async () => {
  const repo = await newRepository({ "a.tf": "one\n" });
  await scene.push(github, repo, { branch: "x", files: { "a.tf": "two\n" }, by: ann });
  const octokit = as(ann);
  const { data: pull } = await octokit.request("POST /repos/{owner}/{repo}/pulls", {
    ...at(repo),
    title: "two",
    head: "x",
    base: "main",
  });
  const read = async () =>
    (
      await octokit.request("GET /repos/{owner}/{repo}/pulls/{pull_number}", {
        ...at(repo),
        pull_number: pull.number,
      })
    ).data;
  expect((await read()).mergeable).toBeNull();
  expect(await read()).toMatchObject({
    mergeable: true,
    mergeable_state: "clean",
    changed_files: 1,
  });
  await scene.push(github, repo, { branch: "main", files: { "a.tf": "three\n" }, by: bob });
  expect((await read()).mergeable).toBeNull();
  expect(await read()).toMatchObject({ mergeable: false, mergeable_state: "dirty" });
  expect(
    await statusOf(
      octokit.request("PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge", {
        ...at(repo),
        pull_number: pull.number,
      }),
    ),
  ).toBe(405);
});

test("the head of a pull request follows pushes over HTTP, and says so by webhook", async () => {
  const repo = await newRepository();
  await scene.push(github, repo, { branch: "x", files: { "a.tf": "one\n" }, by: ann });
  const pull = await scene.openPull(github, repo, { by: ann, head: "x" });
  const dir = await mkdtemp(join(tmpdir(), "github-double-clone-"));
  const remote = new URL(`${github.url}/${repo.owner.login}/${repo.name}.git`);
  const refused = await tryGit(dir, ["ls-remote", remote.href]);
  expect(refused.code).not.toBe(0);
  remote.username = "x-access-token";
  remote.password = github.tokenFor(ann);
  expect(
    (await tryGit(dir, ["clone", "--quiet", "--branch", "x", remote.href, `${dir}/clone`])).code,
  ).toBe(0);
  const inClone = async (...args: string[]) =>
    await tryGit(`${dir}/clone/.git`, [`--work-tree=${dir}/clone`, ...args]);
  await inClone(
    "-c",
    "user.name=ann",
    "-c",
    "user.email=ann@example.test",
    "commit",
    "-q",
    "--allow-empty",
    "-m",
    "more",
  );
  const pushed = await inClone("push", "--quiet", "origin", "x");
  expect(pushed.stderr).toBe("");
  const head = (await inClone("rev-parse", "HEAD")).stdout.toString().trim();
  expect(pull.head.sha).toBe(head);
  expect((await inClone("fetch", "--quiet", "origin", `refs/pull/${pull.number}/head`)).code).toBe(
    0,
  );
  await rm(dir, { recursive: true, force: true });
  expect(await eventsOf(repo)).toEqual([
    "push",
    "pull_request.opened",
    "push",
    "pull_request.synchronize",
  ]);
});

test.each(["merge", "squash", "rebase"] as const)(
  "a %s merge keeps what base and head changed",
  async (method) => {
    const repo = await newRepository({ "a.tf": "one\n" });
    await scene.push(github, repo, { branch: "x", files: { "x1.tf": "1\n" }, by: ann });
    await scene.push(github, repo, { branch: "x", files: { "x2.tf": "2\n" }, by: ann });
    await scene.push(github, repo, { branch: "main", files: { "b.tf": "base\n" }, by: bob });
    const pull = await scene.openPull(github, repo, { by: ann, head: "x" });
    const octokit = await asInstallation();
    const target = { ...at(repo), pull_number: pull.number };
    const stale = { ...target, sha: repo.branches.get("main") ?? "" };
    expect(
      await statusOf(octokit.request("PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge", stale)),
    ).toBe(409);
    const { data } = await octokit.request("PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge", {
      ...target,
      merge_method: method,
      sha: pull.head.sha,
    });
    expect(repo.branches.get("main")).toBe(data.sha);
    const { data: tree } = await octokit.request("GET /repos/{owner}/{repo}/git/trees/{tree_sha}", {
      ...at(repo),
      tree_sha: data.sha,
    });
    expect(tree.tree.map((e) => e.path)).toEqual([
      ".github",
      "README.md",
      "a.tf",
      "b.tf",
      "x1.tf",
      "x2.tf",
    ]);
    const { data: read } = await octokit.request(
      "GET /repos/{owner}/{repo}/pulls/{pull_number}",
      target,
    );
    expect(read).toMatchObject({ state: "closed", merged: true, merge_commit_sha: data.sha });
    const { data: commit } = await octokit.request("GET /repos/{owner}/{repo}/commits/{ref}", {
      ...at(repo),
      ref: "main",
    });
    expect(commit.parents).toHaveLength(method === "merge" ? 2 : 1);
    expect((await eventsOf(repo)).slice(-2)).toEqual(["pull_request.closed", "push"]);
  },
);

test("a pull request whose head does not exist, or exists twice, is refused", async () => {
  const repo = await newRepository();
  const octokit = as(ann);
  const draft = { ...at(repo), title: "t", head: "x", base: "main" };
  expect(await statusOf(octokit.request("POST /repos/{owner}/{repo}/pulls", draft))).toBe(422);
  await scene.push(github, repo, { branch: "x", files: { "a.tf": "" }, by: ann });
  expect(await statusOf(octokit.request("POST /repos/{owner}/{repo}/pulls", draft))).toBe(200);
  expect(await statusOf(octokit.request("POST /repos/{owner}/{repo}/pulls", draft))).toBe(422);
});

test("files come in pages and stop without a word at the cap", async () => {
  const repo = await newRepository();
  const files = Object.fromEntries(
    Array.from({ length: 260 }, (_, i) => [`d/f${String(i).padStart(3, "0")}.tf`, "x"]),
  );
  await scene.push(github, repo, { branch: "x", files, by: ann });
  const pull = await scene.openPull(github, repo, { by: ann, head: "x" });
  const octokit = await asInstallation();
  const target = { ...at(repo), pull_number: pull.number };
  const names: string[] = [];
  for (let page = 1; page < 10; page++) {
    const { data, headers } = await octokit.request(
      "GET /repos/{owner}/{repo}/pulls/{pull_number}/files",
      {
        ...target,
        per_page: 100,
        page,
      },
    );
    names.push(...data.map((f) => f.filename));
    if (headers.link?.includes('rel="next"') !== true) break;
  }
  expect(names).toHaveLength(250);
  const { data } = await octokit.request("GET /repos/{owner}/{repo}/pulls/{pull_number}", target);
  expect(data.changed_files).toBe(260);
});

test("a renamed file, an edited title, a new base, closing and reopening are all told", async () => {
  const repo = await newRepository({
    "old.tf": "some content that is long enough to be found again\n",
  });
  await scene.push(github, repo, { branch: "release", files: { "r.tf": "" }, by: bob });
  await scene.push(github, repo, {
    branch: "x",
    files: { "old.tf": null, "new.tf": "some content that is long enough to be found again\n" },
    by: ann,
  });
  const pull = await scene.openPull(github, repo, { by: ann, head: "x", draft: true });
  const octokit = as(ann);
  const target = { ...at(repo), pull_number: pull.number };
  const { data: files } = await octokit.request(
    "GET /repos/{owner}/{repo}/pulls/{pull_number}/files",
    target,
  );
  expect(files).toMatchObject([
    { status: "renamed", filename: "new.tf", previous_filename: "old.tf" },
  ]);
  const update = "PATCH /repos/{owner}/{repo}/pulls/{pull_number}";
  await octokit.request(update, { ...target, title: "other" });
  await octokit.request(update, { ...target, base: "release" });
  await octokit.request(update, { ...target, state: "closed" });
  await octokit.request(update, { ...target, state: "open" });
  const id = (await octokit.request("GET /repos/{owner}/{repo}/pulls/{pull_number}", target)).data
    .node_id;
  await octokit.graphql(
    "mutation ($id: ID!) { markPullRequestReadyForReview(input: { pullRequestId: $id }) { pullRequest { isDraft } } }",
    { id },
  );
  const { data: list } = await octokit.request("GET /repos/{owner}/{repo}/pulls", {
    ...at(repo),
    base: "release",
  });
  expect(list.map((p) => p.number)).toEqual([pull.number]);
  expect((await eventsOf(repo)).slice(-5)).toEqual([
    "pull_request.edited",
    "pull_request.edited",
    "pull_request.closed",
    "pull_request.reopened",
    "pull_request.ready_for_review",
  ]);
});

test("a fork's pull request shows the fork, and loses it when the fork's branch goes", async () => {
  const repo = await newRepository();
  const eve = github.user("eve");
  const fork = await scene.forkRepository(github, repo, eve);
  await scene.push(github, fork, { branch: "x", files: { "a.tf": "evil\n" }, by: eve });
  const octokit = as(eve);
  const { data: pull } = await octokit.request("POST /repos/{owner}/{repo}/pulls", {
    ...at(repo),
    title: "from outside",
    head: "eve:x",
    base: "main",
  });
  expect(pull.head.repo?.id).toBe(fork.id);
  expect(pull.head.repo?.id).not.toBe(pull.base.repo.id);
  const sha = await scene.push(github, fork, {
    branch: "x",
    files: { "a.tf": "worse\n" },
    by: eve,
  });
  expect(repo.pulls.get(pull.number)?.head.sha).toBe(sha);
  await scene.deleteBranch(github, fork, "x", eve);
  expect(repo.pulls.get(pull.number)?.state).toBe("closed");
});

test("comments of the app are the bot's; they can be edited, minimised, reacted to, deleted", async () => {
  const repo = await newRepository();
  await scene.push(github, repo, { branch: "x", files: { "a.tf": "" }, by: ann });
  const pull = await scene.openPull(github, repo, { by: ann, head: "x" });
  const octokit = await asInstallation();
  const { data: made } = await octokit.request(
    "POST /repos/{owner}/{repo}/issues/{issue_number}/comments",
    {
      ...at(repo),
      issue_number: pull.number,
      body: "planned",
    },
  );
  expect(made.user).toMatchObject({ login: "terrane[bot]", type: "Bot" });
  expect(made.performed_via_github_app?.id).toBe(github.app.id);
  const target = { ...at(repo), comment_id: made.id };
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
  scene.comment(github, pull, ann, "terrane plan");
  const { data: list } = await octokit.request(
    "GET /repos/{owner}/{repo}/issues/{issue_number}/comments",
    {
      ...at(repo),
      issue_number: pull.number,
    },
  );
  expect(list.map((c) => [c.body, c.author_association])).toEqual([
    ["applied", "NONE"],
    ["terrane plan", "MEMBER"],
  ]);
  const long = { ...at(repo), issue_number: pull.number, body: "x".repeat(65_537) };
  expect(
    await statusOf(
      octokit.request("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", long),
    ),
  ).toBe(422);
  await octokit.request("DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}", target);
  expect((await eventsOf(repo)).slice(-4)).toEqual([
    "issue_comment.created",
    "issue_comment.edited",
    "issue_comment.created",
    "issue_comment.deleted",
  ]);
  const told = hooks.filter((hook) => hook.event === "issue_comment").at(-1);
  expect(JSON.parse(told?.body ?? "{}")).toHaveProperty("issue.pull_request.url");
});

test("an author cannot approve the own pull request; others can, and approvals can be dismissed", async () => {
  const repo = await newRepository();
  repo.protections.set("main", { approvals: 1, checks: [] });
  await scene.push(github, repo, { branch: "x", files: { "a.tf": "" }, by: ann });
  const pull = await scene.openPull(github, repo, { by: ann, head: "x" });
  const target = { ...at(repo), pull_number: pull.number };
  const reviews = "POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews";
  expect(await statusOf(as(ann).request(reviews, { ...target, event: "APPROVE" }))).toBe(422);
  const merge = "PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge";
  expect(await statusOf(as(bob).request(merge, target))).toBe(405);
  const { data: review } = await as(bob).request(reviews, { ...target, event: "APPROVE" });
  await as(ann).request(
    "PUT /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/dismissals",
    {
      ...target,
      review_id: Number(review.id),
      message: "changed since",
    },
  );
  const { data: list } = await as(bob).request(
    "GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews",
    target,
  );
  expect(list.map((r) => r.state)).toEqual(["DISMISSED"]);
  await as(bob).request(reviews, { ...target, event: "APPROVE" });
  expect(await statusOf(as(bob).request(merge, target))).toBe(200);
  expect((await eventsOf(repo)).filter((e) => e.startsWith("pull_request_review"))).toEqual([
    "pull_request_review.submitted",
    "pull_request_review.dismissed",
    "pull_request_review.submitted",
  ]);
});

test("checks are created, updated, listed, and their buttons pressed", async () => {
  const repo = await newRepository();
  const sha = repo.branches.get("main") ?? "";
  const octokit = await asInstallation();
  const { data: check } = await octokit.request("POST /repos/{owner}/{repo}/check-runs", {
    ...at(repo),
    name: "terrane plan",
    head_sha: sha,
    status: "in_progress",
    external_id: "k1",
    output: { title: "planning", summary: "2 dirspaces" },
    actions: [{ label: "Plan again", description: "Plans everything", identifier: "plan" }],
  });
  const target = { ...at(repo), check_run_id: check.id };
  const update = "PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}";
  await octokit.request(update, { ...target, status: "completed", conclusion: "success" });
  expect(
    await statusOf(
      octokit.request("POST /repos/{owner}/{repo}/check-runs", {
        ...at(repo),
        name: "x",
        head_sha: "f".repeat(40),
      }),
    ),
  ).toBe(422);
  const { data: list } = await octokit.request(
    "GET /repos/{owner}/{repo}/commits/{ref}/check-runs",
    {
      ...at(repo),
      ref: sha,
    },
  );
  expect(list.check_runs).toMatchObject([{ external_id: "k1", conclusion: "success" }]);
  await octokit.request("GET /repos/{owner}/{repo}/check-runs/{check_run_id}", target);
  const [stored] = scene.checksAt(repo, sha);
  if (stored !== undefined) scene.pressButton(github, repo, stored, "plan", ann);
  expect(await eventsOf(repo)).toEqual([
    "check_run.created",
    "check_run.completed",
    "check_run.requested_action",
  ]);
});

test("statuses add up", async () => {
  const repo = await newRepository();
  const sha = repo.branches.get("main") ?? "";
  const octokit = as(ann);
  for (const state of ["pending", "success"] as const) {
    await octokit.request("POST /repos/{owner}/{repo}/statuses/{sha}", {
      ...at(repo),
      sha,
      state,
      context: "ci",
    });
  }
  const target = { ...at(repo), ref: sha };
  const { data } = await octokit.request("GET /repos/{owner}/{repo}/commits/{ref}/status", target);
  expect(data).toMatchObject({ state: "success", total_count: 1 });
  expect(
    (await octokit.request("GET /repos/{owner}/{repo}/commits/{ref}/statuses", target)).data,
  ).toHaveLength(2);
});

async function dispatch(repo: Repository, body: Record<string, unknown>) {
  return await (await asInstallation()).request(
    "POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches",
    { ...at(repo), workflow_id: "terrane.yml", ref: "main", inputs: { attempt: "a1" }, ...body },
  );
}

test("a dispatched workflow runs, proves who it is, and can be cancelled", async () => {
  const repo = await newRepository();
  const started: WorkflowRun[] = [];
  github.world.onRun = (run) => started.push(run);
  expect((await dispatch(repo, {})).status).toBe(204);
  const { data } = await dispatch(repo, { return_run_details: true });
  const run = started[1];
  if (run === undefined) throw new Error("nothing started");
  expect(data.workflow_run_id).toBe(run.id);
  await scene.startRun(github, run);
  const environment = scene.jobEnvironment(github, run);
  const response = await fetch(`${environment["ACTIONS_ID_TOKEN_REQUEST_URL"]}&audience=terrane`, {
    headers: { authorization: `Bearer ${environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]}` },
  });
  const { value } = (await response.json()) as { value: string };
  const discovery = await fetch(`${github.issuer}/.well-known/openid-configuration`);
  const { jwks_uri: keys } = (await discovery.json()) as { jwks_uri: string };
  const { payload } = await jwtVerify(value, createRemoteJWKSet(new URL(keys)), {
    issuer: github.issuer,
    audience: "terrane",
    currentDate: now,
  });
  expect(payload).toMatchObject({
    repository_id: String(repo.id),
    repository_owner_id: String(acme.id),
    run_id: String(run.id),
    run_attempt: "1",
    event_name: "workflow_dispatch",
    ref: "refs/heads/main",
    workflow_ref: `acme/${repo.name}/.github/workflows/terrane.yml@refs/heads/main`,
    sha: repo.branches.get("main"),
  });
  const octokit = await asInstallation();
  const target = { ...at(repo), run_id: run.id };
  const read = "GET /repos/{owner}/{repo}/actions/runs/{run_id}";
  expect((await octokit.request(read, target)).data).toMatchObject({
    status: "in_progress",
    display_title: "terrane a1",
  });
  const cancel = "POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel";
  expect((await octokit.request(cancel, target)).status).toBe(202);
  expect(run.cancel.signal.aborted).toBe(true);
  await scene.finishRun(github, run, "cancelled");
  expect(await statusOf(octokit.request(cancel, target))).toBe(409);
  expect((await octokit.request(read, target)).data).toMatchObject({
    status: "completed",
    conclusion: "cancelled",
  });
  const { data: list } = await octokit.request("GET /repos/{owner}/{repo}/actions/runs", at(repo));
  expect(list.workflow_runs.map((r) => r.status)).toEqual(["completed", "queued"]);
  await octokit.request("GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs", target);
  await octokit.request("GET /repos/{owner}/{repo}/actions/workflows", at(repo));
  github.world.onRun = undefined;
  expect((await eventsOf(repo)).slice(-2)).toEqual([
    "workflow_job.completed",
    "workflow_run.completed",
  ]);
});

test.each([
  ["an unknown branch", { ref: "nowhere" }],
  ["an input that the workflow does not have", { inputs: { attempt: "a", other: "b" } }],
  ["a required input that is missing", { inputs: {} }],
])("a dispatch with %s is refused", async (_, body) => {
  expect(await statusOf(dispatch(await newRepository(), body))).toBe(422);
});

test("an older server refuses run details, and a repository without the workflow has none to start", async () => {
  github.world.returnsRunDetails = false;
  expect(await statusOf(dispatch(await newRepository(), { return_run_details: true }))).toBe(422);
  github.world.returnsRunDetails = true;
  expect(await statusOf(dispatch(await newRepository(), { workflow_id: "other.yml" }))).toBe(404);
});

test("permission is told by role, also for people of teams, and none for strangers", async () => {
  const repo = await newRepository();
  const organization = github.world.organizations.get(acme.id);
  if (organization === undefined) throw new Error("no organization");
  github.team(organization, "platform", [github.user("kim")]);
  organization.members.set(github.user("kim").id, "member");
  repo.teams.set("platform", "triage");
  const octokit = await asInstallation();
  const told: Record<string, unknown> = {};
  for (const username of ["ann", "bob", "eve", "boss", "kim", "terrane-owner"]) {
    const { data } = await octokit.request(
      "GET /repos/{owner}/{repo}/collaborators/{username}/permission",
      {
        ...at(repo),
        username,
      },
    );
    told[username] = `${data.permission}/${data.role_name}`;
  }
  expect(told).toEqual({
    ann: "write/write",
    bob: "write/maintain",
    eve: "read/read",
    boss: "admin/admin",
    kim: "read/triage",
    "terrane-owner": "none/none",
  });
  const team = { org: "acme", team_slug: "platform", username: "kim" };
  await octokit.request("GET /orgs/{org}/teams/{team_slug}/memberships/{username}", team);
  const stranger = { ...team, username: "ann" };
  expect(
    await statusOf(
      octokit.request("GET /orgs/{org}/teams/{team_slug}/memberships/{username}", stranger),
    ),
  ).toBe(404);
  expect((await octokit.request("GET /user/{account_id}", { account_id: ann.id })).data.login).toBe(
    "ann",
  );
});

test("a renamed repository answers under its old name and its id", async () => {
  const repo = await newRepository();
  const old = at(repo);
  scene.renameRepository(github, repo, `renamed-${count}`);
  const octokit = await asInstallation();
  expect((await octokit.request("GET /repos/{owner}/{repo}", old)).data.name).toBe(repo.name);
  expect((await octokit.request("GET /repositories/{id}", { id: repo.id })).data).toMatchObject({
    id: repo.id,
  });
});

test("webhooks are signed; lost ones are found in the log and delivered again under the same id", async () => {
  const repo = await newRepository();
  github.deliveries.next("push", { kind: "lost" });
  github.deliveries.next("push", { kind: "duplicated", times: 2 });
  await scene.push(github, repo, { branch: "x", files: { "a.tf": "1" }, by: ann });
  await scene.push(github, repo, { branch: "x", files: { "a.tf": "2" }, by: ann });
  expect(await eventsOf(repo)).toEqual(["push", "push"]);
  const [first, second] = hooks.slice(-2);
  expect(first?.guid).toBe(second?.guid);
  const mac = createHmac("sha256", SECRET)
    .update(first?.body ?? "")
    .digest("hex");
  expect(first?.signature).toBe(`sha256=${mac}`);
  const app = asApp();
  const { data: log } = await app.request("GET /app/hook/deliveries", { per_page: 5 });
  const lost = log.find((d) => d.repository_id === repo.id && d.status_code === 0);
  expect(lost).toMatchObject({ event: "push", redelivery: false });
  await app.request("POST /app/hook/deliveries/{delivery_id}/attempts", {
    delivery_id: Number(lost?.id),
  });
  expect(await eventsOf(repo)).toHaveLength(3);
  expect(hooks.at(-1)?.guid).toBe(lost?.guid);
  const { data: whole } = await app.request("GET /app/hook/deliveries/{delivery_id}", {
    delivery_id: Number(lost?.id),
  });
  expect(whole.guid).toBe(lost?.guid);
  const before = now;
  now = new Date(now.getTime() + 4 * 24 * 3600 * 1000);
  expect((await app.request("GET /app/hook/deliveries")).data).toEqual([]);
  now = before;
});

test("held deliveries arrive when they are let go, in another order if asked", async () => {
  const repo = await newRepository();
  github.deliveries.next("push", { kind: "held" }, 2);
  await scene.push(github, repo, { branch: "x", files: { "a.tf": "1" }, by: ann });
  await scene.push(github, repo, { branch: "y", files: { "a.tf": "2" }, by: ann });
  expect(await eventsOf(repo)).toEqual([]);
  github.deliveries.release(github.world, "reversed");
  await github.settled();
  expect(hooks.slice(-2).map((h) => (JSON.parse(h.body) as { ref: string }).ref)).toEqual([
    "refs/heads/y",
    "refs/heads/x",
  ]);
});

test("injected faults come once, at the named operation, before or after the work", async () => {
  const repo = await newRepository();
  await scene.push(github, repo, { branch: "x", files: { "a.tf": "" }, by: ann });
  const pull = await scene.openPull(github, repo, { by: ann, head: "x" });
  const octokit = await asInstallation();
  const post = async () =>
    await statusOf(
      octokit.request("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", {
        ...at(repo),
        issue_number: pull.number,
        body: "hello",
      }),
    );
  github.faults.secondaryLimit(429, 7, { operation: "issues/create-comment" });
  github.faults.badGateway({ operation: "issues/create-comment" });
  github.faults.lostAnswer({ operation: "issues/create-comment" });
  expect(await statusOf(octokit.request("GET /repos/{owner}/{repo}", at(repo)))).toBe(200);
  expect([await post(), await post(), await post(), await post()]).toEqual([429, 502, 502, 200]);
  expect(scene.botComments(github, pull)).toHaveLength(2);
});

test("an unchanged answer costs nothing the second time", async () => {
  const repo = await newRepository();
  const octokit = await asInstallation();
  const first = await octokit.request("GET /repos/{owner}/{repo}", at(repo));
  const again = octokit.request("GET /repos/{owner}/{repo}", {
    ...at(repo),
    headers: { "if-none-match": first.headers.etag ?? "" },
  });
  expect(await statusOf(again)).toBe(304);
});

test("a person signs in through the browser and acts with the own rights", async () => {
  const back = `${hookUrl}/callback`;
  const query = new URLSearchParams({
    client_id: github.app.clientId,
    redirect_uri: back,
    state: "s",
    login: "ann",
  });
  const consent = await fetch(`${github.url}/login/oauth/authorize?${query}`, {
    redirect: "manual",
  });
  const to = new URL(consent.headers.get("location") ?? "");
  expect(to.searchParams.get("state")).toBe("s");
  const body = new URLSearchParams({
    client_id: github.app.clientId,
    client_secret: "x",
    code: to.searchParams.get("code") ?? "",
  });
  const answer = await fetch(`${github.url}/login/oauth/access_token`, { method: "POST", body });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const octokit = new Octokit({ auth: token, baseUrl: github.apiUrl });
  expect((await octokit.request("GET /user")).data.id).toBe(ann.id);
});

test("all that was said in this file, in both directions, is what GitHub's descriptions allow", async () => {
  await github.settled();
  expect(github.violations()).toEqual([]);
});
