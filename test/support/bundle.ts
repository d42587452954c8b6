import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";

const ROOT = join(import.meta.dirname, "..", "..");

/** As they are shipped: the server, and the runner beside it. The server's packages are looked for from `dir` upwards. */
export async function bundleServerInto(
  dir: string,
  plugins: readonly Plugin[] = [],
): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    logLevel: "warning",
    entryPoints: ["src/main/cli.ts"],
    outfile: join(dir, "cli.js"),
    packages: "external",
    plugins: [...plugins],
  });
  // A process of its own, because it reads where it lies.
  const args = ["--import", "tsx", "tools/bundle-runner.ts", dir];
  execFileSync(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
}

/** For whoever runs outside the tests, or needs another server than that of today. */
export async function bundleServer(
  plugins: readonly Plugin[] = [],
): Promise<{ readonly program: string; remove(): void }> {
  const dir = join(ROOT, ".cache", `server-${process.pid}-${randomBytes(4).toString("hex")}`);
  await bundleServerInto(dir, plugins);
  return {
    program: join(dir, "cli.js"),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** The runner alone, as `runner.mjs`, without what a release is told about itself. */
export async function bundleBareRunner(dir: string): Promise<void> {
  await build({
    entryPoints: [join(ROOT, "src/main/runner.ts")],
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    outfile: join(dir, "runner.mjs"),
    logLevel: "warning",
  });
}
