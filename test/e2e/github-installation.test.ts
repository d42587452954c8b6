import { afterAll, beforeAll, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import {
  installAgain,
  setSuspended,
  uninstall,
} from "../support/github-double/domain/installations.ts";
import * as scene from "../support/github-double/scene.ts";
import type { Installation, Pull } from "../support/github-double/world.ts";
import { type GithubLab, githubLab, rootModule } from "../support/github-lab.ts";
import { whereTerraform } from "../support/where-terraform.ts";

let lab: GithubLab;
let pull: Pull;

beforeAll(async () => {
  lab = await githubLab();
});

afterAll(() => lab.close());

function installation(): Installation {
  return present([...lab.double.world.installations.values()][0], "no installation");
}

/** The notice of the pull request says so, or says so no more. */
async function noticed(code: string, there: boolean): Promise<void> {
  const has = (notice: unknown) => JSON.stringify(notice ?? null).includes(code);
  await expect
    .poll(async () => has((await lab.detail(pull.number))?.notice), {
      timeout: 60_000,
      interval: 500,
    })
    .toBe(there);
}

whereTerraform(
  "a plan that runs when the app is uninstalled ends with the reason, and goes on under the new installation",
  async () => {
    const { double, repo, people, stateDir } = lab;
    const held = lab.hold();
    const files = { "net/main.tf": rootModule(stateDir, "net", "two") };
    await scene.push(double, repo, { branch: "change", files, by: people.ann });
    pull = await scene.openPull(double, repo, { by: people.ann, head: "change" });
    await held;
    const before = installation();
    uninstall(double.world, before, people.ann);
    await noticed("NOT_SERVED", true);
    const runs = repo.runs.size;
    const now = installAgain(double.world, before, people.ann);
    expect(now.id).not.toBe(before.id);
    await lab.until(pull.number, "planned", (shown) => shown.dirspaces[0]?.phase === "planned");
    await noticed("NOT_SERVED", false);
    expect(repo.runs.size).toBe(runs + 1);
  },
);

test("while the installation is suspended nothing is done, and after it what people wrote meanwhile stands", async () => {
  const { double, repo, people } = lab;
  const runs = repo.runs.size;
  setSuspended(double.world, installation(), true, people.ann);
  await noticed("NOT_SERVED", true);
  scene.comment(double, pull, people.ann, "terrane plan");
  await lab.quiet();
  expect(repo.runs.size).toBe(runs);
  setSuspended(double.world, installation(), false, people.ann);
  await noticed("NOT_SERVED", false);
});

test("all that was said about installations is what GitHub's descriptions allow", () => {
  expect(lab.double.violations()).toEqual([]);
});
