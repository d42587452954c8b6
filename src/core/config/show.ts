import { Document, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";
import { builtInBeside } from "./built-in.ts";
import type { Json } from "./json.ts";
import { mergeRuleOf } from "./merge-rules.ts";
import type { DefaultOrigin, Origins } from "./origins.ts";
import { formatPath, type Path } from "./places.ts";
import type { RawConfig } from "./raw.ts";
import type { Origin } from "./traced.ts";

/** An effective configuration for people: with the defaults, and where each value comes from. */
export interface ShownConfig {
  /** YAML of the whole configuration; each value is followed by a comment that names its origin. */
  readonly lines: readonly string[];
  readonly json: {
    readonly config: Json;
    /** By path, as in `workflows[0].tag_query`: one entry for each scalar and each empty list or mapping. */
    readonly origins: Readonly<Record<string, Origin | DefaultOrigin>>;
  };
}

/**
 * Fills in the defaults of everything that has one place in the language; what users name themselves,
 * such as an entry of `dirs`, and entries of lists are shown as written.
 */
export function configWithOrigins(effective: {
  readonly raw: RawConfig;
  readonly origins: Origins;
}): ShownConfig {
  const config = withDefaults(effective.raw as Json, builtInBeside(effective.raw), []);
  const origins: Record<string, Origin | DefaultOrigin> = {};
  const document = new Document();
  document.contents = node(config, [], (path) => {
    const origin = effective.origins.of(path);
    origins[formatPath(path)] = origin;
    return origin;
  });
  // Folded lines would separate a value from its comment.
  const text = document.toString({ lineWidth: 0 });
  return { lines: text.trimEnd().split("\n"), json: { config, origins } };
}

function withDefaults(written: Json | undefined, builtIn: Json | undefined, path: Path): Json {
  if (written === undefined || written === null) return builtIn ?? null;
  if (!isMap(written) || !isMap(builtIn) || isOther(written, builtIn, path)) return written;
  const filled = new Map<string, Json>(Object.entries(builtIn));
  for (const [key, value] of Object.entries(written)) {
    filled.set(key, withDefaults(value, builtIn[key], [...path, key]));
  }
  // `Object.fromEntries` defines keys, so that none of them can reach a prototype.
  return Object.fromEntries(filled);
}

/** The options of one engine are no defaults for another. */
function isOther(written: JsonMap, builtIn: JsonMap, path: Path): boolean {
  const rule = mergeRuleOf(path);
  return rule?.kind === "alternatives" && written[rule.key] !== builtIn[rule.key];
}

interface JsonMap {
  readonly [key: string]: Json;
}

function isMap(value: Json | undefined): value is JsonMap {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

type OriginOf = (path: Path) => Origin | DefaultOrigin;

function node(value: Json, path: Path, originOf: OriginOf): Scalar | YAMLMap | YAMLSeq {
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    const list = new YAMLSeq();
    list.flow = items.length === 0;
    list.items = items.map((item, index) => node(item, [...path, index], originOf));
    return items.length === 0 ? leaf(list, path, originOf) : list;
  }
  if (isMap(value)) {
    const entries = Object.entries(value);
    const map = new YAMLMap();
    map.flow = entries.length === 0;
    map.items = entries.map(
      ([key, inner]) => new Pair(new Scalar(key), node(inner, [...path, key], originOf)),
    );
    return entries.length === 0 ? leaf(map, path, originOf) : map;
  }
  return leaf(new Scalar(value), path, originOf);
}

function leaf<Node extends Scalar | YAMLMap | YAMLSeq>(
  made: Node,
  path: Path,
  originOf: OriginOf,
): Node {
  made.comment = ` ${originText(originOf(path))}`;
  return made;
}

/** `.terrane/config.yml:12`, in one line whatever the file is called. */
function originText(origin: Origin | DefaultOrigin): string {
  if (origin.source === "default") return "default";
  return `${origin.file}:${origin.line}`.replaceAll(/[\p{Cc}\u2028\u2029]/gu, " ");
}
