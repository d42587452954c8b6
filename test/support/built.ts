import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inject } from "vitest";
import { buildDashboard } from "./build-dashboard.ts";
import { bundleBareRunner, bundleServerInto } from "./bundle.ts";

/** Several builds at a time on a busy machine. */
const BUILD_MS_MAX = 120_000;
const DONE = "done";

declare module "vitest" {
  interface ProvidedContext {
    /** Made by `build-setup.ts` for this run. */
    readonly buildFolder: string;
  }
}

/** The program of the server with the runner beside it, as they are shipped but without the dashboard. */
export async function serverProgram(): Promise<string> {
  return join(await once("server", bundleServerInto), "cli.js");
}

/** The program of the server with runner and dashboard beside it. */
export async function wholeServerProgram(): Promise<string> {
  const whole = await once("whole", async (dir) => {
    const [server, web] = await Promise.all([once("server", bundleServerInto), dashboardFiles()]);
    cpSync(server, dir, { recursive: true });
    cpSync(web, join(dir, "web"), { recursive: true });
  });
  return join(whole, "cli.js");
}

/** The folder of the dashboard as it is released. */
export function dashboardFiles(): Promise<string> {
  return once("web", buildDashboard);
}

/** The runner as one file, without what a release is told about itself. */
export async function runnerProgram(): Promise<string> {
  return join(await once("runner", bundleBareRunner), "runner.mjs");
}

/** Built by the first test file of a run that asks; the others wait for it. */
async function once(name: string, build: (dir: string) => Promise<void>): Promise<string> {
  const dir = join(inject("buildFolder"), name);
  const ended = `${dir}.ended`;
  if (!isFirst(dir)) {
    const said = await written(ended);
    if (said !== DONE) throw new Error(said);
    return dir;
  }
  try {
    await build(dir);
    writeFileSync(ended, DONE);
  } catch (error) {
    writeFileSync(ended, `another test file could not build ${name}: ${String(error)}`);
    throw error;
  }
  return dir;
}

function isFirst(dir: string): boolean {
  try {
    mkdirSync(dir);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

async function written(path: string): Promise<string> {
  const deadline = performance.now() + BUILD_MS_MAX;
  while (performance.now() < deadline) {
    const said = existsSync(path) ? readFileSync(path, "utf8") : "";
    if (said !== "") return said;
    await sleep(50);
  }
  throw new Error(`${path} was not written in time`);
}
