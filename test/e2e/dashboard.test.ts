import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HAS_CHROMIUM, type Lab, startLab } from "../support/dashboard.ts";
import { audit } from "../support/page-audit.ts";

const PULL = "/repositories/repo-1/pulls/42";

describe.skipIf(!HAS_CHROMIUM)("the dashboard", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(async () => lab.close());

  const PAGES = [
    ["/", "Pull requests", "Encrypt the main database"],
    ["/new", "Open a pull request", "Branch with the change"],
    [PULL, "Encrypt the main database", "snapshot taken"],
    [`${PULL}?tab=changes`, "Encrypt the main database", "prod/db/main.tf"],
    [`${PULL}?tab=commits`, "Encrypt the main database", "Add zone c"],
    [`${PULL}?tab=runs`, "Encrypt the main database", "Plan 214"],
    [`${PULL}?tab=why`, "Encrypt the main database", "I_RUN_SUPERSEDED"],
    ["/runs", "Runs", "Superseded"],
    ["/runs/run-plan-2?unit=prod%2Fdb%3Aprod", "Plan 214", "must be replaced"],
    ["/locks", "Locks", "Merged, not applied"],
    ["/nowhere", "Nothing here", "See the pull requests"],
    ["/runs/none", "Run", "There is no such run."],
  ] as const;
  test.each(PAGES)("%s is readable and named, in light and in dark", async (path, title, text) => {
    const { page, problems, go } = await lab.open();
    await go(path);
    await page.locator("h1", { hasText: title }).waitFor();
    await page.getByText(text).first().waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await audit(page)).toEqual([]);
    }
    expect(problems.filter((problem) => !problem.includes("404"))).toEqual([]);
  });

  test.each([PULL, "/", "/runs", "/locks", "/runs/run-plan-2"])(
    "%s fits on a telephone",
    async (path) => {
      const { page, go } = await lab.open({ browser: { viewport: { width: 375, height: 800 } } });
      await go(path);
      await page.getByText("infra").first().waitFor();
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width).toBeLessThanOrEqual(375);
    },
  );

  test("everything is reachable with the keyboard alone", async () => {
    const { page, go } = await lab.open();
    await go("/");
    await page.getByText("Encrypt the main").waitFor();
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(
      "Skip to the content",
    );
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    await page.keyboard.press("Enter");
    await page.waitForURL(`**${PULL}`);
    await page.getByRole("heading", { name: "Dirspaces" }).waitFor();

    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.getByText("vpc_id").waitFor({ state: "attached" });
    await page.keyboard.press("c");
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("TEXTAREA");
    // Shortcuts are letters while somebody types.
    await page.keyboard.type("gl?");
    expect(await page.locator("textarea").inputValue()).toBe("gl?");

    await page.keyboard.press("Shift+Tab");
    await page.locator("main").focus();
    await page.keyboard.press("g");
    await page.keyboard.press("r");
    await page.waitForURL("**/runs");
    await page.keyboard.press("g");
    await page.keyboard.press("l");
    await page.waitForURL("**/locks");
    await page.keyboard.press("/");
    await page.keyboard.type("prod/queue");
    await page.waitForURL("**/locks?q=prod%2Fqueue");
    expect(await page.locator("tbody tr").count()).toBe(1);
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });

  test("single-key shortcuts can be switched off and stay off", async () => {
    const { page, go } = await lab.open();
    await go("/");
    await page.keyboard.press("?");
    await page.getByLabel("Single-key shortcuts are on").uncheck();
    await page.keyboard.press("Escape");
    await go("/");
    await page.keyboard.press("/");
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("BODY");
  });

  test("filters live in the address", async () => {
    const { page, go } = await lab.open();
    await go("/?state=all&q=audit");
    await page.getByText("Add the audit bucket").waitFor();
    expect(await page.locator(".pull-row").count()).toBe(1);
    await page.getByRole("button", { name: /^Open/ }).click();
    await page.getByText("No pull request matches").waitFor();
    expect(page.url()).not.toContain("state=");
  });

  test("the anchor of a dirspace unfolds it", async () => {
    const { page, go } = await lab.open();
    await go(`${PULL}#prod/db:prod`);
    await page.getByText("storage_encrypted").first().waitFor();
    await page.getByRole("link", { name: "network:prod", exact: true }).click();
    await page.getByText("vpc_id").waitFor({ state: "attached" });
  });

  test("a comment is completed, sent and shown", async () => {
    const { page, standIn, go } = await lab.open();
    await go(PULL);
    const box = page.getByLabel("Comment or command");
    await box.fill("te");
    await page.getByRole("option", { name: /terrane apply/ }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Tab");
    await expect.poll(() => box.inputValue()).toBe("terrane apply");
    await page.keyboard.type(" dir:prod/d");
    await page.keyboard.press("Enter");
    await expect.poll(() => box.inputValue()).toBe("terrane apply dir:prod/db");
    await page.keyboard.press("Control+Enter");
    await expect.poll(() => box.inputValue()).toBe("");
    expect(standIn.received.at(-1)).toEqual({
      route: "comment",
      number: 42,
      body: { body: "terrane apply dir:prod/db" },
    });
  });

  test("a refusal offers its next command, and the box takes it", async () => {
    const { page, go } = await lab.open();
    await go(PULL);
    const notice = page.getByRole("region", { name: "Answer to the last command" });
    await notice.getByText("E_NOT_APPROVED").waitFor();
    await notice.getByRole("button", { name: "Put into the box" }).click();
    await expect
      .poll(() => page.getByLabel("Comment or command").inputValue())
      .toBe("terrane apply dir:prod/db");
  });

  test("people act as whom they chose, and a refusal says what to do", async () => {
    const { page, standIn, go } = await lab.open();
    await go(PULL);
    await page.getByLabel("Acting as").selectOption("grace");
    await page.getByRole("button", { name: "Approve" }).click();
    await page.getByRole("status").filter({ hasText: "Approved" }).waitFor();
    expect(standIn.received.at(-1)?.body).toEqual({ verdict: "approved", as: "grace" });
    await page.getByText("1 approval", { exact: true }).waitFor();

    await page.getByLabel("Acting as").selectOption("otto");
    await page.getByRole("button", { name: "Plan", exact: true }).click();
    const alert = page.getByRole("alert");
    await alert.getByText("E_NOT_PERMITTED").waitFor();
    await alert.getByText("Ask somebody who has").waitFor();
  });

  test("a merge uses the chosen method", async () => {
    const { page, standIn, go } = await lab.open();
    await go(PULL);
    await page.getByLabel("How to merge").selectOption("squash");
    await page.getByRole("button", { name: "Merge" }).click();
    await page.getByText("It is merged into main.").waitFor();
    expect(standIn.received.at(-1)).toMatchObject({ route: "merge", body: { method: "squash" } });
  });

  test("an unlock asks first and names everything it lets go", async () => {
    const { page, standIn, go } = await lab.open();
    await go("/locks");
    await page.getByRole("button", { name: "Unlock prod/queue prod, held by #37" }).click();
    const dialog = page.getByRole("dialog", { name: "Unlock pull request #37?" });
    await dialog.getByText("prod/mail").waitFor();
    await dialog.getByRole("button", { name: "Keep the locks" }).click();
    expect(standIn.received).toEqual([]);
    await page.getByRole("button", { name: "Unlock prod/queue prod, held by #37" }).click();
    await dialog.getByRole("button", { name: "Unlock", exact: true }).click();
    await page.getByRole("status").filter({ hasText: "Asked to unlock #37" }).waitFor();
    expect(standIn.received).toEqual([
      { route: "command", number: 37, body: { command: "terrane unlock" } },
    ]);
  });

  test("whoever waits for a lock is shown with the position, and its waiting can be ended", async () => {
    const { page, standIn, go } = await lab.open();
    await go("/locks");
    await page.getByRole("listitem").filter({ hasText: "#41 2 of 2" }).waitFor();
    await page.getByRole("button", { name: "End the waiting of #41 for prod/queue prod" }).click();
    const dialog = page.getByRole("dialog", { name: "End the waiting of pull request #41?" });
    await dialog.getByRole("button", { name: "Let it wait" }).click();
    expect(standIn.received).toEqual([]);
    await page.getByRole("button", { name: "End the waiting of #41 for prod/queue prod" }).click();
    await dialog.getByRole("button", { name: "End the waiting" }).click();
    await page.getByRole("status").filter({ hasText: "Asked to end the waiting of #41" }).waitFor();
    expect(standIn.received).toEqual([
      { route: "command", number: 41, body: { command: "terrane unlock" } },
    ]);
  });

  test("a theme once chosen is kept", async () => {
    const { page, go } = await lab.open({ browser: { colorScheme: "light" } });
    const background = () =>
      page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    await go("/");
    const light = await background();
    await page.getByRole("button", { name: "Theme: as the system" }).click();
    await page.getByRole("button", { name: "Theme: light" }).click();
    await page.getByRole("button", { name: "Theme: dark" }).waitFor();
    const dark = await background();
    expect(dark).not.toBe(light);
    await go("/locks");
    expect(await background()).toBe(dark);
  });

  test("somebody without a pull request learns how to open the first one", async () => {
    const { page, standIn, go } = await lab.open();
    standIn.world.pulls.length = 0;
    await go("/");
    await page.getByText("Open your first pull request").waitFor();
    await page.getByText("git clone http://127.0.0.1:8080/git/infra.git").waitFor();
    expect(await audit(page)).toEqual([]);
  });
});
