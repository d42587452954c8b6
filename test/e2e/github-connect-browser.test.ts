import { chmodSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { wholeServerProgram } from "../support/built.ts";
import { HAS_CHROMIUM, launchBrowser, openTab, shoot } from "../support/dashboard.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import * as scene from "../support/github-double/scene.ts";
import { type RanJob, runJob } from "../support/github-job.ts";
import { makeWorld, rootModule } from "../support/github-lab.ts";
import { audit } from "../support/page-audit.ts";
import { type ServerProcess, scratchDir, startServerProcess } from "../support/server-process.ts";
import { whereTerraform } from "../support/where-terraform.ts";

const PATIENCE_MS = 60_000;

describe.skipIf(!HAS_CHROMIUM)("connecting GitHub in a browser", () => {
  let scratch: ReturnType<typeof scratchDir>;
  let program: string;
  let database: TestDatabase;
  let server: ServerProcess;
  let world: Awaited<ReturnType<typeof makeWorld>>;
  let browser: Browser;
  const jobs: Promise<RanJob>[] = [];

  beforeAll(async () => {
    scratch = scratchDir();
    chmodSync(scratch.path, 0o711);
    database = await createTestDatabase();
    program = await wholeServerProgram();
    server = await startServerProcess(program, join(scratch.path, "data"), database.url);
    world = await makeWorld(join(scratch.path, "state"));
    const { double } = world;
    // Nobody has made an App yet.
    double.world.installations.clear();
    double.world.onRun = (run) => {
      const machine = {
        double,
        dir: scratch.path,
        variables: { TERRANE_URL: server.url },
        beforeTerraform: () => Promise.resolve(),
        afterScript: () => Promise.resolve(),
      };
      jobs.push(runJob(machine, run));
    };
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await Promise.allSettled(jobs);
    await browser?.close();
    await server?.end("SIGTERM");
    await world?.double.close();
    await database?.drop();
    scratch?.remove();
  });

  whereTerraform(
    "from the first page to a planned pull request, without copying anything",
    async () => {
      const { double, repo } = world;
      const { page, problems } = await openTab(browser);
      page.setDefaultTimeout(PATIENCE_MS);
      await page.goto(`${server.url}/#token=${server.token}`);
      await page.getByRole("link", { name: "Connect GitHub" }).waitFor();
      await shoot(page, "connect-0-first-page");
      await page.getByRole("link", { name: "Connect GitHub" }).click();
      await page.getByRole("heading", { level: 1, name: "Connect GitHub" }).waitFor();
      await page.getByText("cannot reach", { exact: false }).waitFor();
      await page.getByText(/permissions and .* events/).click();
      expect(await audit(page)).toEqual([]);

      await page.getByLabel(/at an address of your company/).check();
      await page.getByLabel("Its address").fill(double.url);
      await page.getByLabel("Organization").fill("acme");
      await page.getByLabel(/Merge pull requests/).check();
      await page.getByText("cannot reach", { exact: false }).waitFor({ state: "detached" });
      await shoot(page, "connect-1-form");
      await page.getByRole("button", { name: /^Continue to/ }).click();

      await page.getByRole("heading", { name: "Create GitHub App for acme" }).waitFor();
      await page.getByText("contents: write").waitFor();
      await page.getByRole("button", { name: "Create GitHub App" }).click();

      await page.getByRole("heading", { level: 1, name: "terrane" }).waitFor();
      expect(new URL(page.url()).search).toBe("");
      await page.getByText("The App is installed nowhere.").waitFor();
      await shoot(page, "connect-2-made");
      expect(await audit(page)).toEqual([]);
      await page.getByRole("link", { name: "Install it" }).click();
      await page.getByRole("button", { name: "Install on acme" }).click();

      await page.getByText("The App has all it needs.").waitFor();
      await page.getByRole("region", { name: "Repositories" }).getByText("acme/infra").waitFor();
      await shoot(page, "connect-3-installed");
      expect(await audit(page)).toEqual([]);

      const by = double.user("ann");
      const files = { "net/main.tf": rootModule(join(scratch.path, "s"), "net", "two") };
      await scene.push(double, repo, { branch: "change", files, by });
      await scene.openPull(double, repo, { by, head: "change" });
      await page.getByRole("link", { name: "Terrane, pull requests" }).click();
      await page.locator(".pull-row").first().getByRole("link").first().click();
      await page.locator("tr.dirspace").filter({ hasText: "Planned" }).waitFor();
      expect(problems).toEqual([]);
      expect(double.violations()).toEqual([]);
    },
  );

  test("T19 only the page that goes to a forge may send a form elsewhere, and by https unless it is on this machine", async () => {
    const formAction = async (path: string) => {
      const { headers } = await fetch(server.url + path);
      return /form-action ([^;]+)/.exec(headers.get("content-security-policy") ?? "")?.[1];
    };
    expect(await formAction("/connect")).toBe(
      "'self' https: http://127.0.0.1:* http://localhost:*",
    );
    for (const path of ["/", "/apps/github", "/new", "/api/v1/apps"]) {
      expect(await formAction(path)).toBe("'self'");
    }
  });

  test("a registration belongs to the session that began it, and ends once", async () => {
    const { double } = world;
    const begun = await server.api("beginApp", {}, { host: double.url });
    if (begun.kind !== "ok") throw new Error(JSON.stringify(begun));
    expect(begun.value.key).toBe("github-2");
    const state = new URL(begun.value.action).searchParams.get("state") ?? "";
    const signedIn = await fetch(`${server.url}/api/v1/session`, {
      method: "POST",
      headers: { "x-terrane": "1", origin: server.url, "content-type": "application/json" },
      body: JSON.stringify({ token: server.token }),
    });
    const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
    const stolen = await fetch(`${server.url}/api/v1/apps/complete`, {
      method: "POST",
      headers: { cookie, "x-terrane": "1", origin: server.url, "content-type": "application/json" },
      body: JSON.stringify({ state, code: "none" }),
    });
    expect(stolen.status).toBe(409);
    expect(await stolen.json()).toMatchObject({ error: { code: "UNKNOWN_STATE" } });
    const codes = [];
    for (let tried = 0; tried < 2; tried++) {
      const answer = await server.api("completeApp", {}, { state, code: "none" });
      codes.push(answer.kind === "ok" ? "ok" : answer.code);
    }
    expect(codes).toEqual(["NOT_CONVERTED", "UNKNOWN_STATE"]);
  });
});
