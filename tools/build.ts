import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import react from "@vitejs/plugin-react";
import { type BuildOptions, build } from "esbuild";
import { build as buildWeb } from "vite";
import { bundleRunner } from "./bundle-runner.ts";

type Entry = {
  readonly source: string;
  readonly output: string;
  /** What is imported when it is needed becomes files of its own: a query need not load the server. */
  readonly split?: boolean;
};

const SHEBANG = "#!/usr/bin/env node";

const ENTRIES: readonly Entry[] = [
  { source: "src/main/cli.ts", output: "dist/cli.js", split: true },
  { source: "src/main/server.ts", output: "dist/server.js" },
];

/** Builds everything that exists into dist/ and says what it left out. */
export async function buildAll(root: string): Promise<void> {
  const started = performance.now();
  rmSync(join(root, "dist"), { recursive: true, force: true });
  for (const entry of ENTRIES) await bundle(root, entry);
  await bundleRunner(root, "dist", version(root));
  assembleAction(root);
  await dashboard(root);
  say(`built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

async function bundle(root: string, entry: Entry): Promise<void> {
  if (!existsSync(join(root, entry.source))) {
    say(`${entry.output}: left out, there is no ${entry.source}`);
    return;
  }
  const { metafile } = await build({ ...options(root, entry), metafile: true });
  chmodSync(join(root, entry.output), 0o755);
  const bytes = Object.entries(metafile.outputs)
    .filter(([path]) => path.endsWith(".js"))
    .reduce((sum, [, one]) => sum + one.bytes, 0);
  say(`${entry.output}: ${(bytes / 1024).toFixed(0)} kB`);
}

function options(root: string, entry: Entry): BuildOptions {
  return {
    absWorkingDir: root,
    entryPoints: [entry.source],
    // Beside the entry and not in a folder: code looks for its neighbours from where it lies.
    ...(entry.split === true
      ? { outdir: dirname(entry.output), splitting: true, chunkNames: "[name]-[hash]" }
      : { outfile: entry.output }),
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    // They are installed beside their packages.
    packages: "external",
    banner: { js: SHEBANG },
    define: { "process.env.TERRANE_VERSION": JSON.stringify(version(root)) },
    legalComments: "none",
    sourcemap: "linked",
    logLevel: "warning",
  };
}

/** The runner as an action: a folder to commit as it is, because an action is run from its own repository. */
function assembleAction(root: string): void {
  const folder = join(root, "dist/action");
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(root, "deploy/github/action/action.yml"), join(folder, "action.yml"));
  copyFileSync(join(root, "dist/runner.js"), join(folder, "runner.mjs"));
  copyFileSync(join(root, "dist/runner-index.cjs"), join(folder, "runner-index.cjs"));
  say("dist/action: assembled");
}

function version(root: string): string {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    version: string;
  };
  return manifest.version;
}

async function dashboard(root: string): Promise<void> {
  const web = join(root, "src/web");
  if (!existsSync(join(web, "index.html"))) {
    say("dist/web: left out, there is no src/web/index.html");
    return;
  }
  const own = join(web, "vite.config.ts");
  await buildWeb({
    root: web,
    ...(existsSync(own) ? { configFile: own } : { configFile: false, plugins: [react()] }),
    cacheDir: join(root, ".cache/vite-web"),
    logLevel: "warn",
    build: { outDir: join(root, "dist/web"), emptyOutDir: true },
  });
  say("dist/web: built");
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await buildAll(process.cwd());
