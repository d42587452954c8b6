import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { wholeServerProgram } from "../support/built.ts";
import { HAS_CHROMIUM, launchBrowser, openTab } from "../support/dashboard.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { audit } from "../support/page-audit.ts";
import { type ServerProcess, scratchDir, startServerProcess } from "../support/server-process.ts";

/** A plan or an apply with the real tool, on a machine that does other things too. */
const RUN_MS = 120_000;
/** All of them, one after the other. */
const LIMIT_MS = 6 * RUN_MS;
/** The apply prints a line each second; the dashboard has to show them while it does. */
const LINES = 4;

const HAS_TERRAFORM = (() => {
  try {
    execFileSync("terraform", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();
if (!HAS_TERRAFORM) process.stderr.write("Skipped: there is no terraform on the PATH.\n");

const CONFIG = `version: "1"
apply_requirements:
  checks:
    - tag_query: ""
      approved: {enabled: true, any_of_count: 1}
`;
const HOSTILE = `<img src=x onerror="window.hacked = 1">`;
const MODULE = `resource "terraform_data" "slow" {
  input = ${JSON.stringify(HOSTILE)}
  provisioner "local-exec" {
    command = "for i in $(seq ${LINES}); do echo counted to $i; sleep 1; done"
  }
}
`;

describe.skipIf(!HAS_CHROMIUM || !HAS_TERRAFORM)("the whole way in a browser", () => {
  let scratch: ReturnType<typeof scratchDir>;
  let program: string;
  let database: TestDatabase;
  let server: ServerProcess;
  let browser: Browser;

  beforeAll(async () => {
    scratch = scratchDir();
    database = await createTestDatabase();
    program = await wholeServerProgram();
    server = await startServerProcess(program, join(scratch.path, "data"), database.url);
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.end("SIGTERM");
    await database?.drop();
    scratch?.remove();
  });

  function push(cloneUrl: string): void {
    const clone = join(scratch.path, "clone");
    const git = (...args: readonly string[]) =>
      execFileSync("git", ["-c", "user.name=Ann", "-c", "user.email=ann@example.com", ...args], {
        cwd: clone,
        stdio: "pipe",
      });
    mkdirSync(join(clone, ".terrane"), { recursive: true });
    writeFileSync(join(clone, ".terrane", "config.yml"), CONFIG);
    git("init", "-q", "-b", "main");
    git("add", ".");
    git("commit", "-qm", "Begin");
    git("push", "-q", cloneUrl, "main");
    git("switch", "-qc", "change");
    mkdirSync(join(clone, "net"));
    writeFileSync(join(clone, "net", "main.tf"), MODULE);
    git("add", ".");
    git("commit", "-qm", HOSTILE);
    git("push", "-q", cloneUrl, "change");
  }

  test(
    "a change is opened, planned, refused, approved, applied and merged without leaving the page",
    async () => {
      const { page, problems } = await openTab(browser);
      page.setDefaultTimeout(RUN_MS);
      await page.goto(`${server.url}/#token=${server.token}`);
      await page.getByRole("link", { name: "Make a repository" }).click();
      expect(page.url()).not.toContain(server.token);
      push(await makeRepository(page, "infra"));

      await page.getByLabel("Branch with the change").fill("change");
      await page.getByLabel("Title").fill(HOSTILE);
      await page.getByRole("button", { name: "Open the pull request" }).click();
      await page.getByRole("heading", { level: 1, name: HOSTILE }).waitFor();
      const dirspace = page.locator("tr.dirspace");
      await dirspace.filter({ hasText: "Planned" }).waitFor();
      await expectText(page, "Plan", "1 changed, 0 unchanged");

      await comment(page, "terrane apply");
      const notice = page.getByRole("region", { name: "Answer to the last command" });
      await notice.filter({ hasText: "E_NOT_APPROVED" }).waitFor();
      expect(await page.getByRole("button", { name: "Approve" }).count()).toBe(0);

      await addPerson(page, "bob", "maintain");
      await page.getByRole("button", { name: "Approve" }).click();
      await expectText(page, "Review", "1 approval");
      await page.getByRole("combobox", { name: "Acting as" }).selectOption("ann");
      await page.getByRole("button", { name: "Apply", exact: true }).click();
      await page.getByRole("list", { name: "Stages" }).getByRole("link", { name: "Run 2" }).click();
      await sawEachLineAlone(page);
      await page.getByRole("link", { name: "In the pull request" }).click();
      await dirspace.filter({ hasText: "Applied" }).waitFor();

      await page.getByRole("link", { name: "1 lock" }).click();
      await page.getByText("Applied, not merged").waitFor();
      await page.goBack();
      await page.getByRole("button", { name: "Merge", exact: true }).click();
      await expectText(page, "Merge", "Into main");
      await page.locator(".about").getByText("Merged").waitFor();
      await page.getByRole("link", { name: "Locks" }).click();
      await page.getByRole("heading", { name: "Nothing is locked" }).waitFor();
      expect(problems).toEqual([]);
    },
    LIMIT_MS,
  );

  test.each(["light", "dark"] as const)(
    "what the journey left is readable, named and harmless in %s",
    async (colorScheme) => {
      const { page, problems } = await openTab(browser, { colorScheme });
      await page.goto(`${server.url}/?state=all#token=${server.token}`);
      const pull = page.getByRole("link", { name: HOSTILE });
      const pullPath = new URL((await pull.getAttribute("href")) ?? "", server.url).pathname;
      const runs = await server.api("runs", {});
      const run = runs.kind === "ok" ? (runs.value[0]?.id ?? "") : "";
      const tabs = ["changes", "commits", "runs", "why"].map((tab) => `${pullPath}?tab=${tab}`);
      const anchor = `${pullPath}#net:default`;
      for (const path of ["/?state=all", anchor, ...tabs, `/runs/${run}`, "/runs", "/new"]) {
        await page.goto("about:blank");
        await page.goto(server.url + path);
        await page.locator("h1").first().waitFor();
        await page.locator(".skeleton").first().waitFor({ state: "detached" });
        expect(await audit(page), path).toEqual([]);
      }
      expect(await page.evaluate("window.hacked")).toBeUndefined();
      expect(problems).toEqual([]);
    },
  );
});

/** Gives the address to push to. */
async function makeRepository(page: Page, name: string): Promise<string> {
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: "Make it" }).click();
  const clone = await page.getByText("git clone").textContent();
  return (clone ?? "").replace("git clone ", "").trim();
}

async function comment(page: Page, text: string): Promise<void> {
  await page.getByRole("combobox", { name: "Comment or command" }).fill(text);
  await page.getByRole("button", { name: "Comment", exact: true }).click();
}

async function addPerson(page: Page, login: string, permission: string): Promise<void> {
  await page.getByText("Add a person").click();
  const form = page.getByRole("form", { name: "Person" });
  await form.getByLabel("Name").fill(login);
  await form.getByLabel("Permission").selectOption(permission);
  await form.getByRole("button").click();
  await page
    .getByRole("status")
    .filter({ hasText: `You act as ${login}` })
    .waitFor();
}

async function expectText(page: Page, stage: string, text: string): Promise<void> {
  const stages = page.getByRole("list", { name: "Stages" });
  await stages.locator(".stage", { hasText: stage }).filter({ hasText: text }).waitFor();
}

/** Lines that came in one piece at the end would never be seen one without the next. */
async function sawEachLineAlone(page: Page): Promise<void> {
  const log = page.getByRole("log");
  const seen = new Set<number>();
  const until = Date.now() + RUN_MS;
  while (Date.now() < until) {
    const text = (await log.textContent()) ?? "";
    const last = Math.max(
      0,
      ...[...text.matchAll(/\): counted to (\d+)/g)].map(([, n]) => Number(n)),
    );
    seen.add(last);
    if (text.includes("Apply complete")) break;
    await page.waitForTimeout(100);
  }
  expect([...seen]).toEqual(Array.from({ length: LINES + 1 }, (_, n) => n));
}
