import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exampleWorld } from "../support/api-stand-in-data.ts";
import { HAS_CHROMIUM, type Lab, shoot, startLab } from "../support/dashboard.ts";
import { audit } from "../support/page-audit.ts";

describe.skipIf(!HAS_CHROMIUM)("the page about what a VCS lets us ask", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(async () => lab.close());

  test("the call budget is readable wide and narrow, in light and in dark", async () => {
    for (const width of [1280, 390]) {
      const { page, problems, go } = await lab.open({
        browser: { viewport: { width, height: 844 } },
      });
      await go("/budget");
      await page.getByRole("heading", { name: "Installation 90210" }).waitFor();
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await shoot(page, `budget-${width}-${colorScheme}`);
        expect(await audit(page)).toEqual([]);
      }
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
      );
      expect(overflow).toBe(false);
      expect(problems).toEqual([]);
    }
  });

  test("what is left is found with the keyboard, and the page says what is held back and put off, and what waits", async () => {
    const { page, standIn, go } = await lab.open();
    await go("/attention");
    await page.getByRole("link", { name: "call budget" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Call budget" }).waitFor();
    const acme = page.getByRole("region", { name: "acme on github" });
    await acme.getByText("Some is put off").waitFor();
    const row = acme.getByRole("row", { name: /^Calls by the hour/ });
    const cells = await row.getByRole("cell").allInnerTexts();
    expect(cells.slice(0, 3)).toEqual(["3,100 of 12,500", "9,400", "in 23 min 20 s"]);
    expect(cells[3]).toContain("2,500");
    expect(cells[3]).toContain("Put off: reactions, comments, checks\nfor 3 min 20 s");
    expect(await acme.getByRole("listitem").allInnerTexts()).toEqual([
      "Reaction to a comment × 12 the next in 3 min 20 s",
      "Comment and checks × 40 would only show progress and waits for more of it; the next in 21 s",
    ]);
    const umbra = page.getByRole("region", { name: "umbra on github" });
    await umbra.getByText("wants to hear nothing of this installation for 1 min 35 s").waitFor();

    // It follows by itself: nobody tells of single calls.
    standIn.world.budget = { ...exampleWorld().budget, installations: [] };
    await page.getByText("Nothing was asked yet").waitFor();
    standIn.world.budget = { ...standIn.world.budget, limited: [] };
    await page.getByText("Nothing is limited").waitFor();
  });
});
