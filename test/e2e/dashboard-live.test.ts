import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import { HAS_CHROMIUM, type Lab, startLab } from "../support/dashboard.ts";

const PULL = "/repositories/repo-1/pulls/42";
const RUN = "run-plan-2";
const UNIT = "prod/search:prod";

describe.skipIf(!HAS_CHROMIUM)("the dashboard, live", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(async () => lab.close());

  test("a change appears by itself and is announced", async () => {
    const { page, standIn, go } = await lab.open();
    await go(PULL);
    await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
    const pull = present(standIn.world.pulls[0], "the stand-in has a pull request");
    const search = present(
      pull.dirspaces.find(({ dir }) => dir === "prod/search"),
      "it has this dirspace",
    );
    search.phase = "planned";
    standIn.changed(42);
    await page.locator('[id="prod/search:prod"]').getByText("Planned").waitFor();
    await page.getByRole("status").filter({ hasText: "prod/search:prod: Planned" }).waitFor();
  });

  test("a lost connection is shown, made again, and what was missed is fetched", async () => {
    const { page, standIn, go } = await lab.open();
    await go("/");
    await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
    standIn.cutStreams();
    await page.getByRole("status").filter({ hasText: "Reconnecting" }).waitFor();
    present(standIn.world.pulls[0], "the stand-in has a pull request").title = "Renamed meanwhile";
    await page.getByText("Renamed meanwhile").waitFor();
    await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
  });

  test("output appears while it is printed, in colour, each line once", async () => {
    const { page, standIn, go } = await lab.open();
    await go(`/runs/${RUN}?unit=${encodeURIComponent(UNIT)}`);
    const log = page.getByRole("log");
    await log.getByText("successfully initialized").waitFor();
    await page.getByText(/lines, live/).waitFor();
    standIn.print(RUN, UNIT, "first half, ");
    standIn.print(RUN, UNIT, "second half\n\u001b[31mred line\u001b[0m\n");
    await log.getByText("first half, second half").waitFor();
    expect(await log.getByText("red line").getAttribute("class")).toBe("fg-1");

    standIn.cutStreams();
    await page.getByText(/lines, reconnecting/).waitFor();
    standIn.print(RUN, UNIT, "printed meanwhile\n");
    await log.getByText("printed meanwhile").waitFor();
    expect(await log.getByText("first half, second half").count()).toBe(1);

    standIn.endOutput(RUN, UNIT);
    await page.getByText(/lines, complete/).waitFor();
    await expect.poll(() => standIn.openStreams()).toBe(1);
  });

  test("a log follows its end until the reader scrolls up", async () => {
    const { page, standIn, go } = await lab.open();
    await go(`/runs/${RUN}?unit=${encodeURIComponent(UNIT)}`);
    const log = page.getByRole("log");
    await log.getByText("successfully initialized").waitFor();
    const atEnd = () =>
      log.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight < 30);
    standIn.print(RUN, UNIT, Array.from({ length: 600 }, (_, n) => `line number ${n}\n`).join(""));
    await log.getByText("line number 599").waitFor();
    await expect.poll(atEnd).toBe(true);
    await log.evaluate((box) => {
      box.scrollTop = 0;
    });
    await page.getByRole("button", { name: "Follow", exact: true }).waitFor();
    standIn.print(RUN, UNIT, "one more\n");
    await log.getByText("one more").waitFor({ state: "attached" });
    expect(await atEnd()).toBe(false);
    await page.getByRole("button", { name: "Follow", exact: true }).click();
    await expect.poll(atEnd).toBe(true);
  });

  test("a log is searched", async () => {
    const { page, go } = await lab.open();
    await go(`/runs/${RUN}?unit=${encodeURIComponent("prod/db:prod")}`);
    await page.getByText(/lines, complete/).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("RESOURCE");
    await page.getByText("1 of 2").waitFor();
    await page.keyboard.press("Enter");
    await page.getByText("2 of 2").waitFor();
    expect(await page.locator("mark").allTextContents()).toEqual(["resource", "resource"]);
  });

  test("fifty thousand lines stay quick to read", async () => {
    const { page, standIn, go } = await lab.open();
    await go(`/runs/${RUN}?unit=${encodeURIComponent(UNIT)}`);
    const log = page.getByRole("log");
    await log.getByText("successfully initialized").waitFor();
    for (let part = 0; part < 50; part++) {
      standIn.print(RUN, UNIT, `part ${part} of a long output\n`.repeat(1_000));
    }
    await page.getByText(/^\d+ earlier lines not shown$/).waitFor({ state: "attached" });
    await log.getByText("part 49 of a long output").last().waitFor();
    expect(await page.locator(".log-line").count()).toBe(20_000);
  });
});
