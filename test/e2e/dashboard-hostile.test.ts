import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { present } from "../../src/base/assert.ts";
import { exampleWorld } from "../support/api-stand-in-data.ts";
import type { World } from "../support/api-stand-in-make.ts";
import { HAS_CHROMIUM, type Lab, startLab } from "../support/dashboard.ts";

const PULL = "/repositories/repo-1/pulls/42";

/** Each sets `window.hacked` if any of it is ever parsed as markup or followed as a script. */
const PAYLOADS = [
  "<script>window.hacked = 1</script>",
  "<img src=x onerror='window.hacked = 1'>",
  "<svg onload=window.hacked=1></svg>",
  '"><iframe srcdoc="<script>parent.hacked = 1</script>"></iframe>',
  "<details open ontoggle=window.hacked=1><summary>x</summary></details>",
  "[click](javascript:window.hacked=1)",
  "![x](x'onerror='window.hacked=1)",
  "<a href='javascript:window.hacked=1'>click</a>",
  "<style>* { display: none }</style>",
  "\u001b]8;;javascript:window.hacked=1\u001b\\click\u001b]8;;\u001b\\",
  "{{constructor.constructor('window.hacked=1')()}}",
];
const ALL = PAYLOADS.join("\n\n");

function hostileWorld(): World {
  const world = exampleWorld();
  const pull = present(world.pulls[0], "the stand-in has a pull request");
  const [title] = PAYLOADS;
  Object.assign(pull, {
    title,
    author: title,
    headRef: title,
    baseRef: title,
    url: "javascript:1",
  });
  for (const dirspace of pull.dirspaces) {
    Object.assign(dirspace, {
      planText: ALL,
      because: [ALL],
      tags: PAYLOADS,
      outputs: [{ name: ALL, sensitive: false, value: ALL }],
      changes: PAYLOADS.map((address) => ({ address, action: "create", replacePaths: PAYLOADS })),
      failure: { step: ALL, message: ALL, tail: ALL, exitCode: 1, signal: null },
    });
  }
  pull.notice = {
    at: pull.updatedAt,
    command: ALL,
    actor: ALL,
    outcome: "refused",
    reasons: [{ code: ALL, title: ALL, cause: ALL, next: `${ALL} \`terrane plan <img src=x>\`` }],
  };
  pull.local?.conversation.push({
    kind: "comment",
    id: "hostile",
    author: ALL,
    byTerrane: false,
    markdown: ALL,
    at: pull.updatedAt,
    editedAt: null,
    acknowledged: false,
  });
  world.diff = `diff --git a/x b/${title}\n@@ -0,0 +1 @@\n+${title}\n`;
  for (const run of world.runs)
    Object.assign(run, { message: ALL, actor: ALL, ciUrl: "javascript:1" });
  world.output.set("run-plan-2 prod/db:prod", { chunks: [ALL], ended: true });
  for (const lock of world.locks) lock.title = ALL;
  // Keys and values of a configuration come back in findings, tooltips and tables.
  world.vcs.config = PAYLOADS.map((payload) => `${JSON.stringify(payload)}: 1\n`).join("");
  return world;
}

describe.skipIf(!HAS_CHROMIUM)("the dashboard, under attack", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(async () => lab.close());

  test.each([
    "/",
    `${PULL}#prod/db:prod`,
    `${PULL}?tab=changes`,
    `${PULL}?tab=why`,
    "/runs",
    "/runs/run-plan-2?unit=prod%2Fdb%3Aprod",
    "/locks",
    "/repositories/repo-1/configuration",
    `/?q=${encodeURIComponent(PAYLOADS[1] ?? "")}`,
  ])("T19 hostile titles, plans, comments and logs stay text on %s", async (path) => {
    const { page, problems, go } = await lab.open({ standIn: { world: hostileWorld() } });
    await go(path);
    await page.waitForLoadState("networkidle").catch(() => undefined);
    const shown = path.startsWith("/?q=") ? "No pull request matches" : "hacked";
    await page.locator("main").getByText(shown).first().waitFor({ state: "attached" });
    for (const summary of await page.locator("summary").all()) {
      if (await summary.isVisible()) await summary.click();
    }
    const found = await page.evaluate(() => ({
      hacked: "hacked" in window,
      elements: document.querySelectorAll(
        "main script, main iframe, main img, main style, [onerror], [onload], [ontoggle]",
      ).length,
      links: [...document.querySelectorAll("a")].filter((link) => link.protocol === "javascript:")
        .length,
    }));
    expect(found).toEqual({ hacked: false, elements: 0, links: 0 });
    expect(problems).toEqual([]);
  });

  test("a comment of nothing but nesting is shown and breaks nothing", async () => {
    const world = exampleWorld();
    const pull = present(world.pulls[0], "the stand-in has a pull request");
    for (const markdown of [">".repeat(3_000), "<details>\n\n".repeat(500), "*_".repeat(2_000)]) {
      pull.local?.conversation.push({
        kind: "comment",
        id: `deep ${markdown.slice(0, 3)}`,
        author: "otto",
        byTerrane: false,
        markdown: `${markdown} deep`,
        at: pull.updatedAt,
        editedAt: null,
        acknowledged: false,
      });
    }
    const { page, problems, go } = await lab.open({ standIn: { world } });
    await go(PULL);
    await expect.poll(() => page.getByRole("article", { name: "Comment by otto" }).count()).toBe(3);
    expect(problems).toEqual([]);
  });

  test("T20 each unsafe request carries the header that another site cannot send", async () => {
    const { page, go } = await lab.open();
    await go(PULL);
    const sent = page.waitForRequest((request) => request.method() === "POST");
    await page.getByRole("button", { name: "Plan", exact: true }).click();
    expect((await sent).headers()["x-terrane"]).toBe("1");
  });

  test("without a session the page asks for the token, and goes on where the reader was", async () => {
    const { page, go } = await lab.open({ standIn: { token: "right" } });
    await go("/locks");
    await page.getByLabel("Access token").fill("wrong");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("TOKEN_REFUSED").waitFor();
    await page.getByLabel("Access token").fill("right");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Locks" }).waitFor();
    await page.getByText("prod/queue").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in to Terrane" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Sign in to Terrane" }).waitFor();
  });

  test("a token in the address signs in and leaves the address and the history", async () => {
    const { page, problems, go } = await lab.open({ standIn: { token: "right" } });
    await go(`${PULL}#token=right`);
    await page.getByText("prod/queue").first().waitFor();
    expect(page.url()).not.toContain("token");
    expect(
      await page.evaluate(() => window.localStorage.length + window.sessionStorage.length),
    ).toBeLessThanOrEqual(1);
    expect(await page.evaluate(() => document.cookie)).toBe("");
    expect(problems).toEqual([]);
  });
});
