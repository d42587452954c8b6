import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JobWaitView, PullRequestDetail } from "../../src/contract/views.ts";
import { exampleWorld, failures } from "../support/api-stand-in-data.ts";
import type { World } from "../support/api-stand-in-make.ts";
import { queuedRun } from "../support/api-stand-in-runs.ts";
import { HAS_CHROMIUM, type Lab, shoot, startLab } from "../support/dashboard.ts";
import { audit } from "../support/page-audit.ts";

const WAITS = [
  {
    position: 3,
    running: 20,
    caps: [
      { of: "repository", name: "infra", running: 20, max: 20 },
      { of: "environment", name: "prod", running: 2, max: 2 },
    ],
    applyOf: null,
  },
  { position: 1, running: 1, caps: [], applyOf: 37 },
] satisfies readonly [JobWaitView, JobWaitView];

function world(wait: JobWaitView = WAITS[0]): World {
  const example = exampleWorld();
  const run = queuedRun(wait);
  const pulls = example.pulls.map((pull) =>
    pull.number === 41 ? { ...pull, settled: false, runs: [run] } : pull,
  );
  return { ...example, pulls, runs: [run, ...example.runs], setAside: failures() };
}

/** Its configuration is broken, and somebody commented since. */
function stopped(pull: PullRequestDetail): PullRequestDetail {
  const reason = (code: string, title: string, cause: string, next: string) => ({
    code,
    title,
    cause,
    next,
  });
  const broken = reason(
    "E_CONFIG_INVALID",
    "The configuration is invalid",
    ".terrane/config.yml:3:1: there is no key `dirz`; did you mean `dirs`?",
    "Mend the file and push.",
  );
  const nothing = reason(
    "E_NOTHING_TO_UNLOCK",
    "Nothing to unlock",
    "The pull request holds no lock and has no place in a queue.",
    "Name another: `terrane unlock 12`.",
  );
  const said = { at: pull.updatedAt, command: "terrane unlock", actor: "bob" };
  return {
    ...pull,
    notice: { ...said, outcome: "refused", reasons: [nothing], stop: [broken] },
  };
}

describe.skipIf(!HAS_CHROMIUM)("what waits and what failed, in the dashboard", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(async () => lab.close());

  test.each([
    ["attention", "/attention", "Review changed"],
    ["run", "/runs/run-queued", "Position 3 in the queue of infra"],
    ["pull", "/repositories/repo-1/pulls/41", "2 of 2 of the environment prod running"],
  ])("%s is readable wide and narrow, in light and in dark", async (name, path, text) => {
    for (const width of [1280, 390]) {
      const { page, problems, go } = await lab.open({
        standIn: { world: world() },
        browser: { viewport: { width, height: 844 } },
      });
      await go(path);
      await page.getByText(text).first().waitFor();
      await page.getByLabel("2 failures need attention").waitFor();
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await shoot(page, `${name}-${width}-${colorScheme}`);
        expect(await audit(page)).toEqual([]);
      }
      expect(problems).toEqual([]);
    }
  });

  test("L36 what failed is found from every page, and tried again there", async () => {
    const { page, standIn, go } = await lab.open({ standIn: { world: world() } });
    await go("/");
    await page.getByLabel("2 failures need attention").click();
    await page.getByRole("button", { name: "Try again: Merge of infra #41" }).click();
    await page.getByLabel("1 failure needs attention").waitFor();
    expect(standIn.world.setAside.map(({ what }) => what)).toEqual(["review_changed"]);
    await page.getByRole("button", { name: /^Try again: Review changed/ }).click();
    await page.getByText("Nothing needs attention").waitFor();
    expect(await page.locator(".attention").count()).toBe(0);
    await shoot(page, "attention-empty");
  });

  test("why nothing can be planned stands above the answer to whatever was commented since", async () => {
    const now = world();
    const { page, go } = await lab.open({
      standIn: { world: { ...now, pulls: now.pulls.map(stopped) } },
    });
    await go("/repositories/repo-1/pulls/41");
    const stop = page.getByRole("region", { name: "Why nothing can be planned" });
    await stop.getByText("E_CONFIG_INVALID").waitFor();
    const answer = page.getByRole("region", { name: "Answer to the last command" });
    await answer.getByText("E_NOTHING_TO_UNLOCK").waitFor();
    await shoot(page, "stopped");
    expect(await audit(page)).toEqual([]);
  });

  test("a run that waits for somebody's apply leads to that pull request", async () => {
    const { page, go } = await lab.open({ standIn: { world: world(WAITS[1]) } });
    await go("/runs/run-queued");
    await page.getByText("waits for the apply of").waitFor();
    await page.getByRole("link", { name: "#37", exact: true }).click();
    await page.locator("h1", { hasText: "Give the queue a dead letter" }).waitFor();
  });
});
