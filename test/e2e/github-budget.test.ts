import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BudgetView, InstallationBudgetView } from "../../src/contract/budget.ts";
import * as scene from "../support/github-double/scene.ts";
import { type GithubLab, githubLab, rootModule } from "../support/github-lab.ts";

const PATIENCE_MS = 30_000;
const CLOSED_SECONDS = 600;

let lab: GithubLab;

beforeAll(async () => {
  lab = await githubLab();
});

afterAll(() => lab.close());

async function budgetOf(): Promise<BudgetView> {
  const got = await lab.server.api("budget", {});
  if (got.kind !== "ok") throw new Error(JSON.stringify(got));
  return got.value;
}

async function until(
  is: (one: InstallationBudgetView) => boolean,
): Promise<InstallationBudgetView> {
  const deadline = performance.now() + PATIENCE_MS;
  for (let last: BudgetView | undefined; ; await sleep(100)) {
    last = await budgetOf();
    const [one] = last.installations;
    if (one !== undefined && is(one)) return one;
    if (performance.now() > deadline) throw new Error(JSON.stringify(last, undefined, 1));
  }
}

async function open(dir: string): Promise<void> {
  const { double, repo, people, stateDir } = lab;
  const files = { [`${dir}/main.tf`]: rootModule(stateDir, dir, "two") };
  await scene.push(double, repo, { branch: dir, files, by: people.ann });
  await scene.openPull(double, repo, { by: people.ann, head: dir });
}

test("before anything was asked, nothing is claimed to be left", async () => {
  expect(await budgetOf()).toMatchObject({ limited: ["github"], installations: [] });
  expect((await lab.server.terrane("budget")).stdout).toBe("Nothing was asked of github yet.\n");
});

test("what calls take is shown by API, command line and metrics, and is what GitHub counted", async () => {
  const held = lab.hold();
  await open("net");
  await held;
  await lab.quiet();
  const shown = await until(({ allowances }) =>
    allowances.some(
      ({ title, used }) => title === "Comments and reactions by the hour" && used > 0,
    ),
  );
  expect(shown).toMatchObject({
    vcs: "github",
    owner: "acme",
    repositories: 1,
    closedUntil: null,
  });
  // Only that the job has begun may still have to be told, and that waits for news.
  expect(shown.waiting.filter(({ rests }) => !rests)).toEqual([]);
  const left = Object.fromEntries(
    shown.allowances.map(({ title, limit, used }) => [title, `${used} of ${limit}`]),
  );
  // Two checks and the dispatch cost five points each, the comment as well, and the reads one.
  expect(left["Comments and reactions by the hour"]).toBe("1 of 500");
  expect(left["Comments and reactions by the minute"]).toBe("1 of 80");
  const points = shown.allowances.find(({ of, per }) => of === "calls" && per === "minute");
  expect(points).toMatchObject({ limit: 900, said: "self" });
  expect(points?.used).toBeGreaterThanOrEqual(3 * 5);
  expect(points?.heldBack).toEqual([
    { from: "reactions", amount: 360, until: null },
    { from: "comments", amount: 270, until: null },
    { from: "checks", amount: 225, until: null },
    { from: "looks", amount: 180, until: null },
  ]);

  const { stdout } = await lab.server.terrane("budget");
  expect(stdout).toContain(`acme on github, installation ${shown.installation}, repositories: 1`);
  expect(stdout).toMatch(
    /^Comments and reactions by the hour +1 +499 +500 +in \d+ min +100 +this server$/m,
  );
  const json = JSON.parse((await lab.server.terrane("budget", "--json")).stdout) as BudgetView;
  expect(json.installations[0]?.installation).toBe(shown.installation);

  const metrics = await (await fetch(`${lab.server.url}/metrics`)).text();
  const labels = `vcs="github",installation="${shown.installation}"`;
  expect(metrics).toContain(
    `terrane_budget_left{${labels},of="content",per="hour",said="self"} 499\n`,
  );
  expect(metrics).toContain(
    `terrane_budget_limit{${labels},of="content",per="hour",said="self"} 500\n`,
  );
  expect(metrics).toContain(`terrane_budget_closed_seconds{${labels}} 0\n`);
});

test("L37 who was told to wait is shown with what waits, and until when", async () => {
  // Its job, if it was started before, would wait for the server as long.
  void lab.hold();
  lab.double.faults.secondaryLimit(429, CLOSED_SECONDS, { operation: "checks/create" });
  await open("dns");
  const shown = await until(
    ({ closedUntil, waiting }) => closedUntil !== null && waiting.length > 0,
  );
  const seconds = (Date.parse(shown.closedUntil ?? "") - Date.now()) / 1_000;
  expect(seconds).toBeGreaterThan(CLOSED_SECONDS - PATIENCE_MS / 1_000);
  expect(seconds).toBeLessThanOrEqual(CLOSED_SECONDS);
  expect(shown.waiting).toContainEqual(
    expect.objectContaining({ what: "publish", count: 1, rests: false }),
  );
  const { stdout } = await lab.server.terrane("budget");
  expect(stdout).toMatch(/^github wants to hear nothing for (9|10) min\.$/m);
  expect(stdout).toMatch(/^waits: 1 publish, the next in (9|10) min$/m);
  const metrics = await (await fetch(`${lab.server.url}/metrics`)).text();
  expect(metrics).toMatch(/^terrane_budget_closed_seconds\{.*\} 5\d\d/m);
});
