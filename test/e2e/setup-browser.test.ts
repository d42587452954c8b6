import { chmodSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { present } from "../../src/base/assert.ts";
import {
  buildDashboard,
  HAS_CHROMIUM,
  launchBrowser,
  openTab,
  shoot,
} from "../support/dashboard.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import * as scene from "../support/github-double/scene.ts";
import { type RanJob, runJob } from "../support/github-job.ts";
import { makeWorld, rootModule } from "../support/github-lab.ts";
import { audit } from "../support/page-audit.ts";
import {
  bundleServer,
  type ServerProcess,
  scratchDir,
  startServerProcess,
} from "../support/server-process.ts";
import { whereTerraform } from "../support/where-terraform.ts";

const PATIENCE_MS = 90_000;

describe.skipIf(!HAS_CHROMIUM)("the way of a first-time user, in a browser", () => {
  let scratch: ReturnType<typeof scratchDir>;
  let bundle: Awaited<ReturnType<typeof bundleServer>>;
  let database: TestDatabase;
  let server: ServerProcess;
  let world: Awaited<ReturnType<typeof makeWorld>>;
  let browser: Browser;
  const jobs: Promise<RanJob>[] = [];
  /** As people set them in GitHub's settings. */
  const variables: Record<string, string> = {};

  beforeAll(async () => {
    scratch = scratchDir();
    chmodSync(scratch.path, 0o711);
    database = await createTestDatabase();
    bundle = await bundleServer();
    await buildDashboard(join(dirname(bundle.program), "web"));
    server = await startServerProcess(bundle.program, join(scratch.path, "data"), database.url);
    const stateDir = join(scratch.path, "state");
    world = await makeWorld(stateDir, {
      ".github/workflows/terrane.yml": undefined,
      ".terrane/config.yml": undefined,
      "modules/unused/main.tf": 'variable "x" {}\n',
    });
    const { double } = world;
    // Nobody has made an App yet.
    double.world.installations.clear();
    double.world.onRun = (run) => {
      const beforeTerraform = () => Promise.resolve();
      const machine = { double, dir: scratch.path, variables, beforeTerraform };
      jobs.push(runJob({ ...machine, afterScript: () => Promise.resolve() }, run));
    };
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await Promise.allSettled(jobs);
    await browser?.close();
    await server?.end("SIGTERM");
    await world?.double.close();
    await database?.drop();
    bundle?.remove();
    scratch?.remove();
  });

  async function connect(page: Page): Promise<void> {
    await page.goto(`${server.url}/#token=${server.token}`);
    await page.getByRole("link", { name: "Connect GitHub" }).click();
    await page.getByLabel(/at an address of your company/).check();
    await page.getByLabel("Its address").fill(world.double.url);
    await page.getByLabel("Organization").fill("acme");
    await page.getByLabel(/Open the set-up pull request/).check();
    await page.getByRole("button", { name: /^Continue to/ }).click();
    await page.getByRole("button", { name: "Create GitHub App" }).click();
    await page.getByRole("link", { name: "Install it" }).click();
    await page.getByRole("button", { name: "Install on acme" }).click();
  }

  const step = (page: Page, title: string) => page.locator(".check-step", { hasText: title });

  /** Opens a pull request that changes one directory. */
  async function change(branch: string, input: string): Promise<void> {
    const { double, repo } = world;
    const by = double.user("ann");
    const text = rootModule(join(scratch.path, "state"), "net", input);
    await scene.push(double, repo, { branch, files: { "net/main.tf": text }, by });
    await scene.openPull(double, repo, { by, head: branch });
  }

  whereTerraform(
    "from a server without anything to a planned pull request, by what its pages say",
    async () => {
      const { double, repo } = world;
      const { page, problems } = await openTab(browser);
      page.setDefaultTimeout(PATIENCE_MS);
      await connect(page);

      await page.getByRole("button", { name: "Set up acme/infra" }).click();
      await page.getByRole("heading", { level: 1, name: "Set-up of acme/infra" }).waitFor();
      await step(page, "The workflow file").getByText("Waiting").waitFor();
      await shoot(page, "setup-1-begin");
      expect(await audit(page)).toEqual([]);

      await page.getByRole("button", { name: "Open the pull request" }).click();
      await page.getByRole("link", { name: "Pull request #1 is open" }).waitFor();
      await shoot(page, "setup-2-proposed");
      expect(await audit(page)).toEqual([]);
      const pull = present(repo.pulls.get(1), "the pull request");
      expect(pull.body).toContain("2 directories to plan, with terraform");
      await scene.merge(double, pull, double.user("ann"));
      await step(page, "The workflow file").getByText("is as it is shipped").waitFor();
      await step(page, "The configuration").getByText(".terrane/config.yml is").waitFor();

      // The variable is forgotten, as it is by everybody the first time.
      await change("first", "two");
      await step(page, "A job came to this server")
        .getByText("A job ended without having come here.")
        .waitFor();
      const command = await step(page, "A job came").locator("pre").textContent();
      expect(command).toBe(`gh variable set TERRANE_URL --repo acme/infra --body ${server.url}`);
      await shoot(page, "setup-3-no-variable");
      expect(await audit(page)).toEqual([]);

      variables["TERRANE_URL"] = server.url;
      scene.comment(
        double,
        present(repo.pulls.get(2), "the change"),
        double.user("ann"),
        "terrane plan",
      );
      await step(page, "Something was planned").getByText("Done").waitFor();
      await step(page, "A job came to this server").getByText("Done").waitFor();
      await page.emulateMedia({ colorScheme: "dark" });
      await page.setViewportSize({ width: 390, height: 844 });
      await shoot(page, "setup-4-planned-dark-narrow");
      expect(await audit(page)).toEqual([]);

      await step(page, "Something was planned").getByRole("link").click();
      await page.locator("tr.dirspace").filter({ hasText: "Planned" }).waitFor();
      expect(problems).toEqual([]);
      expect(double.violations()).toEqual([]);
    },
  );
});
