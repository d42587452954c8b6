import { afterAll, beforeAll, expect } from "vitest";
import { present } from "../../src/base/assert.ts";
import * as scene from "../support/github-double/scene.ts";
import { installationOf, type Pull } from "../support/github-double/world.ts";
import { type GithubLab, githubLab, rootModule } from "../support/github-lab.ts";
import { whereTerraform } from "../support/where-terraform.ts";

const CONFIG = "automerge: {enabled: true, delete_branch: true, merge_strategy: squash}\n";

let lab: GithubLab;

beforeAll(async () => {
  lab = await githubLab({ ".terrane/config.yml": CONFIG });
  const installation = present(installationOf(lab.double.world, lab.repo), "the installation");
  Object.assign(installation, {
    permissions: { ...installation.permissions, contents: "write", merge_queues: "read" },
    events: [...installation.events, "merge_group"],
  });
  const checks = ["terrane plan", "terrane apply"];
  lab.repo.protections.set("main", { approvals: 1, checks });
});

afterAll(() => lab.close());

function sticky(pull: Pull): string {
  const [comment] = scene.botComments(lab.double, pull);
  return present(comment, "no comment").body;
}

/** Opens a pull request and has it applied, which nobody has approved. */
async function applied(branch: string, dir: string): Promise<Pull> {
  const { double, repo, people, stateDir } = lab;
  const files = { [`${dir}/main.tf`]: rootModule(stateDir, dir, "two") };
  await scene.push(double, repo, { branch, files, by: people.ann });
  const pull = await scene.openPull(double, repo, { by: people.ann, head: branch });
  await lab.until(pull.number, "planned", (now) => now.dirspaces[0]?.phase === "planned");
  scene.comment(double, pull, people.ann, "terrane apply");
  await lab.until(
    pull.number,
    "refused by the rules of the branch",
    (now) => now.dirspaces[0]?.phase === "applied" && now.notice?.outcome === "refused",
  );
  return pull;
}

whereTerraform("what is applied is merged once the rules of the branch allow it", async () => {
  const { double, repo, people } = lab;
  const pull = await applied("change", "net");
  expect(sticky(pull)).toContain("The merge was refused");
  expect(sticky(pull)).toContain("At least 1 approving review is required");
  expect(pull.state).toBe("open");

  const head = pull.head.sha;
  scene.review(double, pull, people.bob, "APPROVE");
  await lab.until(pull.number, "merged", (now) => now.state === "merged");
  await lab.quiet();
  expect(pull.merged?.by).toBe(double.world.app.bot);
  expect(pull.head.sha).toBe(head);
  expect(repo.branches.has("change")).toBe(false);
  expect(await lab.locks()).toEqual([]);
  expect(lab.checks(head)).toEqual({ "terrane plan": "success", "terrane apply": "success" });
  expect(sticky(pull)).not.toContain("refused");
  expect(double.violations()).toEqual([]);
});

whereTerraform(
  "what the branch takes through its queue only is put into that, and tidied after it",
  async () => {
    const { double, repo, people, stateDir } = lab;
    const protection = present(repo.protections.get("main"), "the rules of the branch");
    repo.protections.set("main", { ...protection, approvals: 0, queue: true });
    const files = { "dns/main.tf": rootModule(stateDir, "dns", "three") };
    await scene.push(double, repo, { branch: "through", files, by: people.ann });
    const pull = await scene.openPull(double, repo, { by: people.ann, head: "through" });
    await lab.until(pull.number, "planned", (now) => now.dirspaces[0]?.phase === "planned");
    scene.comment(double, pull, people.ann, "terrane apply");
    await expect.poll(() => pull.queuedBy, { timeout: 90_000 }).toBe(double.world.app.bot);
    await lab.until(
      pull.number,
      "told of the queue",
      ({ notice }) => notice?.reasons.some(({ title }) => title === "In the merge queue") === true,
    );
    await lab.quiet();
    expect(sticky(pull)).toContain("In the merge queue");
    expect(pull.state).toBe("open");

    // The queue gives it back: nobody puts it in again before somebody says so.
    pull.queuedBy = undefined;
    scene.review(double, pull, people.bob, "COMMENT");
    await lab.quiet();
    expect(pull.queuedBy).toBeUndefined();
    scene.comment(double, pull, people.ann, "terrane apply");
    await expect.poll(() => pull.queuedBy, { timeout: 90_000 }).toBe(double.world.app.bot);

    await scene.mergeQueued(double, pull);
    await lab.until(pull.number, "merged", (now) => now.state === "merged");
    await lab.quiet();
    expect(repo.branches.has("through")).toBe(false);
    expect(await lab.locks()).toEqual([]);
    expect(double.violations()).toEqual([]);
    repo.protections.set("main", protection);
  },
);

whereTerraform(
  "the checks of a merge queue's group end with what was reviewed and applied",
  async () => {
    const { double, people } = lab;
    const pull = await applied("queued", "dns");
    const group = await scene.queueGroup(double, pull, people.bob);
    const wanted = { "terrane plan": "success", "terrane apply": "success" };
    await expect.poll(() => lab.checks(group.head), { timeout: 90_000 }).toEqual(wanted);
    await lab.quiet();
    // No further job was started for it.
    expect(lab.jobs).toHaveLength(6);
    expect(double.violations()).toEqual([]);
  },
);
