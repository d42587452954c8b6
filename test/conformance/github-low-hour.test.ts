import { afterEach, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import type { Instant } from "../../src/base/brand.ts";
import { createOwners } from "../../src/ci/github-actions-owner.ts";
import type { CommitSha } from "../../src/core/ids.ts";
import type { RepositoryRef } from "../../src/ports/vcs.ts";
import { createGithub } from "../../src/vcs/github/github.ts";
import { DOCUMENTED_LIMITS } from "../support/github-double/limiter.ts";
import * as scene from "../support/github-double/scene.ts";
import type { Account, Installation, Repository } from "../support/github-double/world.ts";
import { type Hour, startHour } from "../support/github-hour/hour.ts";
import { workflowFile } from "../support/github-lab.ts";

const MINUTE = 60_000;
/** Long enough for what one decision has told to be asked anew for a grant. */
const WAITS_MS = 2 * MINUTE;
/** Below the fifth that is kept. */
const LEFT = 0.19;

const CONFIG = `version: "1"
access_control:
  policies:
    - tag_query: ""
      apply: ["team:sre", "repo:admin"]
apply_requirements:
  checks:
    - tag_query: ""
      approved: {enabled: true, any_of: ["team:sre"], any_of_count: 1}
      status_checks: {enabled: true}
`;

let hour: Hour;
afterEach(async () => {
  await hour.close();
});

interface Place {
  readonly repo: Repository;
  readonly central: Repository;
  readonly ann: Account;
  readonly bob: Account;
  readonly installation: Installation;
}

async function build(): Promise<Place> {
  hour = await startHour({
    enforced: DOCUMENTED_LIMITS,
    job: { waitsMs: WAITS_MS, worksMs: MINUTE },
  });
  const { double } = hour;
  const acme = double.organization("acme", { ann: "member", bob: "member" });
  const installation = double.install(acme.account);
  const [ann, bob] = [double.user("ann"), double.user("bob")];
  double.team(acme, "sre", [ann, bob]);
  const central = await scene.createRepository(double, acme.account, "terrane", {
    files: { "config/defaults.yml": 'version: "1"\n' },
  });
  const repo = await scene.createRepository(double, acme.account, "infra", {
    collaborators: { ann: "write", bob: "write" },
    files: {
      ".github/workflows/terrane.yml": workflowFile(),
      ".terrane/config.yml": CONFIG,
      "net/main.tf": "",
    },
  });
  return { repo, central, ann, bob, installation };
}

function refOf(repo: Repository, { id }: Installation): RepositoryRef {
  return { installation: String(id), id: String(repo.id), fullName: `acme/${repo.name}` };
}

test("L37 with less than a fifth of the hour left an apply that was asked for claims, is permitted and merges, and looks wait", async () => {
  const { repo, central, ann, bob, installation } = await build();
  const { double, github } = hour;
  await scene.push(double, repo, { branch: "change", files: { "net/a.tf": "" }, by: ann });
  const pull = await scene.openPull(double, repo, { by: ann, head: "change" });
  await hour.quiet(5 * MINUTE);
  scene.review(double, pull, bob, "APPROVE");
  scene.foreignCheck(double, repo, pull.head.sha, { name: "lint", conclusion: "success" });
  scene.comment(double, pull, ann, "terrane apply");
  await hour.until(hour.now() + MINUTE);

  const limiter = present(double.world.limiter, "a limiter");
  limiter.leave(String(installation.id), LEFT, hour.now());
  const ref = refOf(repo, installation);
  // The answers to these tell how little is left.
  await github.vcs.branch(ref, "main");
  await github.vcs.readFiles(ref, pull.head.sha as CommitSha, ["none"], 10);
  // Rules that nobody has read yet.
  const files = { "config/overrides.yml": 'version: "1"\n' };
  await scene.push(double, central, { branch: "main", files, by: ann });

  await hour.quiet(6 * MINUTE);
  const runs = [...hour.memory.tables.runs.values()].map((run) => `${run.kind} ${run.outcome}`);
  expect(runs).toEqual(["plan finished", "apply finished"]);
  expect(await github.vcs.branch(ref, "main")).toMatchObject({ kind: "unavailable" });
  expect(await github.vcs.pullRequest(ref, pull.number)).toMatchObject({ kind: "unavailable" });
  const head = pull.head.sha as CommitSha;
  expect(await github.vcs.merge(ref, pull.number, { head, method: "auto" })).toMatchObject({
    kind: "ok",
  });
  expect(limiter.refused).toEqual([]);
  expect(double.violations()).toEqual([]);
});

test("L37 a server that has just started, with nothing remembered, asks for a permission and claims with what is kept", async () => {
  const { repo, ann, installation } = await build();
  const { double } = hour;
  await scene.push(double, repo, { branch: "change", files: { "net/a.tf": "" }, by: ann });
  const pull = await scene.openPull(double, repo, { by: ann, head: "change" });
  present(double.world.limiter, "a limiter").leave(String(installation.id), LEFT, hour.now());
  const fresh = createGithub({
    apiUrl: double.apiUrl,
    appId: double.app.id,
    privateKey: double.app.privateKey,
    userAgent: "terrane-test",
    now: hour.now,
    webhookSecrets: ["secret"],
  });
  const ref = refOf(repo, installation);
  const { vcs } = fresh;
  const permitting = present(vcs.permitting, "what is kept");
  await vcs.branch(ref, "main");
  const [base, head] = [pull.base.sha as CommitSha, pull.head.sha as CommitSha];
  for (const direct of [true, false]) {
    const range = { base, head, direct };
    expect(await vcs.changes(ref, range)).toMatchObject({ kind: "unavailable" });
    expect(await permitting.changes(ref, range)).toMatchObject({ kind: "ok" });
  }
  expect(await permitting.sibling(ref, ["terrane"], "config")).toMatchObject({
    kind: "ok",
    value: { ref: { fullName: "acme/terrane" } },
  });
  expect(await vcs.sibling(ref, ["terrane"], "config")).toMatchObject({ kind: "unavailable" });
  expect(await permitting.openReviews(ref, pull.number)).toMatchObject({ kind: "ok" });
  const owners = createOwners(fresh.client, () => hour.now() as Instant);
  expect(await owners.check(ref, String(repo.owner.id))).toEqual({ kind: "ok" });
});
