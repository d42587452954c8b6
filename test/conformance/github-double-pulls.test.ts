import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tryGit } from "../support/github-double/git.ts";
import * as scene from "../support/github-double/scene.ts";
import { githubLab } from "./github-double-lab.ts";

const lab = githubLab();

test("mergeability is null lab.at first, then what git says, and null again when the base moves", async () => {
  const repo = await lab.newRepository({ "a.tf": "one\n" });
  await scene.push(lab.github, repo, { branch: "x", files: { "a.tf": "two\n" }, by: lab.ann });
  const octokit = lab.as(lab.ann);
  const { data: pull } = await octokit.request("POST /repos/{owner}/{repo}/pulls", {
    ...lab.at(repo),
    title: "two",
    head: "x",
    base: "main",
  });
  const read = async () =>
    (
      await octokit.request("GET /repos/{owner}/{repo}/pulls/{pull_number}", {
        ...lab.at(repo),
        pull_number: pull.number,
      })
    ).data;
  expect((await read()).mergeable).toBeNull();
  expect(await read()).toMatchObject({
    mergeable: true,
    mergeable_state: "clean",
    changed_files: 1,
  });
  await scene.push(lab.github, repo, { branch: "main", files: { "a.tf": "three\n" }, by: lab.bob });
  expect((await read()).mergeable).toBeNull();
  expect(await read()).toMatchObject({ mergeable: false, mergeable_state: "dirty" });
  expect(
    await lab.statusOf(
      octokit.request("PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge", {
        ...lab.at(repo),
        pull_number: pull.number,
      }),
    ),
  ).toBe(405);
});

test("the head of a pull request follows pushes over HTTP, and says so by webhook", async () => {
  const repo = await lab.newRepository();
  await scene.push(lab.github, repo, { branch: "x", files: { "a.tf": "one\n" }, by: lab.ann });
  const pull = await scene.openPull(lab.github, repo, { by: lab.ann, head: "x" });
  const dir = await mkdtemp(join(tmpdir(), "github-double-clone-"));
  const remote = new URL(`${lab.github.url}/${repo.owner.login}/${repo.name}.git`);
  const refused = await tryGit(dir, ["ls-remote", remote.href]);
  expect(refused.code).not.toBe(0);
  remote.username = "x-access-token";
  remote.password = lab.github.tokenFor(lab.ann);
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
  expect(await lab.eventsOf(repo)).toEqual([
    "push",
    "pull_request.opened",
    "push",
    "pull_request.synchronize",
  ]);
});

test.each(["merge", "squash", "rebase"] as const)(
  "a %s merge keeps what base and head changed",
  async (method) => {
    const repo = await lab.newRepository({ "a.tf": "one\n" });
    await scene.push(lab.github, repo, { branch: "x", files: { "x1.tf": "1\n" }, by: lab.ann });
    await scene.push(lab.github, repo, { branch: "x", files: { "x2.tf": "2\n" }, by: lab.ann });
    await scene.push(lab.github, repo, {
      branch: "main",
      files: { "b.tf": "base\n" },
      by: lab.bob,
    });
    const pull = await scene.openPull(lab.github, repo, { by: lab.ann, head: "x" });
    const octokit = await lab.asInstallation();
    const target = { ...lab.at(repo), pull_number: pull.number };
    const stale = { ...target, sha: repo.branches.get("main") ?? "" };
    expect(
      await lab.statusOf(
        octokit.request("PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge", stale),
      ),
    ).toBe(409);
    const { data } = await octokit.request("PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge", {
      ...target,
      merge_method: method,
      sha: pull.head.sha,
    });
    expect(repo.branches.get("main")).toBe(data.sha);
    const { data: tree } = await octokit.request("GET /repos/{owner}/{repo}/git/trees/{tree_sha}", {
      ...lab.at(repo),
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
      ...lab.at(repo),
      ref: "main",
    });
    expect(commit.parents).toHaveLength(method === "merge" ? 2 : 1);
    expect((await lab.eventsOf(repo)).slice(-2)).toEqual(["pull_request.closed", "push"]);
  },
);

test("a pull request whose head does not exist, or exists twice, is refused", async () => {
  const repo = await lab.newRepository();
  const octokit = lab.as(lab.ann);
  const draft = { ...lab.at(repo), title: "t", head: "x", base: "main" };
  expect(await lab.statusOf(octokit.request("POST /repos/{owner}/{repo}/pulls", draft))).toBe(422);
  await scene.push(lab.github, repo, { branch: "x", files: { "a.tf": "" }, by: lab.ann });
  expect(await lab.statusOf(octokit.request("POST /repos/{owner}/{repo}/pulls", draft))).toBe(200);
  expect(await lab.statusOf(octokit.request("POST /repos/{owner}/{repo}/pulls", draft))).toBe(422);
});

test("files come in pages and stop without a word lab.at the cap", async () => {
  const repo = await lab.newRepository();
  const files = Object.fromEntries(
    Array.from({ length: 260 }, (_, i) => [`d/f${String(i).padStart(3, "0")}.tf`, "x"]),
  );
  await scene.push(lab.github, repo, { branch: "x", files, by: lab.ann });
  const pull = await scene.openPull(lab.github, repo, { by: lab.ann, head: "x" });
  const octokit = await lab.asInstallation();
  const target = { ...lab.at(repo), pull_number: pull.number };
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
  const repo = await lab.newRepository({
    "old.tf": "some content that is long enough to be found again\n",
  });
  await scene.push(lab.github, repo, { branch: "release", files: { "r.tf": "" }, by: lab.bob });
  await scene.push(lab.github, repo, {
    branch: "x",
    files: { "old.tf": null, "new.tf": "some content that is long enough to be found again\n" },
    by: lab.ann,
  });
  const pull = await scene.openPull(lab.github, repo, { by: lab.ann, head: "x", draft: true });
  const octokit = lab.as(lab.ann);
  const target = { ...lab.at(repo), pull_number: pull.number };
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
    ...lab.at(repo),
    base: "release",
  });
  expect(list.map((p) => p.number)).toEqual([pull.number]);
  expect((await lab.eventsOf(repo)).slice(-5)).toEqual([
    "pull_request.edited",
    "pull_request.edited",
    "pull_request.closed",
    "pull_request.reopened",
    "pull_request.ready_for_review",
  ]);
});

test("a fork's pull request shows the fork, and loses it when the fork's branch goes", async () => {
  const repo = await lab.newRepository();
  const eve = lab.github.user("eve");
  const fork = await scene.forkRepository(lab.github, repo, eve);
  await scene.push(lab.github, fork, { branch: "x", files: { "a.tf": "evil\n" }, by: eve });
  const octokit = lab.as(eve);
  const { data: pull } = await octokit.request("POST /repos/{owner}/{repo}/pulls", {
    ...lab.at(repo),
    title: "from outside",
    head: "eve:x",
    base: "main",
  });
  expect(pull.head.repo?.id).toBe(fork.id);
  expect(pull.head.repo?.id).not.toBe(pull.base.repo.id);
  const sha = await scene.push(lab.github, fork, {
    branch: "x",
    files: { "a.tf": "worse\n" },
    by: eve,
  });
  expect(repo.pulls.get(pull.number)?.head.sha).toBe(sha);
  await scene.deleteBranch(lab.github, fork, "x", eve);
  expect(repo.pulls.get(pull.number)?.state).toBe("closed");
});

test("all that was said in this file, in both directions, is what GitHub's descriptions allow", async () => {
  await lab.github.settled();
  expect(lab.github.violations()).toEqual([]);
});
