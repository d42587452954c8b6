import { chmodSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { present } from "../../src/base/assert.ts";
import { wholeServerProgram } from "../support/built.ts";
import { HAS_CHROMIUM, launchBrowser, openTab, shoot } from "../support/dashboard.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import * as scene from "../support/github-double/scene.ts";
import { type RanJob, runJob } from "../support/github-job.ts";
import { makeWorld, rootModule } from "../support/github-lab.ts";
import { audit } from "../support/page-audit.ts";
import { runProgram } from "../support/run-program.ts";
import { type ServerProcess, scratchDir, startServerProcess } from "../support/server-process.ts";
import { whereTerraform } from "../support/where-terraform.ts";

const PATIENCE_MS = 120_000;
const LIMIT_MS = 5 * PATIENCE_MS;

let scratch: ReturnType<typeof scratchDir>;
let program: string;
let database: TestDatabase;
let server: ServerProcess;
let world: Awaited<ReturnType<typeof makeWorld>>;
let browser: Browser;
const jobs: Promise<RanJob>[] = [];
/** As people set them in GitHub's settings. */
const variables: Record<string, string> = {};

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

async function start(): Promise<void> {
  scratch = scratchDir();
  chmodSync(scratch.path, 0o711);
  database = await createTestDatabase();
  program = await wholeServerProgram();
  server = await startServerProcess(program, join(scratch.path, "data"), database.url);
  world = await makeWorld(join(scratch.path, "state"), {
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
}

async function seen(page: Page, name: string): Promise<void> {
  await shoot(page, name);
  expect(await audit(page)).toEqual([]);
}

/** From the page of the App to a default branch with the files. */
async function bringFiles(page: Page): Promise<void> {
  const { double, repo } = world;
  await page.getByRole("button", { name: "Set up acme/infra" }).click();
  await page.getByRole("heading", { level: 1, name: "Set-up of acme/infra" }).waitFor();
  await step(page, "The workflow file").getByText("Waiting").waitFor();
  await seen(page, "setup-1-begin");
  await page.getByRole("button", { name: "Open the pull request" }).click();
  await page.getByRole("link", { name: "Pull request #1 is open" }).waitFor();
  await seen(page, "setup-2-proposed");
  const pull = present(repo.pulls.get(1), "the pull request");
  expect(pull.body).toContain("2 directories to plan, with terraform");
  await scene.merge(double, pull, double.user("ann"));
  await step(page, "The workflow file").getByText("is as it is shipped").waitFor();
  await step(page, "The configuration").getByText(".terrane/config.yml is").waitFor();
}

/** The variable is forgotten, as it is by everybody the first time. */
async function forgetVariable(page: Page): Promise<void> {
  const { double, repo } = world;
  await change("first", "two");
  const job = step(page, "A job came to this server");
  await job.getByText("A job ended without having come here.").waitFor();
  const command = `gh variable set TERRANE_URL --repo acme/infra --body ${server.url}`;
  expect(await job.locator("pre").textContent()).toBe(command);
  await seen(page, "setup-3-no-variable");
  const status = await cliStatus();
  expect(status.status).toBe(1);
  expect(status.stdout).toContain(`wrong   A job came to this server`);
  expect(status.stdout).toContain(`$ ${command}`);
  variables["TERRANE_URL"] = server.url;
  const pull = present(repo.pulls.get(2), "the change");
  scene.comment(double, pull, double.user("ann"), "terrane plan");
}

function cliStatus() {
  const env = { ...process.env, TERRANE_TOKEN: server.token, TERRANE_SERVER: server.url };
  const program = join(import.meta.dirname, "..", "..", "dist", "cli.js");
  return runProgram(process.execPath, [program, "setup", "status", "acme/infra"], env);
}

describe.skipIf(!HAS_CHROMIUM)("the way of a first-time user, in a browser", () => {
  beforeAll(start);
  afterAll(async () => {
    await Promise.allSettled(jobs);
    await browser?.close();
    await server?.end("SIGTERM");
    await world?.double.close();
    await database?.drop();
    scratch?.remove();
  });

  whereTerraform(
    "from a server without anything to a planned pull request, by what its pages say",
    async () => {
      const { page, problems } = await openTab(browser);
      page.setDefaultTimeout(PATIENCE_MS);
      await connect(page);
      await bringFiles(page);
      await forgetVariable(page);
      await step(page, "Something was planned").getByText("Done").waitFor();
      await step(page, "A job came to this server").getByText("Done").waitFor();
      expect((await cliStatus()).status).toBe(0);
      await page.emulateMedia({ colorScheme: "dark" });
      await page.setViewportSize({ width: 390, height: 844 });
      await seen(page, "setup-4-planned-dark-narrow");
      await step(page, "Something was planned").getByRole("link").click();
      await page.locator("tr.dirspace").filter({ hasText: "Planned" }).waitFor();
      expect(problems).toEqual([]);
      expect(world.double.violations()).toEqual([]);
    },
    LIMIT_MS,
  );
});
