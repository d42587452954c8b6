import { completeConfig } from "./complete.ts";
import type { Config } from "./config.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { DIAGNOSTICS_MAX } from "./document.ts";
import { explainIssues } from "./explain.ts";
import type { Finding } from "./finding.ts";
import type { Json } from "./json.ts";
import { lintStacks } from "./lint-stacks.ts";
import { mergeForBranch, withoutGuards } from "./merge.ts";
import { type Conflict, mergeSources } from "./merge-sources.ts";
import { type Origins, originsOf, toDiagnostics } from "./origins.ts";
import { locateConfig } from "./parse.ts";
import { formatPath, Places } from "./places.ts";
import type { RawConfig } from "./raw.ts";
import { configSchema } from "./schema/root.ts";
import { type ConfigSource, sidesOf } from "./source.ts";
import { type Origin, plain, type Traced, type TracedMap, trace } from "./traced.ts";

export type EffectiveConfig =
  | {
      readonly kind: "ok";
      /** In the shape of a file, without defaults. */
      readonly raw: RawConfig;
      readonly config: Config;
      readonly origins: Origins;
      /** Of the files that a change can mend; those of the central repository are for its own people. */
      readonly warnings: readonly Diagnostic[];
    }
  | { readonly kind: "error"; readonly diagnostics: readonly Diagnostic[] };

/**
 * What all sources say together. `guarded`: the keys of `default_branch_overrides` come from the
 * default branch, as for every pull request (S16). `as_written`: the files are looked at by
 * themselves, as on a checkout, and the source `default_branch` does not count.
 *
 * Each file is valid by itself or nothing is merged, so that nobody searches in one file for what is
 * wrong in another.
 */
export function effectiveConfig(
  sources: readonly ConfigSource[],
  mode: "guarded" | "as_written",
): EffectiveConfig {
  const sides = sidesOf(sources, mode === "guarded");
  const used = new Set([...sides.feature, ...(sides.defaultBranch ?? [])]);
  const part = [sides.feature, sides.defaultBranch ?? []].some((side) => side.length > 1);
  const parsed = new Map([...used].map((source) => [source, readSource(source, part)]));
  const errors = [...used]
    .filter((source) => !isUnchanged(source, sides.feature))
    .flatMap((source) => parsed.get(source)?.diagnostics ?? [])
    .filter((found) => found.severity === "error");
  if (errors.length > 0) return failed(errors);

  const conflicts: Conflict[] = [];
  const merged = (trees: readonly TracedMap[], found: Conflict[]): TracedMap =>
    trees.reduce((lower, higher) => asMap(mergeSources(lower, higher, found)), NOTHING);
  const treesOf = (side: readonly ConfigSource[]): readonly TracedMap[] =>
    side.flatMap((source) => {
      const trees = parsed.get(source)?.tree ?? [];
      if (source.source !== "built") return trees;
      const files = merged(treesOf(side.filter((other) => other !== source)), []);
      return trees.map((tree) => withoutGuards(tree, files));
    });
  const combine = (side: readonly ConfigSource[]) => merged(treesOf(side), conflicts);
  const feature = combine(sides.feature);
  const root =
    sides.defaultBranch === undefined
      ? feature
      : mergeForBranch(combine(sides.defaultBranch), feature);
  if (conflicts.length > 0) return failed(conflictDiagnostics(conflicts));

  const origins = originsOf(root);
  const raw = plain(root);
  const broken = used.size > 1 ? checkMerged(raw, origins) : [];
  if (broken.length > 0) return failed(broken);
  return {
    kind: "ok",
    raw: raw as RawConfig,
    config: completeConfig(raw as RawConfig),
    origins,
    warnings: sides.feature
      .filter(({ source }) => source === "repository" || source === "built")
      .flatMap((source) => parsed.get(source)?.diagnostics ?? []),
  };
}

/** What is wrong in a file that the change leaves alone is said once. */
function isUnchanged({ source, text }: ConfigSource, feature: readonly ConfigSource[]): boolean {
  if (source !== "default_branch") return false;
  return feature.some((one) => one.source === "repository" && one.text === text);
}

interface ReadSource {
  readonly tree: readonly TracedMap[];
  readonly diagnostics: readonly Diagnostic[];
}

function readSource({ source, file, text }: ConfigSource, part: boolean): ReadSource {
  const located = locateConfig(text, file, { part });
  const { diagnostics } = located;
  if (located.kind === "refused") return { tree: [], diagnostics };
  const tree = asMap(trace(located.raw as Json, { source, file, locate: located.locate }));
  return { tree: [tree], diagnostics };
}

/** What findings about a configuration are attached to when nobody wrote any. */
const NOWHERE: Origin = { source: "system", file: "built-in defaults", line: 1, column: 1 };
/** What no source at all says. */
const NOTHING: TracedMap = {
  kind: "map",
  entries: new Map(),
  origin: NOWHERE,
  keyOrigin: NOWHERE,
};

/** The root of a configuration is a mapping: the schema accepts nothing else. */
function asMap(traced: Traced): TracedMap {
  return traced.kind === "map" ? traced : NOTHING;
}

/** Two files can be right by themselves and wrong together, such as a name that may be given once. */
function checkMerged(raw: Json, origins: Origins): readonly Diagnostic[] {
  const checked = configSchema.safeParse(raw);
  if (!checked.success) {
    return toDiagnostics(explainIssues(checked.error.issues, raw, new Places()), origins);
  }
  const findings: Finding[] = [];
  lintStacks(raw as RawConfig, findings);
  const errors = findings.filter((found) => found.severity === "error");
  return toDiagnostics(errors, origins);
}

/** Both sides contain the central files, so their conflicts are found twice. */
function conflictDiagnostics(conflicts: readonly Conflict[]): readonly Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  for (const { finding, at } of conflicts) {
    const { file, line, column } = at;
    const { severity, code, path } = finding;
    const name = formatPath(path);
    const message = `\`${name}\` is ${finding.message}`;
    found.set(`${file}:${line}:${column}:${message}`, {
      severity,
      code,
      message,
      file,
      line,
      column,
      path: name,
    });
  }
  return [...found.values()];
}

function failed(diagnostics: readonly Diagnostic[]): EffectiveConfig {
  return { kind: "error", diagnostics: diagnostics.slice(0, DIAGNOSTICS_MAX) };
}
