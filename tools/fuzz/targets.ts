import { isDeepStrictEqual } from "node:util";
import { changeSet } from "../../src/core/change/change-set.ts";
import { parseDir } from "../../src/core/change/dirspace.ts";
import { parseGlob } from "../../src/core/change/glob.ts";
import { GlobSet } from "../../src/core/change/glob-set.ts";
import { completeConfig } from "../../src/core/config/complete.ts";
import type { Diagnostic } from "../../src/core/config/diagnostic.ts";
import { parseConfig } from "../../src/core/config/parse.ts";
import { parsePattern, patternFinds } from "../../src/core/config/pattern.ts";
import { CONFIG_CHARS_MAX } from "../../src/core/config/yaml.ts";
import { matches } from "../../src/core/query/match.ts";
import { parseQuery } from "../../src/core/query/parser.ts";
import { CONFIGS, GLOBS, PATTERNS, QUERIES } from "./seeds.ts";

/** Something that reads what users write. */
export interface Target {
  readonly name: string;
  readonly seeds: readonly string[];
  /** Longer inputs are cut. */
  readonly charsMax: number;
  /** What is measured. Throws where a rule is broken. */
  read(text: string): unknown;
  /** What must hold of the answer; a sentence where it does not. */
  check(text: string, answer: unknown): string | undefined;
}

const FILES = [
  "README.md",
  "app/main.tf",
  "live/a/b/main.tf",
  "live/a/c/x.tfvars",
  "modules/a/m.tf",
];
const CHANGES = FILES.map((path) => ({ kind: "modified", path }) as const);
const BRANCHES = { branch: "feat/x", destBranch: "main" };
const PATHS = ["a", "a/b/c.tf", `${"a".repeat(100)}/${"ab".repeat(60)}.tf`, "é/😀/x"];

const config: Target = {
  name: "config",
  seeds: CONFIGS,
  charsMax: CONFIG_CHARS_MAX + 100,
  read(text) {
    const { raw, diagnostics } = parseConfig(text, "config.yml");
    if (raw === undefined) return { diagnostics };
    return {
      raw,
      diagnostics,
      set: changeSet(completeConfig(raw), { files: FILES }, CHANGES, BRANCHES),
    };
  },
  check(text, answer) {
    const { raw, diagnostics } = answer as { raw?: object; diagnostics: readonly Diagnostic[] };
    const lines = text.split("\n");
    const wrong = diagnostics.find(
      ({ line, column }) => column < 1 || column > (lines[line - 1]?.length ?? -1) + 1,
    );
    if (wrong !== undefined) return `there is no line ${wrong.line}, column ${wrong.column}`;
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    if ((raw === undefined) !== errors.length > 0)
      return "accepted with errors, or refused without";
    if (Object.hasOwn(Object.prototype, "polluted")) return "the prototype of all objects changed";
    const again = parseConfig(text, "config.yml");
    return isDeepStrictEqual([again.raw, again.diagnostics], [raw, diagnostics])
      ? undefined
      : "the second answer is another one";
  },
};

const query: Target = {
  name: "query",
  seeds: QUERIES,
  charsMax: 5_000,
  read(text) {
    const parsed = parseQuery(text);
    if (parsed.kind === "ok") {
      matches(parsed.query, { tags: new Set(["a", "dir:a/b"]), dir: "a/b", workingDir: "a/c" });
    }
    return parsed;
  },
  check(text, answer) {
    const parsed = answer as ReturnType<typeof parseQuery>;
    if (parsed.kind === "ok") return undefined;
    return parsed.offset <= text.length ? undefined : `there is no offset ${parsed.offset}`;
  },
};

const glob: Target = {
  name: "glob",
  seeds: GLOBS,
  charsMax: 5_000,
  read(text) {
    const parsed = parseGlob(text);
    if (parsed.kind === "error") return parsed;
    const set = new GlobSet([parsed.glob]);
    return PATHS.map((path) => set.run(path).accepts);
  },
  check: () => undefined,
};

const pattern: Target = {
  name: "pattern",
  seeds: PATTERNS,
  charsMax: 2_000,
  read(text) {
    const parsed = parsePattern(text);
    if (parsed.kind === "error") return parsed;
    return PATHS.map((path) => patternFinds(parsed.pattern, path));
  },
  check: () => undefined,
};

const dir: Target = {
  name: "dir",
  seeds: ["a/b", "../a", "é/e\u0301", ".", "a//b/./c"],
  charsMax: 3_000,
  read: parseDir,
  check(text, answer) {
    if ((answer as ReturnType<typeof parseDir>).kind === "error" || text === ".") return undefined;
    const safe = text.split("/").every((segment) => !["", ".", ".."].includes(segment));
    return safe ? undefined : "it leaves its place";
  },
};

/** The configuration is what strangers write most of, so it is asked most. */
export const TARGETS: readonly Target[] = [
  config,
  config,
  config,
  config,
  query,
  glob,
  pattern,
  dir,
];
