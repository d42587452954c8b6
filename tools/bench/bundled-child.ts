import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { buildSync } from "esbuild";

/**
 * Runs a program in a process of its own that holds nothing but what the program imports, as the
 * server's bundle does; a compiler in the same process would count as its memory.
 */
export function bundledChild(source: string): (input: object) => unknown {
  const outfile = `.cache/bench/${source.replaceAll("/", "-").replace(/\.ts$/, ".mjs")}`;
  mkdirSync(dirname(outfile), { recursive: true });
  buildSync({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
  });
  return (input) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [outfile], {
      input: JSON.stringify(input),
      encoding: "utf8",
      maxBuffer: 2 ** 28,
    });
    if (status !== 0) throw new Error(`${source} ended with ${String(status)}: ${stderr}`);
    return JSON.parse(stdout) as unknown;
  };
}
