import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CommitSha } from "../../src/core/ids.ts";
import { HEAD } from "../support/api-stand-in-make.ts";
import { HAS_CHROMIUM, type Lab, startLab } from "../support/dashboard.ts";
import { audit } from "../support/page-audit.ts";

const HERE = "/repositories/repo-1/configuration";

/** What is typed goes where the cursor is: at the beginning of the file. */
async function typeAtStart(page: Page, text: string): Promise<void> {
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type(text);
}

async function focused(page: Page): Promise<string> {
  return await page.evaluate(() => {
    const inner = document.activeElement?.shadowRoot?.activeElement ?? document.activeElement;
    return inner?.getAttribute("aria-label") ?? inner?.textContent ?? "";
  });
}

describe.skipIf(!HAS_CHROMIUM)("the configuration page", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(async () => lab.close());

  test.each([
    ["", "Nothing to mend"],
    ["?tab=effective", "workflows[0].lock_policy"],
    ["?tab=try", "Which dirspaces would a change touch?"],
  ])(
    "%s is readable and named, in light and in dark, and fits on a telephone",
    async (query, text) => {
      const { page, problems, go } = await lab.open();
      await go(HERE + query);
      await page.getByText(text).first().waitFor();
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await audit(page)).toEqual([]);
      }
      await page.setViewportSize({ width: 360, height: 740 });
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width).toBeLessThanOrEqual(360);
      expect(await audit(page)).toEqual([]);
      expect(problems).toEqual([]);
    },
  );

  test("an error shows at its line while somebody types, leads there, and goes when it is mended", async () => {
    const { page, problems, go } = await lab.open();
    await go(HERE);
    await page.getByText("Nothing to mend").waitFor();
    await typeAtStart(page, "enabeld: true\n");
    await page.getByText("1 error", { exact: true }).first().waitFor();
    expect(await page.locator(".cm-lintRange-error").textContent()).toBe("enabeld");
    const line = page.locator(".cm-gutter-lint .cm-gutterElement:has(.cm-lint-marker-error)");
    const first = page.locator(".cm-line").first();
    const [mark, text] = [await line.boundingBox(), await first.boundingBox()];
    expect(Math.abs((mark?.y ?? 0) - (text?.y ?? 99))).toBeLessThan(4);
    await page.getByRole("link", { name: "File 1 error" }).waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await audit(page)).toEqual([]);
    }

    await page.keyboard.press("Control+End");
    const findings = page.getByRole("list", { name: "Findings" });
    await findings.getByRole("button", { name: /1:1/ }).click();
    await expect.poll(() => focused(page)).toContain("Configuration, .terrane/config.yml");
    expect(await page.locator(".cm-activeLine").textContent()).toBe("enabeld: true");
    await findings.getByRole("button", { name: "Use enabled" }).click();
    await page.getByText("Nothing to mend").waitFor();
    expect(await page.locator(".cm-line").first().textContent()).toBe("enabled: true");
    expect(await page.locator(".cm-lintRange-error").count()).toBe(0);
    expect(problems).toEqual([]);
  });

  test("F8 goes from finding to finding, and Escape lets Tab leave the editor", async () => {
    const { page, go } = await lab.open();
    await go(HERE);
    await page.locator(".cm-content").waitFor();
    await typeAtStart(page, "one: 1\ntwo: 2\n");
    await page.getByText("2 errors", { exact: true }).first().waitFor();
    // The counts are there a moment before the marks that F8 goes to.
    await expect.poll(() => page.locator(".cm-lintRange-error").count()).toBe(2);
    await page.keyboard.press("Control+End");
    for (const message of ["`one`", "`two`"]) {
      await page.keyboard.press("F8");
      const tooltip = page.locator(".cm-tooltip");
      await tooltip.getByText(message.replaceAll("`", "")).first().waitFor();
    }
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    expect(await focused(page)).not.toContain("Configuration, ");
    await page.keyboard.press("Shift+Tab");
    await expect.poll(() => focused(page)).toContain("Configuration, ");
    // Inside, Tab indents; and letters are letters.
    await page.keyboard.type("gl?c");
    expect(new URL(page.url()).pathname).toBe(HERE);
  });

  test("a draft lasts over a reload, is shown as one, and can be given up", async () => {
    const { page, go } = await lab.open();
    await go(HERE);
    await page.locator(".cm-content").waitFor();
    await typeAtStart(page, "# mine\n");
    await page.getByText("Draft", { exact: true }).waitFor();
    await page.waitForTimeout(500);
    await page.reload();
    await page.getByText("# mine").first().waitFor();
    await page.getByText("commit it as .terrane/config.yml on a branch").waitFor();
    await page.getByRole("button", { name: "Begin again" }).click();
    await page.getByText("Draft", { exact: true }).waitFor({ state: "detached" });
    expect(await page.locator(".cm-line").first().textContent()).toBe('version: "1"');
  });

  test("a file that changed under a draft is named", async () => {
    const { page, standIn, go } = await lab.open();
    await go(HERE);
    await page.locator(".cm-content").waitFor();
    await typeAtStart(page, "# mine\n");
    await page.getByText("Draft", { exact: true }).waitFor();
    await page.waitForTimeout(500);
    standIn.world.vcs.config = "parallel_runs: 9\n";
    standIn.world.vcs.branches.set("main", "e".repeat(40) as CommitSha);
    await page.reload();
    await page.getByText("changed on main since you began this draft").waitFor();
  });

  test("an answer about an older text is dropped", async () => {
    const { page, go } = await lab.open();
    let slow = true;
    await page.route("**/configuration/check", async (route) => {
      const isOld = slow && (route.request().postData() ?? "").includes("olddd");
      if (isOld) await new Promise((resolve) => setTimeout(resolve, 1_500));
      await route.continue().catch(() => undefined);
    });
    await go(HERE);
    await page.getByText("Nothing to mend").waitFor();
    await typeAtStart(page, "olddd: 1");
    await page.waitForTimeout(400);
    await page.keyboard.press("Control+z");
    slow = false;
    await page.getByText("Nothing to mend").waitFor();
    await page.waitForTimeout(1_800);
    expect(await page.getByText("olddd").count()).toBe(0);
    await page.getByText("Nothing to mend").waitFor();
  });

  test("each value leads to the line that says it", async () => {
    const { page, go } = await lab.open();
    await go(`${HERE}?tab=effective`);
    await page.getByLabel("Filter by key").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("lock_policy");
    await expect.poll(() => page.url()).toContain("q=lock_policy");
    const row = page.getByRole("row").filter({ hasText: "workflows[0].lock_policy" });
    await row.getByText('"apply"').waitFor();
    await row.getByRole("button", { name: /^Line \d+/ }).click();
    await expect
      .poll(() => page.locator(".cm-activeLine").textContent())
      .toContain("lock_policy: apply");
    await expect.poll(() => focused(page)).toContain("Configuration, ");
  });

  test("no tab hides the errors of the file", async () => {
    const { page, go } = await lab.open();
    await go(HERE);
    await page.locator(".cm-content").waitFor();
    await typeAtStart(page, "one: 1\n");
    await page.getByText("1 error", { exact: true }).first().waitFor();
    await page.getByRole("link", { name: "Effective" }).click();
    await page.getByText("No configuration counts while there are errors").waitFor();
    await page.getByRole("link", { name: "Try a change" }).click();
    await page.getByLabel("Changed files, one a line").fill("network/main.tf");
    await page.getByText("No answer while there are errors").waitFor();
    expect(await audit(page)).toEqual([]);
    await page.getByRole("link", { name: "File 1 error" }).click();
    await page.locator(".cm-content").waitFor();
  });

  test("a change is tried by waves with reasons, under the draft", async () => {
    const { page, problems, go } = await lab.open();
    await go(`${HERE}?tab=try`);
    await page.getByLabel("Take the files of a pull request").selectOption("42");
    await page.getByText("5 dirspaces in 2 waves").waitFor();
    const [first, second] = [
      page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: /^Wave 1/ }) }),
      page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: /^Wave 2/ }) }),
    ];
    await first.getByText("network/main.tf matches ${DIR}/*.tf").waitFor();
    await second.getByText("it comes after network:prod, which changes").first().waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await audit(page)).toEqual([]);
    }
    const changed = page.getByLabel("Changed files, one a line");
    await changed.fill("README.md");
    await page.getByText("This change touches no dirspace").waitFor();
    await changed.fill("prod/db/main.tf\nR a b c");
    await page
      .getByRole("list", { name: "Findings about the change" })
      .getByText("line 2")
      .waitFor();
    await page.getByRole("link", { name: "Try a change 1 error" }).waitFor();
    await changed.fill("prod/db/main.tf");
    await page.getByText("1 dirspace in 1 wave").waitFor();

    await page.getByRole("link", { name: "File" }).click();
    await typeAtStart(page, "enabled: true\n");
    await page.getByRole("link", { name: "Try a change" }).click();
    await page.getByText("1 dirspace in 1 wave").waitFor();
    expect(problems).toEqual([]);
  });

  test("modules count where a job has read the pull request's code; else it is said that they do not", async () => {
    const { page, standIn, problems, go } = await lab.open();
    const { vcs, code } = standIn.world;
    vcs.config = "indexer:\n  enabled: true\n";
    vcs.changed.set(42, [{ kind: "modified", path: "modules/net/main.tf" }]);
    vcs.files = [...vcs.files, "modules/net/main.tf"];
    await go(`${HERE}?tab=try`);
    const pick = page.getByLabel("Take the files of a pull request");
    await pick.selectOption("42");
    await page.getByText("links of this commit are not read yet").waitFor();
    expect(await audit(page)).toEqual([]);
    await pick.selectOption("");
    const references = [{ kind: "module", dir: "modules/net" }] as const;
    code.set(HEAD, { directories: [{ dir: "network", references }], symlinks: [], problems: [] });
    await page.reload();
    await pick.selectOption("42");
    await page.getByText("1 dirspace in 1 wave").waitFor();
    expect(await page.getByText("are not read yet").count()).toBe(0);
    // Another commit, of which nobody has read anything.
    await pick.selectOption("");
    await page.getByText("are not read yet").waitFor();
    expect(problems).toEqual([]);
  });

  test("values and mistakes of the central repository name its file and lead nowhere in the editor", async () => {
    const { page, standIn, go } = await lab.open();
    const { vcs } = standIn.world;
    vcs.centralCommit = "1".repeat(40) as CommitSha;
    vcs.centralFiles = { "config/defaults.yml": "automerge: {enabled: true}\n" };
    await go(`${HERE}?tab=effective`);
    const row = page.getByRole("row").filter({ hasText: "automerge.enabled" });
    await row.getByText("acme/terrane:config/defaults.yml, line 1").waitFor();
    vcs.centralCommit = "2".repeat(40) as CommitSha;
    vcs.centralFiles = { "config/defaults.yml": "# first\nenabeld: true\n" };
    await page.getByRole("link", { name: "File" }).click();
    await page.reload();
    const findings = page.getByRole("list", { name: "Findings" });
    await findings.getByText("acme/terrane:config/defaults.yml, line 2").waitFor();
    expect(await findings.getByRole("button").count()).toBe(0);
    expect(await audit(page)).toEqual([]);
  });

  test("a repository without a file begins with the defaults", async () => {
    const { page, standIn, go } = await lab.open();
    standIn.world.vcs.config = undefined;
    await go(HERE);
    await page.getByText("so the defaults count").waitFor();
    expect(await audit(page)).toEqual([]);
    await typeAtStart(page, "parallel_runs: 2\n");
    await page.getByText("Nothing to mend").waitFor();
    await page.getByRole("link", { name: "Effective" }).click();
    const row = page.getByRole("row").filter({ hasText: "parallel_runs" });
    await row.getByRole("button", { name: /^Line 1/ }).waitFor();
  });

  test("a VCS that does not answer is said, with a way to ask again", async () => {
    const { page, standIn, go } = await lab.open();
    standIn.world.vcs.down = true;
    await go(HERE);
    await page.getByText("down for a test").waitFor({ timeout: 20_000 });
    standIn.world.vcs.down = false;
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("Nothing to mend").waitFor();
  });

  test("the navigation leads to the repository that was looked at last", async () => {
    const { page, standIn, go } = await lab.open();
    standIn.world.repositories.push({
      id: "repo-2",
      vcs: "local",
      fullName: "platform",
      defaultBranch: "main",
      cloneUrl: null,
      openPullRequests: 0,
      planned: true,
    });
    await go("/");
    await page.getByRole("link", { name: "Configuration" }).click();
    await page.waitForURL(`**${HERE}`);
    await page.getByLabel("Repository").selectOption("repo-2");
    await page.waitForURL("**/repositories/repo-2/configuration");
    await page.locator(".about").getByText("platform").waitFor();
    await page.locator("main").focus();
    await page.keyboard.press("g");
    await page.keyboard.press("l");
    await page.waitForURL("**/locks");
    await page.keyboard.press("g");
    await page.keyboard.press("c");
    await page.waitForURL("**/repositories/repo-2/configuration");
  });

  test("only who opens the editor loads it", async () => {
    const { page, go } = await lab.open();
    const loaded: string[] = [];
    page.on("response", (response) => loaded.push(new URL(response.url()).pathname));
    await go("/");
    await page.getByText("Encrypt the main").waitFor();
    expect(loaded.filter((path) => path.includes("editor"))).toEqual([]);
    await go(HERE);
    await page.locator(".cm-content").waitFor();
    expect(loaded.some((path) => path.includes("editor"))).toBe(true);
  });
});
