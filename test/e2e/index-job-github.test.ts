import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import * as scene from "../support/github-double/scene.ts";
import type { Pull } from "../support/github-double/world.ts";
import { CONFIG, type GithubLab, githubLab, rootModule } from "../support/github-lab.ts";
import { whereTerraform } from "../support/where-terraform.ts";

/** A change that only the code's own references connect with what has to be applied, from the pull request to the merge. */
let lab: GithubLab;
let pull: Pull;

const MODULE = (words: string) => `output "words" {\n  value = ${JSON.stringify(words)}\n}\n`;

beforeAll(async () => {
  lab = await githubLab({
    ".terrane/config.yml": `${CONFIG}indexer: {enabled: true}\n`,
    "modules/words/main.tf": MODULE("one"),
  });
  const { double, repo, people, stateDir } = lab;
  const caller = `${rootModule(stateDir, "app", "x").replace('input = "x"', "input = module.words.words")}
module "words" { source = "../modules/words" }
`;
  await scene.push(double, repo, {
    branch: "main",
    files: { "app/main.tf": caller },
    by: people.ann,
  });
});

afterAll(() => lab.close());

function stateOf(name: string): string {
  const file = join(lab.stateDir, `${name}.tfstate`);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

whereTerraform("what calls a changed module is read and planned in one job", async () => {
  const { double, repo, people } = lab;
  const files = { "modules/words/main.tf": MODULE("two") };
  await scene.push(double, repo, { branch: "module", files, by: people.ann });
  pull = await scene.openPull(double, repo, { by: people.ann, head: "module" });
  const now = await lab.until(pull.number, "planned", ({ dirspaces }) => dirspaces.length > 0);
  expect(now.dirspaces.map(({ key, phase }) => [key, phase])).toEqual([["app:default", "planned"]]);
  await lab.quiet();
  expect(lab.jobs.map(({ code }) => code)).toEqual([0]);
  const why = await lab.server.terrane("why", String(pull.number), "app");
  expect(why.stdout).toMatch(/because .*modules\/words/);
});

whereTerraform("it is applied once it is approved, without reading the code again", async () => {
  const { double, people } = lab;
  scene.review(double, pull, people.bob, "APPROVE");
  scene.comment(double, pull, people.ann, "terrane apply");
  await lab.until(pull.number, "applied", (now) => now.dirspaces[0]?.phase === "applied");
  expect(stateOf("app")).toContain('"two"');
  await lab.quiet();
  expect(lab.jobs.map(({ code }) => code)).toEqual([0, 0]);
  expect(await lab.locks()).toMatchObject([{ dir: "app", because: "applied" }]);
});

whereTerraform("the merge lets go of what only the job knew to be touched", async () => {
  const { double, people } = lab;
  await scene.merge(double, pull, people.bob);
  const now = await lab.until(pull.number, "merged", ({ state }) => state === "merged");
  expect(now.dirspaces.map(({ key, phase }) => [key, phase])).toEqual([["app:default", "applied"]]);
  expect(await lab.locks()).toEqual([]);
  expect(lab.comments(pull)).toHaveLength(1);
  expect(lab.comments(pull)[0]).toContain("Applied");
  expect(double.violations()).toEqual([]);
});
