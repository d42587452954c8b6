import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { type StandIn, startApiStandIn } from "./api-stand-in.ts";
import { dashboardFiles } from "./built.ts";

const EXECUTABLE = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const HAS_CHROMIUM = existsSync(EXECUTABLE);
if (!HAS_CHROMIUM) {
  process.stderr.write(
    `Skipped: there is no Chromium at ${EXECUTABLE}. Install it, or set CHROMIUM_PATH.\n`,
  );
}

export interface Dashboard {
  readonly page: Page;
  readonly standIn: StandIn;
  /** What the browser complained about: errors in the console, exceptions, violations of the policy. */
  readonly problems: string[];
  readonly go: (path: string) => Promise<void>;
}

export interface Lab {
  readonly open: (options?: {
    readonly standIn?: Parameters<typeof startApiStandIn>[0];
    readonly browser?: Parameters<Browser["newContext"]>[0];
  }) => Promise<Dashboard>;
  readonly close: () => Promise<void>;
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, args: ARGS });
}

/** A tab of a browser that has never been here. Ends with the test. */
export async function openTab(
  browser: Browser,
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<Pick<Dashboard, "page" | "problems">> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    reducedMotion: "reduce",
    ...options,
  });
  const page = await context.newPage();
  onTestFinished(async ({ task }) => {
    if (task.result?.state === "fail") process.stderr.write(await whatItShows(page));
    await context.close();
  });
  page.setDefaultTimeout(10_000);
  const problems: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  return { page, problems };
}

/** The address and the text of a page whose test failed: without them nobody knows what it waited in vain on. */
async function whatItShows(page: Page): Promise<string> {
  const text = await page
    .locator("body")
    .innerText({ timeout: 5_000 })
    .catch((error: unknown) => `no text: ${String(error)}`);
  const url = new URL(page.url());
  return `${url.pathname}${url.search} shows:\n${text}\n`;
}

/** For whoever wants to look at them: `SCREENSHOTS` names a folder. */
export async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env["SCREENSHOTS"];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

/** The dashboard as it is released, in a browser, against the stand-in of the API. */
export async function startLab(): Promise<Lab> {
  const webDir = await dashboardFiles();
  const browser = await launchBrowser();
  return {
    async open(options = {}) {
      const standIn = await startApiStandIn({ webDir, ...options.standIn });
      onTestFinished(() => standIn.close());
      const { page, problems } = await openTab(browser, options.browser);
      return {
        page,
        standIn,
        problems,
        go: async (path) => {
          await page.goto(standIn.url + path);
          await page.locator("h1").first().waitFor();
        },
      };
    },
    async close() {
      await browser.close();
    },
  };
}
