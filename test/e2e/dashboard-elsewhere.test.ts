import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HAS_CHROMIUM, type Lab, startLab } from "../support/dashboard.ts";
import { audit } from "../support/page-audit.ts";

const PULL = "/repositories/repo-1/pulls/42";
const THERE = "https://forge.example/acme/infra/pull/42";

describe.skipIf(!HAS_CHROMIUM)("what another VCS keeps", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(async () => lab.close());

  test("a pull request is shown with a link to where its commands are given, and offers none that would be refused", async () => {
    const { page, standIn, go } = await lab.open();
    const { world } = standIn;
    world.pulls = world.pulls.map((pull) => ({ ...pull, local: null, url: THERE }));
    await go(PULL);
    const link = page.getByRole("link", { name: "Give commands in the pull request" });
    expect(await link.getAttribute("href")).toBe(THERE);
    for (const name of ["Plan", "Apply", "Unlock", "Send", "Comment"]) {
      expect(await page.getByRole("button", { name, exact: true }).count(), name).toBe(0);
    }
    expect(await page.getByRole("combobox", { name: "Comment or command" }).count()).toBe(0);
    expect(await audit(page)).toEqual([]);
    if (process.env["SHOTS"] !== undefined)
      await page.screenshot({ path: `${process.env["SHOTS"]}/elsewhere.png` });
  });

  test("its locks say which comment lets them go", async () => {
    const { page, standIn, go } = await lab.open();
    const { world } = standIn;
    world.locks = world.locks.map((lock) => ({ ...lock, local: false }));
    await go("/locks");
    await page.getByText("Comment unlock there").first().waitFor();
    expect(await page.getByRole("button", { name: /^(Unlock|End)/ }).count()).toBe(0);
    expect(await audit(page)).toEqual([]);
    if (process.env["SHOTS"] !== undefined)
      await page.screenshot({ path: `${process.env["SHOTS"]}/locks.png` });
  });
});
