import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HAS_CHROMIUM, type Lab, startLab } from "../support/dashboard.ts";
import { audit } from "../support/page-audit.ts";

const PULL = "/repositories/repo-1/pulls/42";
const OF = encodeURIComponent("prod/db:prod");

describe.skipIf(!HAS_CHROMIUM)("why, in the dashboard", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(async () => lab.close());

  test.each([
    [`${PULL}?tab=why&of=${OF}`, "prod/db:prod", ".terrane/config.yml:12"],
    [`${PULL}?tab=why&of=nowhere`, "is not part of the change", "There is no file"],
  ])("%s has an address, and is readable in light and in dark", async (path, heading, text) => {
    const { page, problems, go } = await lab.open();
    await go(path);
    await page.locator("h3", { hasText: heading }).waitFor();
    await page.getByText(text).first().waitFor();
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await audit(page)).toEqual([]);
    }
    expect(problems).toEqual([]);
  });

  test("all of it lists where each dirspace stands, and the open tab is in sight on a phone", async () => {
    const { page, go } = await lab.open({ browser: { viewport: { width: 390, height: 844 } } });
    await go(`${PULL}?tab=why`);
    await page.locator("tr", { hasText: "prod/db:prod" }).getByText("Not approved").waitFor();
    expect(await audit(page)).toEqual([]);
    const tab = page.getByRole("link", { name: "Why?" });
    const box = await tab.boundingBox();
    expect((box?.x ?? 999) + (box?.width ?? 999)).toBeLessThanOrEqual(390);
    await page.getByRole("link", { name: "prod/db:prod", exact: true }).click();
    await page.locator("h3", { hasText: "prod/db:prod" }).waitFor();
  });

  test("any directory or file is asked about with the keyboard", async () => {
    const { page, go } = await lab.open();
    await go(`${PULL}?tab=why`);
    await page.getByLabel("Directory, dirspace or file").fill("docs/readme.md");
    await page.keyboard.press("Enter");
    await page.getByText("docs/readme.md is not part of the change").waitFor();
    expect(new URL(page.url()).searchParams.get("of")).toBe("docs/readme.md");
  });

  test("the page of a run says of its unit by which rule it was decided", async () => {
    const { page, go } = await lab.open();
    await go(`/runs/run-plan-2?unit=${OF}`);
    const summary = page.locator("summary", { hasText: "Why" });
    await summary.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("list", { name: "Rules behind prod/db:prod" }).waitFor();
    expect(await audit(page)).toEqual([]);
    await page.getByRole("link", { name: "Every decision about prod/db:prod" }).click();
    await page.locator("h2", { hasText: "Why?" }).waitFor();
  });
});
