import { Octokit } from "@octokit/core";
import { expect, test } from "vitest";
import * as scene from "../support/github-double/scene.ts";
import { githubLab } from "./github-double-lab.ts";

const lab = githubLab();

test("an app finds its installation and gets a narrowed token that ends after an hour", async () => {
  const repo = await lab.newRepository();
  const app = lab.asApp();
  expect((await app.request("GET /app")).data?.slug).toBe("terrane");
  const { data: installation } = await app.request(
    "GET /repos/{owner}/{repo}/installation",
    lab.at(repo),
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
  const narrow = new Octokit({ auth: token.token, baseUrl: lab.github.apiUrl });
  expect((await narrow.request("GET /installation/repositories")).data.total_count).toBe(1);
  const checkRun = { ...lab.at(repo), name: "x", head_sha: repo.branches.get("main") ?? "" };
  expect(
    await lab.statusOf(narrow.request("POST /repos/{owner}/{repo}/check-runs", checkRun)),
  ).toBe(403);
  lab.clock.advance(61 * 60 * 1000);
  expect(await lab.statusOf(narrow.request("GET /installation/repositories"))).toBe(401);
  lab.clock.reset();
});

test("an unknown token is nobody", async () => {
  const stranger = new Octokit({ auth: "ghs_unknown", baseUrl: lab.github.apiUrl });
  expect(await lab.statusOf(stranger.request("GET /installation/repositories"))).toBe(401);
  expect(await lab.statusOf(stranger.request("GET /app"))).toBe(401);
});

test("files, blobs, trees and comparisons come from the real repository", async () => {
  const repo = await lab.newRepository({ "a/main.tf": "# a\n", "b/main.tf": "# b\n" });
  await scene.push(lab.github, repo, {
    branch: "x",
    files: { "a/main.tf": "# aa\n", "c.tf": "" },
    by: lab.ann,
  });
  const octokit = await lab.asInstallation();
  const { data: file } = await octokit.request("GET /repos/{owner}/{repo}/contents/{path}", {
    ...lab.at(repo),
    path: "a/main.tf",
    ref: "x",
  });
  expect(file).toMatchObject({ type: "file", encoding: "base64", content: "IyBhYQo=" });
  const raw = await octokit.request("GET /repos/{owner}/{repo}/contents/{path}", {
    ...lab.at(repo),
    path: "a/main.tf",
    headers: { accept: "application/vnd.github.raw+json" },
  });
  expect(raw.data).toBe("# a\n");
  const missing = octokit.request("GET /repos/{owner}/{repo}/contents/{path}", {
    ...lab.at(repo),
    path: "none",
  });
  expect(await lab.statusOf(missing)).toBe(404);
  const { data: tree } = await octokit.request("GET /repos/{owner}/{repo}/git/trees/{tree_sha}", {
    ...lab.at(repo),
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
      ...lab.at(repo),
      file_sha: blob?.sha ?? "",
    },
  );
  expect(Buffer.from(content.content, "base64").toString()).toBe("# aa\n");
  const { data: compared } = await octokit.request("GET /repos/{owner}/{repo}/compare/{basehead}", {
    ...lab.at(repo),
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
  const repo = await lab.newRepository(files);
  const { data } = await (await lab.asInstallation()).request(
    "GET /repos/{owner}/{repo}/git/trees/{tree_sha}",
    {
      ...lab.at(repo),
      tree_sha: "main",
      recursive: "1",
    },
  );
  expect(data.truncated).toBe(true);
  expect(data.tree).toHaveLength(500);
});

test("permission is told by role, also for people of teams, and none for strangers", async () => {
  const repo = await lab.newRepository();
  const organization = lab.github.world.organizations.get(lab.acme.id);
  if (organization === undefined) throw new Error("no organization");
  lab.github.team(organization, "platform", [lab.github.user("kim")]);
  organization.members.set(lab.github.user("kim").id, "member");
  repo.teams.set("platform", "triage");
  const octokit = await lab.asInstallation();
  const told: Record<string, unknown> = {};
  for (const username of ["ann", "bob", "eve", "boss", "kim", "terrane-owner"]) {
    const { data } = await octokit.request(
      "GET /repos/{owner}/{repo}/collaborators/{username}/permission",
      {
        ...lab.at(repo),
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
    await lab.statusOf(
      octokit.request("GET /orgs/{org}/teams/{team_slug}/memberships/{username}", stranger),
    ),
  ).toBe(404);
  expect(
    (await octokit.request("GET /user/{account_id}", { account_id: lab.ann.id })).data.login,
  ).toBe("ann");
});

test("a renamed repository answers under its old name and its id", async () => {
  const repo = await lab.newRepository();
  const old = lab.at(repo);
  scene.renameRepository(lab.github, repo, `renamed-${lab.count}`);
  const octokit = await lab.asInstallation();
  expect((await octokit.request("GET /repos/{owner}/{repo}", old)).data.name).toBe(repo.name);
  expect((await octokit.request("GET /repositories/{id}", { id: repo.id })).data).toMatchObject({
    id: repo.id,
  });
});

test("an unchanged answer costs nothing the second time", async () => {
  const repo = await lab.newRepository();
  const octokit = await lab.asInstallation();
  const first = await octokit.request("GET /repos/{owner}/{repo}", lab.at(repo));
  const again = octokit.request("GET /repos/{owner}/{repo}", {
    ...lab.at(repo),
    headers: { "if-none-match": first.headers.etag ?? "" },
  });
  expect(await lab.statusOf(again)).toBe(304);
});

test("all that was said in this file, in both directions, is what GitHub's descriptions allow", async () => {
  await lab.github.settled();
  expect(lab.github.violations()).toEqual([]);
});
