import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { wholeServerProgram } from "../support/built.ts";
import { HAS_CHROMIUM, launchBrowser, openTab } from "../support/dashboard.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { type ServerProcess, scratchDir, startServerProcess } from "../support/server-process.ts";

const FILES: Readonly<Record<string, string>> = {
  ".terrane/config.yml":
    'version: "1"\ndirs:\n  net: {tags: [shared]}\n  app: {when_modified: {depends_on: "dir:net"}}\n',
  "net/main.tf": "",
  "app/main.tf": "",
};

describe.skipIf(!HAS_CHROMIUM)("the configuration page of the real server", () => {
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

  async function pushedRepository(): Promise<string> {
    const made = await server.api("createRepository", {}, { name: "infra" });
    if (made.kind === "error") throw new Error(made.message);
    const clone = join(scratch.path, "clone");
    mkdirSync(clone);
    const git = (...args: readonly string[]) =>
      execFileSync("git", ["-c", "user.name=Ann", "-c", "user.email=ann@example.com", ...args], {
        cwd: clone,
        stdio: "pipe",
      });
    git("init", "-q", "-b", "main");
    for (const [path, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(clone, path)), { recursive: true });
      writeFileSync(join(clone, path), text);
    }
    git("add", ".");
    git("commit", "-qm", "Begin");
    git("push", "-q", made.value.cloneUrl ?? "", "main");
    return made.value.id;
  }

  test("the editor works under the server's policy, and the server finds what only the files can tell", async () => {
    const repository = await pushedRepository();
    const { page, problems } = await openTab(browser);
    await page.goto(`${server.url}/#token=${server.token}`);
    await page.getByRole("link", { name: "Configuration" }).click();
    await page.waitForURL(`**/repositories/${repository}/configuration`);
    await page.getByText("Nothing to mend").waitFor();
    // The library's styles are there: a gutter without them stands above the text and not beside it.
    const [gutter, content] = await Promise.all(
      [".cm-gutters", ".cm-content"].map((one) => page.locator(one).boundingBox()),
    );
    expect(Math.abs((gutter?.y ?? 0) - (content?.y ?? 99))).toBeLessThan(20);
    expect((gutter?.x ?? 99) + (gutter?.width ?? 0)).toBeLessThanOrEqual((content?.x ?? 0) + 1);

    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("parallel_runs: many\n");
    await page.getByText("1 error", { exact: true }).first().waitFor();
    expect(await page.locator(".cm-lintRange-error").textContent()).toBe("many");
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("Control+Shift+K");
    await page.getByText("Nothing to mend").waitFor();

    await page.getByText("{tags: [shared]}").first().click();
    await page.keyboard.press("End");
    await page.keyboard.press("Backspace");
    await page.keyboard.type(', when_modified: {depends_on: "dir:app"}}');
    await page
      .getByRole("list", { name: "Findings" })
      .getByText("goes round in a circle")
      .waitFor();
    await page.getByRole("link", { name: "Try a change" }).click();
    await page.getByLabel("Changed files, one a line").fill("net/main.tf");
    await page.getByText("No answer while there are errors").waitFor();
    await page.getByRole("link", { name: "File" }).click();
    await page.getByRole("button", { name: "Begin again" }).click();
    await page.getByRole("link", { name: "Try a change" }).click();
    await page.getByText("2 dirspaces in 2 waves").waitFor();
    expect(problems).toEqual([]);
  });
});
