import { chmodSync, existsSync, readFileSync, rmSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import react from "@vitejs/plugin-react";
import { type BuildOptions, build, type Metafile } from "esbuild";
import { build as buildWeb } from "vite";

type Entry = {
  readonly source: string;
  readonly output: string;
  /** The runner travels alone onto a CI machine; the others are installed beside their packages. */
  readonly alone: boolean;
  /** What is imported when it is needed becomes files of its own: a query need not load the server. */
  readonly split?: boolean;
  readonly banner: string;
};

const SHEBANG = "#!/usr/bin/env node";

/** Some CommonJS packages call `require` for built-in modules, which an ES module does not have. */
const REQUIRE =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

const ENTRIES: readonly Entry[] = [
  { source: "src/main/cli.ts", output: "dist/cli.js", alone: false, banner: SHEBANG, split: true },
  { source: "src/main/server.ts", output: "dist/server.js", alone: false, banner: SHEBANG },
  {
    source: "src/main/runner.ts",
    output: "dist/runner.js",
    alone: true,
    banner: `${SHEBANG}\n${REQUIRE}`,
  },
];

/** Builds everything that exists into dist/ and says what it left out. */
export async function buildAll(root: string): Promise<void> {
  const started = performance.now();
  rmSync(join(root, "dist"), { recursive: true, force: true });
  for (const entry of ENTRIES) await bundle(root, entry);
  await dashboard(root);
  say(`built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

async function bundle(root: string, entry: Entry): Promise<void> {
  if (!existsSync(join(root, entry.source))) {
    say(`${entry.output}: left out, there is no ${entry.source}`);
    return;
  }
  const { metafile } = await build({ ...options(root, entry), metafile: true });
  const output = metafile.outputs[entry.output];
  const strangers = entry.alone ? externals(metafile) : [];
  if (output === undefined || strangers.length > 0) {
    throw new Error(`${entry.output} must stand alone but imports ${strangers.join(", ")}`);
  }
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
    packages: entry.alone ? "bundle" : "external",
    banner: { js: entry.banner },
    define: { "process.env.TERRANE_VERSION": JSON.stringify(version(root)) },
    legalComments: "none",
    sourcemap: entry.alone ? false : "linked",
    logLevel: "warning",
  };
}

function version(root: string): string {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    version: string;
  };
  return manifest.version;
}

/** What a bundle still imports and Node does not bring along. */
function externals(metafile: Metafile): readonly string[] {
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  return imports
    .filter((one) => one.external === true && !isBuiltin(one.path))
    .map((one) => one.path);
}

function isBuiltin(path: string): boolean {
  return path.startsWith("node:") || builtinModules.includes(path);
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
