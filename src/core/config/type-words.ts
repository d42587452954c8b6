import type { Json } from "./json.ts";
import type { Path, Place } from "./places.ts";
import { engine } from "./schema/engine.ts";

const NAMES: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "`true` or `false`",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
};

/** "text or a mapping" for what a schema expects. */
export function mustBe(expected: readonly string[]): string {
  return [...new Set(expected.map((name) => NAMES[name] ?? name))].join(" or ");
}

export function describeType(value: Json): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "string":
      return "text";
    case "number":
      return Number.isInteger(value) ? "a number" : "a number with a fraction";
    case "boolean":
      return "a truth value";
    default:
      return "a mapping";
  }
}

/** A number that no program can hold comes out of YAML as its text. */
export function isHuge(expected: readonly string[], value: Json): boolean {
  if (!expected.includes("int") && !expected.includes("number")) return false;
  const digits = typeof value === "string" && /^[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?$/.test(value);
  return digits && Math.abs(Number(value)) > Number.MAX_SAFE_INTEGER;
}

/** Keys of an argument vector. */
const COMMANDS: ReadonlySet<unknown> = new Set(["cmd", "store", "fetch", "delete"]);

const STEP_LISTS: ReadonlySet<unknown> = new Set(["plan", "apply", "pre", "post"]);
const isStepList = (key: unknown): boolean => STEP_LISTS.has(key);

const ENGINES: ReadonlySet<string> = new Set(
  engine.options.flatMap(({ shape }) => [...shape.name.values]),
);

/** Steps that say everything with their type. */
const BARE_STEPS: ReadonlySet<string> = new Set(["init", "plan", "apply"]);

function stepOf(value: string, written: (step: string) => string): string | undefined {
  if (BARE_STEPS.has(value)) return written(`{type: ${value}}`);
  return /\s/.test(value.trim()) ? written(`{type: run, cmd: ${shell(value)}}`) : undefined;
}

const shell = (line: string): string => `["sh", "-c", ${JSON.stringify(line)}]`;

const TRUE = /^(?:yes|on|y|true)$/i;
const FALSE = /^(?:no|off|n|false)$/i;

/** How the value would have to be written to have the type that was expected. */
export function typeSuggestion(
  expected: readonly string[],
  value: Json,
  place: Place,
  path: Path,
): string | undefined {
  const scalar = typeof value === "number" || typeof value === "boolean";
  if (expected.includes("string") && scalar) return JSON.stringify(place.source ?? String(value));
  if (typeof value !== "string") return undefined;
  if (expected.includes("array")) {
    // A command line in one string is meant for a shell.
    if (COMMANDS.has(path.at(-1)) || path.at(-2) === "engine") return shell(value);
    return isStepList(path.at(-1)) ? stepOf(value, (step) => `[${step}]`) : JSON.stringify([value]);
  }
  if (expected.includes("object")) {
    if (path.at(-1) === "engine") return ENGINES.has(value) ? `{name: ${value}}` : undefined;
    return isStepList(path.at(-2)) ? stepOf(value, (step) => step) : undefined;
  }
  if (expected.includes("boolean")) {
    if (TRUE.test(value)) return "true";
    return FALSE.test(value) ? "false" : undefined;
  }
  const isNumber = expected.includes("int") || expected.includes("number");
  return isNumber && /^[0-9]+$/.test(value) ? value : undefined;
}
