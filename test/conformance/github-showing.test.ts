import { afterEach, beforeEach, expect, test } from "vitest";
import { APP_PERMISSIONS } from "../support/github-double/index.ts";
import * as scene from "../support/github-double/scene.ts";
import type { Account, Pull, Repository } from "../support/github-double/world.ts";
import { type Hour, startHour } from "../support/github-hour/hour.ts";
import { workflowFile } from "../support/github-lab.ts";

let hour: Hour;
let ann: Account;
let repo: Repository;

beforeEach(async () => {
  hour = await startHour();
});

afterEach(async () => {
  await hour.close();
});

/** A repository that shows more than the usual, and its first pull request, planned. */
async function planned(
  notifications: string,
  options: { readonly dirs?: readonly string[]; readonly statuses?: "read" | "write" } = {},
): Promise<Pull> {
  const { double } = hour;
  const { dirs = ["app", "net"], statuses = "write" } = options;
  const { account } = double.organization("acme", { ann: "member" });
  double.install(account, { permissions: { ...APP_PERMISSIONS, statuses } });
  ann = double.user("ann");
  repo = await scene.createRepository(double, account, "infra", {
    collaborators: { ann: "write" },
    files: {
      ".github/workflows/terrane.yml": workflowFile(),
      ".terrane/config.yml": `version: "1"\nnotifications: {${notifications}}\n`,
      ...Object.fromEntries(dirs.map((dir) => [`${dir}/main.tf`, ""])),
    },
  });
  const files = Object.fromEntries(dirs.map((dir) => [`${dir}/main.tf`, "# changed"]));
  await scene.push(double, repo, { branch: "change", files, by: ann });
  await hour.quiet();
  const pull = await scene.openPull(double, repo, { by: ann, head: "change" });
  await hour.quiet();
  return pull;
}

async function says(pull: Pull, text: string): Promise<void> {
  scene.comment(hour.double, pull, ann, text);
  await hour.quiet();
}

/** The last of each name on the commit, by name. */
function statuses(commit: string): Readonly<Record<string, string>> {
  const at = repo.statuses.filter(({ sha }) => sha === commit);
  return Object.fromEntries(at.map(({ context, state }) => [context, state]));
}

function checks(commit: string): Readonly<Record<string, string>> {
  const at = [...repo.checks.values()].filter(({ headSha }) => headSha === commit);
  return Object.fromEntries(
    at.map(({ name, status, conclusion }) => [name, conclusion ?? status] as const),
  );
}

test("without a word of it there are two checks, no status and no label", async () => {
  const pull = await planned("");
  expect(checks(pull.head.sha)).toEqual({ "terrane plan": "success", "terrane apply": "queued" });
  expect(statuses(pull.head.sha)).toEqual({});
  expect(pull.labels).toEqual([]);
});

test("each dirspace has checks of its own, and all of them end", async () => {
  const pull = await planned("dirspace_checks: {enabled: true}");
  expect(checks(pull.head.sha)).toEqual({
    "terrane plan": "success",
    "terrane apply": "queued",
    "terrane plan: app default": "success",
    "terrane apply: app default": "queued",
    "terrane plan: net default": "success",
    "terrane apply: net default": "queued",
  });
  await says(pull, "terrane apply dir:app");
  expect(checks(pull.head.sha)).toMatchObject({
    "terrane apply": "queued",
    "terrane apply: app default": "success",
    "terrane apply: net default": "queued",
  });
  const old = pull.head.sha;
  await scene.push(hour.double, repo, { branch: "change", files: { "net/a.tf": "" }, by: ann });
  await hour.quiet();
  expect(new Set(Object.values(checks(old)))).toEqual(new Set(["success", "cancelled"]));
  await says(pull, "terrane apply");
  expect(new Set(Object.values(checks(pull.head.sha)))).toEqual(new Set(["success"]));
});

test("more dirspaces than that have none of their own", async () => {
  const pull = await planned("dirspace_checks: {enabled: true, max: 1}");
  expect(Object.keys(checks(pull.head.sha))).toEqual(["terrane plan", "terrane apply"]);
});

test("statuses say the same, under a name that a branch may wait for, and no apply waits for them", async () => {
  const pull = await planned(
    "statuses: {enabled: true, name: terrateam}, dirspace_checks: {enabled: true}",
  );
  expect(statuses(pull.head.sha)).toEqual({
    "terrateam plan": "success",
    "terrateam apply": "pending",
    "terrateam plan: app default": "success",
    "terrateam apply: app default": "pending",
    "terrateam plan: net default": "success",
    "terrateam apply: net default": "pending",
  });
  expect(checks(pull.head.sha)).toEqual({ "terrane plan": "success", "terrane apply": "queued" });
  await says(pull, "terrane apply");
  expect(new Set(Object.values(statuses(pull.head.sha)))).toEqual(new Set(["success"]));
});

test("a push ends the statuses of the commit before", async () => {
  const pull = await planned("statuses: {enabled: true}");
  const old = pull.head.sha;
  await scene.push(hour.double, repo, { branch: "change", files: { "net/a.tf": "" }, by: ann });
  await hour.quiet();
  expect(statuses(old)).toEqual({ "terrane plan": "success", "terrane apply": "error" });
});

test("where the App may not write statuses, comment and checks are there all the same", async () => {
  const pull = await planned("statuses: {enabled: true}", { statuses: "read" });
  expect(statuses(pull.head.sha)).toEqual({});
  expect(checks(pull.head.sha)).toEqual({ "terrane plan": "success", "terrane apply": "queued" });
  expect(repo.comments.size).toBe(1);
});

test("one label of ours says how it stands, and those of others stay", async () => {
  const pull = await planned("labels: {enabled: true}");
  pull.labels.push("urgent");
  expect(pull.labels).toEqual(["terrane: to apply", "urgent"]);
  await says(pull, "terrane apply");
  expect(pull.labels).toEqual(["urgent", "terrane: applied"]);
});

test("a label that somebody took away is no error", async () => {
  const pull = await planned("labels: {enabled: true}");
  pull.labels = [];
  await says(pull, "terrane apply");
  expect(pull.labels).toEqual(["terrane: applied"]);
});

test("what is wrong at a line of the configuration stands at that line, once", async () => {
  const pull = await planned("");
  const broken = 'version: "1"\ndirs:\n  app: {tagz: [a]}\n';
  const files = { ".terrane/config.yml": broken };
  await scene.push(hour.double, repo, { branch: "change", files, by: ann });
  await hour.quiet();
  await says(pull, "terrane plan");
  const check = [...repo.checks.values()].find(
    ({ name, headSha }) => name === "terrane plan" && headSha === pull.head.sha,
  );
  expect(check?.output.annotations).toEqual([
    expect.objectContaining({
      path: ".terrane/config.yml",
      start_line: 3,
      end_line: 3,
      annotation_level: "failure",
      title: "Configuration",
    }),
  ]);
});
