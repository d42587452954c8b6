import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { assert } from "../../../src/base/assert.ts";
import { type Edit, type Mutant, occurrences } from "./mutant.ts";
import type { Found } from "./range.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** The last line that a child prints. */
export interface ChildResult {
  readonly found: Found | undefined;
}

/** Much longer than one history takes without a bug, also on a busy machine: whoever is not further by then goes round in circles. */
const SILENT_MS_MAX = 120_000;

/** Bundles the child with the edits in its sources and runs it; nothing of it touches the checkout's files. */
export async function runWith(
  edits: readonly Edit[],
  by: Mutant["by"],
  args: readonly string[],
): Promise<Found | undefined> {
  const outfile = join(ROOT, ".cache", "mutants", `${process.pid}-${Date.now()}-${next++}.mjs`);
  await build({
    absWorkingDir: ROOT,
    entryPoints: [join(import.meta.dirname, `child-${by}.ts`)],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    packages: "external",
    logLevel: "error",
    plugins: [edited(edits)],
  });
  try {
    return (await runChild(outfile, args)).found;
  } finally {
    rmSync(outfile, { force: true });
  }
}

let next = 0;

function edited(edits: readonly Edit[]): Plugin {
  return {
    name: "mutant",
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const own = edits.filter((edit) => join(ROOT, edit.file) === path);
        if (own.length === 0) return undefined;
        let contents = readFileSync(path, "utf8");
        for (const edit of own) {
          assert(occurrences(contents, edit) === 1, `${edit.file} has not once: ${edit.find}`);
          contents = contents.split(edit.find).join(edit.replace);
        }
        return { contents, loader: "ts" };
      });
    },
  };
}

function runChild(file: string, args: readonly string[]): Promise<ChildResult> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [file, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    const late = setTimeout(() => child.kill("SIGKILL"), SILENT_MS_MAX);
    let [out, error] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      late.refresh();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      error += chunk.toString();
    });
    child.on("close", (_, signal) => {
      clearTimeout(late);
      resolve(readResult(out) ?? broke(signal === null ? lastLine(error) : "it never ended"));
    });
  });
}

function readResult(out: string): ChildResult | undefined {
  const line = lastLine(out);
  return line.startsWith("{") ? (JSON.parse(line) as ChildResult) : undefined;
}

/** A child that cannot even run was found as well. */
function broke(what: string): ChildResult {
  return { found: { seed: 0, what } };
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
