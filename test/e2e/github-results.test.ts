import { afterAll, beforeAll, expect } from "vitest";
import { present } from "../../src/base/assert.ts";
import * as scene from "../support/github-double/scene.ts";
import type { Comment, Pull } from "../support/github-double/world.ts";
import { type GithubLab, githubLab, rootModule } from "../support/github-lab.ts";
import { whereTerraform } from "../support/where-terraform.ts";

const CONFIG = `version: "1"
notifications:
  policies:
    - {tag_query: "dir:keep", comment_strategy: append}
    - {tag_query: "dir:hide or dir:hide2"}
    - {tag_query: "dir:drop", comment_strategy: delete}
  summary: {enabled: true}
`;

let lab: GithubLab;

beforeAll(async () => {
  lab = await githubLab({ ".terrane/config.yml": CONFIG });
});

afterAll(() => lab.close());

/** What people see, oldest first: the headline, in brackets where it is hidden. */
function conversation(pull: Pull): readonly string[] {
  return results(pull).map(({ body, minimized }) => {
    const line = (body.split("\n")[0] ?? "").replace("### ", "");
    return minimized === undefined ? line : `(${minimized}: ${line})`;
  });
}

/** All of ours but the one that is always current, of which there is always one. */
function results(pull: Pull): readonly Comment[] {
  const isResult = ({ body }: Comment) => /^### (Plan|Apply) run \d+/.test(body);
  const comments = scene.botComments(lab.double, pull);
  expect(comments.filter((one) => !isResult(one))).toHaveLength(1);
  return comments.filter(isResult);
}

async function push(branch: string, dirs: readonly string[], input: string): Promise<void> {
  const { double, repo, people, stateDir } = lab;
  const files = Object.fromEntries(
    dirs.map((dir) => [
      `${dir}/main.tf`,
      rootModule(stateDir, `${branch}-${dir.replace("/", "-")}`, input),
    ]),
  );
  await scene.push(double, repo, { branch, files, by: people.ann });
}

/** Once the last run has ended and is told of. */
async function told(pull: Pull, runs: number): Promise<void> {
  await lab.until(
    pull.number,
    `run ${runs} ended`,
    (now) => now.runs.length === runs && now.runs.every(({ state }) => state === "ended"),
  );
}

async function open(branch: string, dirs: readonly string[]): Promise<Pull> {
  await push(branch, dirs, "one");
  const pull = await scene.openPull(lab.double, lab.repo, { by: lab.people.ann, head: branch });
  await told(pull, 1);
  return pull;
}

async function say(pull: Pull, text: string, runs: number): Promise<void> {
  scene.comment(lab.double, pull, lab.people.ann, text);
  await told(pull, runs);
}

whereTerraform("append: plan, push, plan and apply leave a comment each", async () => {
  const pull = await open("appended", ["keep", "plain"]);
  expect(conversation(pull)).toEqual(["Plan run 1 · 1 dirspace · 1 to apply"]);
  const [first] = results(pull);
  expect(first?.body).toContain("+1 create · ~​0 update · ±0 replace · −0 destroy");
  expect(first?.body).toContain("| `keep` | 1 | 0 | 0 | 0 | to apply |");
  expect(first?.body).toMatch(/input += "one"/);
  expect(first?.body).not.toContain("plain");
  await push("appended", ["keep"], "two");
  await told(pull, 2);
  await say(pull, "terrane apply", 3);
  expect(conversation(pull)).toEqual([
    "Plan run 1 · 1 dirspace · 1 to apply",
    "Plan run 2 · 1 dirspace · 1 to apply",
    "Apply run 3 · 1 dirspace · 1 applied",
  ]);
  // What was said stays as it was said.
  expect(results(pull)[0]?.body).toBe(first?.body);
});

whereTerraform(
  "minimize: what is replaced is hidden as outdated, and nothing current with it",
  async () => {
    const pull = await open("hidden", ["hide", "hide2"]);
    await push("hidden", ["hide", "hide2"], "two");
    await told(pull, 2);
    expect(conversation(pull)).toEqual([
      "(outdated: Plan run 1 · 2 dirspaces · 2 to apply)",
      "Plan run 2 · 2 dirspaces · 2 to apply",
    ]);
    await say(pull, "terrane apply dir:hide", 3);
    expect(conversation(pull)).toEqual([
      "(outdated: Plan run 1 · 2 dirspaces · 2 to apply)",
      "(outdated: Plan run 2 · 2 dirspaces · 2 to apply)",
      "Apply run 3 · 1 dirspace · 1 applied",
    ]);
    const { body } = present(results(pull).at(-1), "the last one");
    const [own, carried] = body.split("**Still so since earlier runs**");
    expect(own).toContain("<code>hide</code>: +1 ~​0 ±0 −0, applied");
    expect(carried).toContain("<code>hide2</code>: +1 ~​0 ±0 −0");
    expect(carried).toMatch(/input += "two"/);
  },
);

whereTerraform("delete: only the last one is there; one deleted by hand is no error", async () => {
  const pull = await open("deleted", ["drop"]);
  const [first] = results(pull);
  await push("deleted", ["drop"], "two");
  await told(pull, 2);
  expect(conversation(pull)).toEqual(["Plan run 2 · 1 dirspace · 1 to apply"]);
  expect(results(pull)[0]?.id).not.toBe(first?.id);
  lab.repo.comments.delete(present(results(pull)[0], "the second").id);
  await say(pull, "terrane apply", 3);
  expect(conversation(pull)).toEqual(["Apply run 3 · 1 dirspace · 1 applied"]);
});

whereTerraform("two strategies in one pull request are two comments of each run", async () => {
  const pull = await open("both", ["keep", "drop", "plain"]);
  expect(conversation(pull)).toEqual([
    "Plan run 1 · 1 dirspace · 1 to apply",
    "Plan run 1 · 1 dirspace · 1 to apply",
  ]);
  await push("both", ["keep", "drop", "plain"], "two");
  await told(pull, 2);
  expect(conversation(pull)).toEqual([
    "Plan run 1 · 1 dirspace · 1 to apply",
    "Plan run 2 · 1 dirspace · 1 to apply",
    "Plan run 2 · 1 dirspace · 1 to apply",
  ]);
  expect(results(pull).map(({ body }) => /<code>(\w+)<\/code>/.exec(body)?.[1])).toEqual([
    "keep",
    "keep",
    "drop",
  ]);
});

whereTerraform("a run that went wrong is told with the end of its error", async () => {
  const { double, repo, people } = lab;
  const files = { "hide/main.tf": 'resource "terraform_data" "this" { input = var.nowhere }\n' };
  await scene.push(double, repo, { branch: "broken", files, by: people.ann });
  const pull = await scene.openPull(double, repo, { by: people.ann, head: "broken" });
  await told(pull, 1);
  expect(conversation(pull)).toEqual(["Plan run 1 · 1 dirspace · 1 failed"]);
  expect(results(pull)[0]?.body).toContain("Reference to undeclared input variable");
});
