import { createHash } from "node:crypto";
import { chmodSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { builtinModules } from "node:module";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { type BuildOptions, build, type Plugin } from "esbuild";

/** The program that reads code, which the runner loads where it needs it. */
const INDEX_PROGRAM = "runner-index.cjs";

/** Some CommonJS packages call `require` for built-in modules, which an ES module does not have. */
const REQUIRE =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

/** The parser looks for its WebAssembly beside itself; here it is part of the one file. */
const WITH_WASM: Plugin = {
  name: "wasm",
  setup(build) {
    build.onLoad({ filter: /hcl2json[\\/]build[\\/]bridge\.js$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const reads = /await fs\.readFile\([^;]*?"main\.wasm\.gz"\)\)/;
      if (!reads.test(text)) throw new Error(`${path} loads its WebAssembly in another way`);
      const contents = text.replace(reads, 'require("../main.wasm.gz")');
      return { contents, loader: "js", resolveDir: dirname(path) };
    });
  },
};

const SHARED = {
  bundle: true,
  platform: "node",
  target: "node20",
  legalComments: "none",
  logLevel: "warning",
} as const satisfies BuildOptions;

/** Names stay, so that a stack trace of a bug still says where. */
export const RUNNER_MINIFIED = {
  minifyWhitespace: true,
  minifySyntax: true,
} as const satisfies BuildOptions;

/** The runner travels alone onto a CI machine: one small file, and another one for the few jobs that read code. */
export async function bundleRunner(root: string, outdir: string, version: string): Promise<void> {
  await bundleAlone(root, join(outdir, INDEX_PROGRAM), {
    entryPoints: ["src/main/runner-index.ts"],
    // The thread of the parser requires this same file.
    format: "cjs",
    loader: { ".gz": "binary" },
    plugins: [WITH_WASM],
    // For a Node of long ago, under a name that no package has.
    alias: { performance: "node:perf_hooks" },
    // From the sources the parser is looked for from where they lie.
    define: { "import.meta.url": "undefined" },
    banner: { js: "/* Contains @cdktn/hcl2json, licensed under MPL-2.0. */" },
  });
  const bytes = readFileSync(join(root, outdir, INDEX_PROGRAM));
  await bundleAlone(root, join(outdir, "runner.js"), {
    entryPoints: ["src/main/runner.ts"],
    format: "esm",
    ...RUNNER_MINIFIED,
    banner: { js: `#!/usr/bin/env node\n${REQUIRE}` },
    define: {
      "process.env.TERRANE_VERSION": JSON.stringify(version),
      // It takes no other program than the one that was built with it.
      "process.env.TERRANE_INDEX_SHA256": JSON.stringify(
        createHash("sha256").update(bytes).digest("hex"),
      ),
    },
  });
}

async function bundleAlone(root: string, outfile: string, options: BuildOptions): Promise<void> {
  const all = { ...SHARED, ...options, absWorkingDir: root, outfile, metafile: true } as const;
  const { metafile } = await build(all);
  const outputs = Object.values(metafile.outputs);
  const strangers = outputs
    .flatMap((output) => output.imports)
    .filter((one) => one.external === true && !isBuiltin(one.path))
    .map((one) => one.path);
  if (strangers.length > 0) {
    throw new Error(`${outfile} must stand alone but imports ${strangers.join(", ")}`);
  }
  chmodSync(join(root, outfile), 0o755);
  const size = outputs.reduce((sum, output) => sum + output.bytes, 0);
  process.stdout.write(`${outfile}: ${(size / 1024).toFixed(0)} kB\n`);
}

/** What Node brings along. */
function isBuiltin(path: string): boolean {
  return path.startsWith("node:") || builtinModules.includes(path);
}

const [, program = "", outdir] = process.argv;
if (import.meta.url === pathToFileURL(program).href && outdir !== undefined) {
  await bundleRunner(process.cwd(), relative(process.cwd(), outdir), "development");
}
