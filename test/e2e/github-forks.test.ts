import { afterAll, beforeAll, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import { updatePull } from "../support/github-double/domain/pulls.ts";
import * as scene from "../support/github-double/scene.ts";
import type { Account, Pull, Repository } from "../support/github-double/world.ts";
import { type GithubLab, githubLab, rootModule } from "../support/github-lab.ts";
import { whereTerraform } from "../support/where-terraform.ts";

let lab: GithubLab;

beforeAll(async () => {
  lab = await githubLab();
  lab.repo.private = false;
});

afterAll(() => lab.close());

/** A pull request from a fork: by itself it reads the credentials of whoever plans it. */
async function openFrom(fork: Repository, head: string, by: Account): Promise<Pull> {
  const files = { "net/main.tf": 'data "external" "x" { program = ["sh", "-c", "env"] }\n' };
  await scene.push(lab.double, fork, { branch: head, files, by });
  return await scene.openPull(lab.double, lab.repo, { by, head, from: fork });
}

const KINDS: readonly (readonly [string, (name: string) => Promise<Pull>])[] = [
  [
    "a fork",
    async (name) => {
      const { double, repo, people } = lab;
      const fork = await scene.forkRepository(double, repo, people.mallory, name);
      return await openFrom(fork, "evil", people.mallory);
    },
  ],
  [
    "a fork of the same owner",
    async (name) => {
      const { double, repo, people } = lab;
      const fork = await scene.forkRepository(double, repo, repo.owner, name);
      return await openFrom(fork, "evil", people.mallory);
    },
  ],
  [
    "a fork whose branch is called as ours",
    async (name) => {
      const { double, repo, people } = lab;
      const fork = await scene.forkRepository(double, repo, people.mallory, name);
      return await openFrom(fork, "main", people.mallory);
    },
  ],
  [
    "a fork of a fork",
    async (name) => {
      const { double, repo, people } = lab;
      const first = await scene.forkRepository(double, repo, people.mallory, `${name}-1`);
      const second = await scene.forkRepository(double, first, double.user("eve"), name);
      return await openFrom(second, "evil", people.mallory);
    },
  ],
  [
    "a fork that was renamed",
    async (name) => {
      const { double, repo, people } = lab;
      const fork = await scene.forkRepository(double, repo, people.mallory, name);
      const pull = await openFrom(fork, "evil", people.mallory);
      scene.renameRepository(double, fork, `${name}-renamed`);
      await scene.push(double, fork, {
        branch: "evil",
        files: { "net/evil.tf": "# more\n" },
        by: people.mallory,
      });
      return pull;
    },
  ],
  [
    "a fork that was deleted",
    async (name) => {
      const { double, repo, people } = lab;
      const fork = await scene.forkRepository(double, repo, people.mallory, name);
      const pull = await openFrom(fork, "evil", people.mallory);
      scene.deleteFork(double, fork);
      return pull;
    },
  ],
  [
    "a fork, for another base branch first",
    async (name) => {
      const { double, repo, people } = lab;
      const fork = await scene.forkRepository(double, repo, people.mallory, name);
      await scene.push(double, repo, { branch: name, files: { "x.md": "x" }, by: people.ann });
      const files = { "net/main.tf": 'data "external" "x" { program = ["env"] }\n' };
      await scene.push(double, fork, { branch: "evil", files, by: people.mallory });
      const from = { by: people.mallory, head: "evil", from: fork, base: name };
      const pull = await scene.openPull(double, repo, from);
      await updatePull(double.world, pull, people.mallory, { base: "main" });
      return pull;
    },
  ],
  [
    "a fork, closed and opened again",
    async (name) => {
      const { double, repo, people } = lab;
      const fork = await scene.forkRepository(double, repo, people.mallory, name);
      const pull = await openFrom(fork, "evil", people.mallory);
      await updatePull(double.world, pull, people.mallory, { state: "closed" });
      await updatePull(double.world, pull, people.mallory, { state: "open" });
      return pull;
    },
  ],
];

test.each(KINDS)(
  "T1 the pull request of %s starts no job, whoever asks for one",
  async (kind, open) => {
    const { double, repo, people } = lab;
    const before = repo.runs.size;
    const pull = await open(`fork-${KINDS.findIndex(([name]) => name === kind)}`);
    await lab.until(pull.number, "looked at");
    scene.review(double, pull, people.mallory, "COMMENT");
    scene.review(double, pull, double.user("eve"), "APPROVE");
    for (const text of ["terrane plan", "terrane apply"]) {
      scene.comment(double, pull, people.mallory, text);
      scene.comment(double, pull, people.bob, text);
    }
    await lab.quiet();
    expect(repo.runs.size).toBe(before);
    expect(pull.head.repository?.runs.size ?? 0).toBe(0);
    const [said = ""] = lab.comments(pull);
    expect(said).toContain("The change comes from a fork");
    expect(said).toContain(`approve commit \`${pull.head.sha.slice(0, 7)}\` in a review`);
  },
);

whereTerraform(
  "T1 a fork is planned once somebody who may write has approved its commit, and the next commit is not",
  async () => {
    const { double, repo, people, stateDir } = lab;
    const fork = await scene.forkRepository(double, repo, people.mallory, "contributor");
    const push = async (input: string) => {
      const files = { "net/main.tf": rootModule(stateDir, "net", input) };
      await scene.push(double, fork, { branch: "feature", files, by: people.mallory });
    };
    await push("from a fork");
    const wish = { by: people.mallory, head: "feature", from: fork };
    const pull = await scene.openPull(double, repo, wish);
    await lab.until(pull.number, "looked at");
    scene.review(double, pull, people.bob, "APPROVE");
    const planned = await lab.until(
      pull.number,
      "planned",
      (now) => now.dirspaces[0]?.phase === "planned",
    );
    expect(planned.headSha).toBe(pull.head.sha);
    const runs = repo.runs.size;
    await push("something else");
    await lab.quiet();
    expect(repo.runs.size).toBe(runs);
    expect(present(lab.comments(pull)[0], "no comment")).toContain("The change comes from a fork");
    scene.comment(double, pull, people.bob, "terrane apply");
    await lab.quiet();
    expect(repo.runs.size).toBe(runs);
  },
);
