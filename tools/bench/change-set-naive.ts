import picomatch from "picomatch";
import { matches } from "../../src/core/query/match.ts";
import { parseQuery } from "../../src/core/query/parser.ts";
import type { Query } from "../../src/core/query/query.ts";
import { type ChildInput, type NaiveOutput, peakRssMb, readInput } from "./change-set-output.ts";
import { GLOBAL_PATTERNS, keys, queries } from "./repository.ts";
import { timed } from "./statistics.ts";

/** What one would write first: for every directory its key, its patterns against every changed file, its workflow. */
interface Compiled {
  readonly dir: string;
  readonly tags: ReadonlySet<string>;
  readonly patterns: readonly picomatch.Matcher[];
}

function main(): NaiveOutput {
  const input = readInput();
  const compiled = timed(() => compileAll(input));
  const parsed = queries().map(query);
  const matched = timed(() => matchAll(compiled.value, parsed, input.changed));
  return {
    compileMs: compiled.ms,
    matchMs: matched.ms,
    found: matched.value.sort(),
    peakRssMb: peakRssMb(),
  };
}

function compileAll({ dirs }: ChildInput): readonly Compiled[] {
  const byLength = keys()
    .map((key) => ({ ...key, matches: picomatch(key.glob) }))
    .sort((a, b) => b.glob.length - a.glob.length);
  const otherwise = {
    tags: [],
    patterns: GLOBAL_PATTERNS.map((one) => one.replace("**/", "${DIR}/")),
  };
  return dirs.map((dir) => {
    const { tags, patterns } = byLength.find((one) => one.matches(dir)) ?? otherwise;
    return {
      dir,
      tags: new Set([`dir:${dir}`, "workspace:default", ...tags]),
      patterns: patterns.map((pattern) => picomatch(pattern.replace("${DIR}", dir))),
    };
  });
}

function matchAll(
  compiled: readonly Compiled[],
  workflows: readonly Query[],
  files: readonly string[],
): string[] {
  return compiled
    .filter(({ patterns }) => files.some((file) => patterns.some((fits) => fits(file))))
    .map(({ dir, tags }) => `${dir} ${workflows.findIndex((one) => matches(one, { tags, dir }))}`);
}

function query(text: string): Query {
  const parsed = parseQuery(text);
  if (parsed.kind === "error") throw new Error(parsed.message);
  return parsed.query;
}

process.stdout.write(JSON.stringify(main()));
