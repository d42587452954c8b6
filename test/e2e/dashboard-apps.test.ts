import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HAS_CHROMIUM, type Lab, shoot, startLab } from "../support/dashboard.ts";
import { audit } from "../support/page-audit.ts";

describe.skipIf(!HAS_CHROMIUM)("the pages about apps", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(async () => lab.close());

  test.each([
    ["connect", "/connect", "cannot reach"],
    ["app", "/apps/github", "A finding that is unknown"],
    ["connected", "/apps/connected", "belongs to the end of a registration"],
  ])("%s is readable wide and narrow, in light and in dark", async (name, path, text) => {
    for (const width of [1280, 390]) {
      const { page, problems, go } = await lab.open({
        browser: { viewport: { width, height: 844 } },
      });
      await go(path);
      await page.getByText(text).first().waitFor();
      for (const list of await page.locator("summary").all()) await list.click();
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await shoot(page, `${name}-${width}-${colorScheme}`);
        expect(await audit(page)).toEqual([]);
      }
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
      );
      expect(overflow).toBe(false);
      expect(problems).toEqual([]);
    }
  });

  test("everything that is chosen can be chosen with the keyboard, and its permissions are listed", async () => {
    const { page, go } = await lab.open();
    await go("/connect");
    await page.getByLabel("github.com", { exact: true }).focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Tab");
    await page.keyboard.type("git.example.com");
    await page.getByRole("button", { name: "Continue to git.example.com" }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.type("acme");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await page.locator("summary").click();
    await page.getByRole("row", { name: /Contents write .*merge a pull request/ }).waitFor();
  });

  test("a webhook that goes elsewhere is mended from the page", async () => {
    const { page, go } = await lab.open();
    await go("/apps/github");
    await page.getByRole("button", { name: "Mend the webhook" }).click();
    await page.getByText("The App has all it needs.").waitFor();
  });
});
