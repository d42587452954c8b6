import type { Json } from "../config/json.ts";
import { formatPath, type Path, valueAt } from "../config/places.ts";

/** A configuration from which one rule was taken. */
export interface Mutant {
  readonly path: Path;
  /** "`workflows[0]` is gone". */
  readonly what: string;
  readonly config: Json;
}

/** What is not a rule: notes for people, and what a file needs to be read. */
const NOT_RULES: ReadonlySet<string> = new Set(["version", "definitions"]);

/**
 * Takes one rule at a time: every entry of a list or mapping that people write rules in, every
 * setting, and every term. A case that still passes with the rule gone does not speak about it.
 */
export function* mutantsOf(raw: Json): Generator<Mutant> {
  for (const path of rulePaths(raw, [])) {
    yield { path, what: `\`${formatPath(path)}\` is gone`, config: without(raw, path) };
  }
}

function* rulePaths(value: Json | undefined, path: Path): Generator<Path> {
  if (value === null || typeof value !== "object") return;
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  for (const key of keys) {
    if (path.length === 0 && NOT_RULES.has(String(key))) continue;
    const inner = [...path, key];
    yield inner;
    if (!isOneRule(inner)) yield* rulePaths(valueAt(value, [key]), inner);
  }
}

/** Below these nothing is looked at alone: half a step or half an engine is no configuration. */
function isOneRule(path: Path): boolean {
  const [top, , third] = path;
  if (top === "engine" || top === "storage" || top === "hooks" || top === "integrations")
    return true;
  return top === "workflows" && (third === "plan" || third === "apply" || third === "engine");
}

function without(value: Json, path: Path): Json {
  const [key, ...rest] = path;
  if (value === null || typeof value !== "object" || key === undefined) return value;
  if (Array.isArray(value)) {
    const list = value as readonly Json[];
    return rest.length === 0
      ? list.filter((_, index) => index !== key)
      : list.map((item, index) => (index === key ? without(item, rest) : item));
  }
  const entries = Object.entries(value).flatMap(([name, item]): [string, Json][] => {
    if (name !== key) return [[name, item]];
    return rest.length === 0 ? [] : [[name, without(item, rest)]];
  });
  return Object.fromEntries(entries);
}
