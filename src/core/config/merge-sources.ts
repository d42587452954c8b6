import { canonicalJson } from "../../base/canonical-json.ts";
import type { Finding } from "./finding.ts";
import { mergeRuleOf } from "./merge-rules.ts";
import type { Path } from "./places.ts";
import {
  type Origin,
  plain,
  type Traced,
  type TracedList,
  type TracedMap,
  type TracedScalar,
} from "./traced.ts";

/** Two sources that cannot be combined at this path; the finding is about the higher one. */
export interface Conflict {
  readonly finding: Finding;
  readonly at: Origin;
}

/**
 * What a lower and a higher source say together. A value that only one of them has is taken as it is;
 * `null` in the higher one resets to the default of the language, whatever the lower one says.
 */
export function mergeSources(
  lower: Traced,
  higher: Traced,
  conflicts: Conflict[],
  path: Path = [],
): Traced {
  if (isNull(higher) || isNull(lower)) return higher;
  const rule = mergeRuleOf(path);
  if (rule?.kind === "opaque") return higher;
  if (rule?.kind === "query") return mergeQueries(lower, higher, conflicts, path);
  if (lower.kind === "map" && higher.kind === "map") {
    const isOther = rule?.kind === "alternatives" && kindOf(lower, rule) !== kindOf(higher, rule);
    return isOther ? higher : mergeMaps(lower, higher, conflicts, path);
  }
  if (lower.kind === "list" && higher.kind === "list") {
    const replaces = rule?.kind === "list" && rule.rule === "replaced";
    if (replaces) return higher;
    const above = withoutRepeats(higher.items, lower.items);
    return { ...higher, items: [...above, ...withoutRepeats(lower.items, higher.items)] };
  }
  if (lower.kind !== higher.kind) conflicts.push(conflict(lower, higher, path));
  return higher;
}

/** A builder that hands its input on says what files say: a hook of theirs would run twice. */
function withoutRepeats(items: readonly Traced[], others: readonly Traced[]): readonly Traced[] {
  if (!items.some(isBuilt)) return items;
  const said = new Set(
    others.filter((one) => !isBuilt(one)).map((one) => canonicalJson(plain(one))),
  );
  return items.filter((one) => !isBuilt(one) || !said.has(canonicalJson(plain(one))));
}

function isBuilt({ origin }: Traced): boolean {
  return origin.source === "built";
}

/** The higher source's keys come first: where order decides, it decides for that source. */
function mergeMaps(
  lower: TracedMap,
  higher: TracedMap,
  conflicts: Conflict[],
  path: Path,
): TracedMap {
  const entries = new Map<string, Traced>();
  for (const [key, value] of higher.entries) {
    const below = lower.entries.get(key);
    entries.set(
      key,
      below === undefined ? value : mergeSources(below, value, conflicts, [...path, key]),
    );
  }
  for (const [key, value] of lower.entries) if (!entries.has(key)) entries.set(key, value);
  return { ...higher, entries };
}

/** A query alone stands for `{tag_query: …}`; the empty one switches off, which nothing can be added to. */
function mergeQueries(lower: Traced, higher: Traced, conflicts: Conflict[], path: Path): Traced {
  if (lower.kind === higher.kind && lower.kind === "scalar") return higher;
  if (isEmptyText(lower) || isEmptyText(higher)) return higher;
  const below = asQueryMap(lower);
  const above = asQueryMap(higher);
  if (below !== undefined && above !== undefined) return mergeMaps(below, above, conflicts, path);
  return higher;
}

function asQueryMap(traced: Traced): TracedMap | undefined {
  if (traced.kind === "map") return traced;
  if (traced.kind === "list") return undefined;
  return { ...traced, kind: "map", entries: new Map([["tag_query", traced]]) };
}

function kindOf(map: TracedMap, { key, by }: { key: string; by: "value" | "presence" }): unknown {
  const value = map.entries.get(key);
  if (by === "presence") return value !== undefined && !isNull(value);
  return value?.kind === "scalar" ? value.value : undefined;
}

const SHAPES: Readonly<Record<Traced["kind"], string>> = {
  scalar: "a single value",
  list: "a list",
  map: "a mapping",
};

function conflict(lower: Traced, higher: Traced, path: Path): Conflict {
  const { file, line, column } = lower.origin;
  return {
    finding: {
      severity: "error",
      code: "merge",
      message:
        `${SHAPES[higher.kind]} here, but ${SHAPES[lower.kind]} in ${file}:${line}:${column}, ` +
        "so the two files cannot be merged",
      path,
    },
    at: higher.origin,
  };
}

function isNull(traced: TracedScalar | TracedList | TracedMap): boolean {
  return traced.kind === "scalar" && traced.value === null;
}

function isEmptyText(traced: Traced): boolean {
  return traced.kind === "scalar" && traced.value === "";
}
