import { afterAll, beforeAll, expect } from "vitest";
import * as scene from "../support/github-double/scene.ts";
import type { Pull } from "../support/github-double/world.ts";
import { type GithubLab, githubLab, rootModule } from "../support/github-lab.ts";
import { whereTerraform } from "../support/where-terraform.ts";

const LATE = "apply_requirements: {create_pending_apply_check: false}\n";

let lab: GithubLab;

beforeAll(async () => {
  lab = await githubLab({ ".terrane/config.yml": LATE });
});

afterAll(() => lab.close());

async function open(branch: string, files: Readonly<Record<string, string>>): Promise<Pull> {
  const { double, repo, people } = lab;
  await scene.push(double, repo, { branch, files, by: people.ann });
  return await scene.openPull(double, repo, { by: people.ann, head: branch });
}

whereTerraform(
  "without pending ones the check of an apply is there once it is asked for, and ends",
  async () => {
    const { double, people, stateDir } = lab;
    const pull = await open("change", { "net/main.tf": rootModule(stateDir, "net", "two") });
    await lab.until(pull.number, "planned", (now) => now.dirspaces[0]?.phase === "planned");
    await lab.quiet();
    expect(lab.checks(pull.head.sha)).toEqual({ "terrane plan": "success" });

    scene.comment(double, pull, people.ann, "terrane apply");
    await lab.until(pull.number, "applied", (now) => now.dirspaces[0]?.phase === "applied");
    await lab.quiet();
    const ended = { "terrane plan": "success", "terrane apply": "success" };
    expect(lab.checks(pull.head.sha)).toEqual(ended);
    expect(double.violations()).toEqual([]);
  },
);

whereTerraform("where nothing is to be applied no check of an apply is made", async () => {
  const pull = await open("words", { "README.md": "Words.\n" });
  await lab.until(pull.number, "looked at");
  await lab.quiet();
  expect(lab.checks(pull.head.sha)).toEqual({ "terrane plan": "success" });
});
