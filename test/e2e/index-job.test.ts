import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { isOver } from "../support/pull-request-once.ts";
import { type RepositoryScene, repositoryScene } from "../support/repository-scene.ts";
import { whereTerraform } from "../support/where-terraform.ts";

/**
 * The runner as it is shipped reads the code of a real git repository and plans what that affects, in one CI job:
 * callers of a module three levels up, and a directory that links to shared code.
 */
const FILES: Readonly<Record<string, string>> = {
  ".terrane/config.yml": "indexer: {enabled: true}\n",
  "modules/net/main.tf": 'resource "terraform_data" "net" {}\n',
  "live/eu/app/main.tf": 'module "net" {\n  source = "../../../modules/net"\n}\n',
  "live/us/app/main.tf": 'resource "terraform_data" "app" {}\n',
  "shared/common.tf": 'resource "terraform_data" "common" {}\n',
  "other/main.tf": 'resource "terraform_data" "other" {}\n',
  "README.md": "Modules and links.\n",
};

let scene: RepositoryScene;

beforeAll(async () => {
  scene = await repositoryScene(({ clone, write }) => {
    for (const [path, text] of Object.entries(FILES)) write(path, text);
    symlinkSync("../../../shared/common.tf", join(clone, "live/us/app/common.tf"));
  });
});

afterAll(() => scene.close());

const ONE_JOB = [{ number: 1, kind: "plan", outcome: "finished", failure: null }];

whereTerraform(
  "a root is planned where a module three levels up changes, in one CI job",
  async () => {
    const number = await scene.open("module", () =>
      scene.write("modules/net/main.tf", 'resource "terraform_data" "net" {\n  input = 2\n}\n'),
    );
    const shown = await scene.until(number, isOver);
    expect(shown.dirspaces.map(({ key, phase }) => ({ key, phase }))).toEqual([
      { key: "live/eu/app:default", phase: "planned" },
    ]);
    expect(await scene.jobsOf(number)).toMatchObject(ONE_JOB);
  },
);

whereTerraform("a root is planned where the code it links to changes, in one CI job", async () => {
  const number = await scene.open("link", () =>
    scene.write("shared/common.tf", 'resource "terraform_data" "common" {\n  input = 2\n}\n'),
  );
  const shown = await scene.until(number, isOver);
  expect(shown.dirspaces.map(({ key }) => key)).toContain("live/us/app:default");
  expect(shown.dirspaces.map(({ key }) => key)).not.toContain("live/eu/app:default");
  expect(shown.dirspaces.every(({ phase }) => phase === "planned")).toBe(true);
  expect(await scene.jobsOf(number)).toMatchObject(ONE_JOB);
});

whereTerraform("a job that finds nothing to plan ends green", async () => {
  const number = await scene.open("words", () => scene.write("README.md", "Other words.\n"));
  const shown = await scene.until(number, isOver);
  expect(shown.dirspaces).toEqual([]);
  expect(await scene.jobsOf(number)).toMatchObject(ONE_JOB);
  expect(shown.notice).toBeNull();
});

whereTerraform(
  "a base that moves while the code is read is merged with what is planned",
  async () => {
    const number = await scene.open("late", () =>
      scene.write("modules/net/extra.tf", 'output "late" {\n  value = 1\n}\n'),
    );
    scene.git("checkout", "-q", "main");
    rmSync(join(scene.clone, "README.md"));
    scene.commit("Move the base");
    scene.git("push", "-q", "origin", "main");
    const shown = await scene.until(
      number,
      (now) => isOver(now) && now.dirspaces.some(({ phase }) => phase === "planned"),
    );
    expect(shown.dirspaces.map(({ key }) => key)).toEqual(["live/eu/app:default"]);
  },
);
