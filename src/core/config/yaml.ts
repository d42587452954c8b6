import {
  type Alias,
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  Scalar,
} from "yaml";
import { echo } from "../../base/echo.ts";
import type { DiagnosticCode } from "./diagnostic.ts";
import type { Json } from "./json.ts";
import { type ContainerPlaces, type Place, Places } from "./places.ts";
import { tokensOf, type YamlLimits } from "./yaml-limits.ts";
import type { Problem } from "./yaml-problem.ts";
import { quotedAlias, syntaxProblems } from "./yaml-words.ts";

export const CONFIG_CHARS_MAX = 256 * 1024;
/** Values after aliases are written out, which is what an alias bomb multiplies. */
export const CONFIG_NODES_MAX = 20_000;
export const CONFIG_DEPTH_MAX = 64;
/** Real files share one block between hundreds of directories; the node limit is the bomb's. */
export const CONFIG_ALIASES_MAX = 1_000;
/** A file that is not YAML gives an error for nearly every line; the first ones say it. */
const PROBLEMS_MAX = 20;
/** Half as many again as the largest file of ordinary layout needs. */
const LEXEMES_MAX = 75_000;
/** Files of any size may have these, and then two for five characters: ordinary ones have one for three. */
const LEXEMES_FREE = 15_000;
const LEXEMES_PER_CHAR = 0.4;

function limitsFor(text: string): YamlLimits {
  return {
    nodes: CONFIG_NODES_MAX,
    depth: CONFIG_DEPTH_MAX,
    lexemes: Math.min(LEXEMES_MAX, LEXEMES_FREE + text.length * LEXEMES_PER_CHAR),
    errors: PROBLEMS_MAX,
  };
}

export type ReadYaml =
  /** `value` is `undefined` where the file says nothing. */
  | { readonly kind: "ok"; readonly value: Json | undefined; readonly places: Places }
  | { readonly kind: "error"; readonly problems: readonly Problem[] };

/** Reads one YAML 1.2 document with `<<` merges, and remembers where each value stands. */
export function readYaml(text: string): ReadYaml {
  if (text.length > CONFIG_CHARS_MAX) {
    return failed("too_large", `a configuration is at most ${CONFIG_CHARS_MAX} characters long`, 0);
  }
  // The composer is recursive: deep input would exhaust the stack, in the worst case inside V8's
  // regular expression compiler, which ends the process. So depth is measured before it runs.
  const read = tokensOf(text, limitsFor(text));
  if (read.kind === "exceeded") {
    const { code, message, offset } = read.exceeded;
    return failed(code, message, offset);
  }
  const composer = new Composer({ uniqueKeys: false, prettyErrors: false });
  const documents = [...composer.compose(read.tokens, true, text.length)];
  const [document, second] = documents;
  if (document === undefined) return { kind: "ok", value: undefined, places: new Places() };
  if (second !== undefined) {
    return failed("yaml_syntax", "a configuration is one document", second.range[0]);
  }
  if (document.errors.length > 0) {
    const problems = syntaxProblems(document.errors, { text, tokens: read.tokens }, PROBLEMS_MAX);
    return { kind: "error", problems };
  }
  return convertDocument(document);
}

function convertDocument({ contents }: { readonly contents: Node | null }): ReadYaml {
  const state: State = {
    places: new Places(),
    problems: [],
    anchors: new Map(),
    open: new Set(),
    targets: new Map(),
    nodes: 0,
    halted: false,
  };
  if (contents === null) return { kind: "ok", value: undefined, places: state.places };
  bindAliases(state, contents);
  if (state.problems.length > 0) return { kind: "error", problems: state.problems };
  const value = convert(state, contents, 0);
  if (state.problems.length > 0) return { kind: "error", problems: state.problems };
  return { kind: "ok", value: value === null ? undefined : value, places: state.places };
}

interface State {
  readonly places: Places;
  readonly problems: Problem[];
  readonly anchors: Map<string, Node>;
  /** What is being read: an alias of it would be a part of itself. */
  readonly open: Set<Node>;
  /** What each alias stands for: the nearest anchor of that name before it. */
  readonly targets: Map<Node, Node>;
  nodes: number;
  /** A limit is broken, so nothing further is looked at. */
  halted: boolean;
}

function bindAliases(state: State, node: unknown): void {
  if (isAlias(node)) {
    bindAlias(state, node);
    if (state.targets.size > CONFIG_ALIASES_MAX) {
      report(state, "too_large", `at most ${CONFIG_ALIASES_MAX} aliases`, offsetOf(node));
    }
    return;
  }
  if (!isScalar(node) && !isMap(node) && !isSeq(node)) return;
  if (node.anchor !== undefined) state.anchors.set(node.anchor, node);
  if (isScalar(node)) return;
  state.open.add(node);
  for (const item of node.items) {
    if (state.halted) return;
    if (isMap(node)) {
      const pair = item as Pair;
      bindAliases(state, pair.key);
      bindAliases(state, pair.value);
    } else bindAliases(state, item);
  }
  state.open.delete(node);
}

/** No sign of a name that anyone gives, and every sign of a pattern or an address. */
const NO_NAME = /[^A-Za-z0-9_-]/;

function bindAlias(state: State, alias: Alias): void {
  const target = state.anchors.get(alias.source);
  if (target !== undefined && !state.open.has(target)) {
    state.targets.set(alias, target);
    return;
  }
  const name = echo(alias.source);
  if (target !== undefined) {
    const message = `\`*${name}\` stands in \`&${name}\`, which contains itself then; remove it`;
    report(state, "yaml_syntax", message, offsetOf(alias));
    return;
  }
  const isKey = alias.source.endsWith(":");
  const text = `*${isKey ? alias.source.slice(0, -1) : alias.source}`;
  const quoted = quotedAlias(text, isKey ? "key" : "text");
  if (NO_NAME.test(alias.source)) {
    report(state, "yaml_syntax", quoted.message, offsetOf(alias), quoted.suggestion);
    return;
  }
  const message = `nothing is called \`&${name}\` above; ${quoted.message}`;
  report(state, "yaml_syntax", message, offsetOf(alias));
}

function convert(state: State, node: unknown, depth: number): Json {
  state.nodes += 1;
  if (state.halted) return null;
  if (state.nodes > CONFIG_NODES_MAX) {
    const message = `a configuration holds at most ${CONFIG_NODES_MAX} values, aliases written out`;
    return report(state, "too_large", message, offsetOf(node));
  }
  if (depth > CONFIG_DEPTH_MAX) {
    const message = `a configuration is at most ${CONFIG_DEPTH_MAX} levels deep`;
    return report(state, "too_large", message, offsetOf(node));
  }
  if (isAlias(node)) return convert(state, state.targets.get(node), depth + 1);
  if (isScalar(node)) return scalar(node);
  if (isSeq(node)) return sequence(state, node.items, offsetOf(node), depth);
  if (isMap(node)) return mapping(state, node.items, offsetOf(node), depth);
  return null;
}

function scalar(node: Scalar): Json {
  const { value } = node;
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  // Infinity and NaN are no JSON: what was written stands in, and the schema refuses it.
  if (typeof value === "number" && Number.isFinite(value)) return value;
  return node.source ?? "";
}

function sequence(
  state: State,
  items: readonly unknown[],
  offset: number,
  depth: number,
): readonly Json[] {
  const list: Json[] = [];
  const entries = new Map<string, Place>();
  for (const item of items) {
    entries.set(String(list.length), place(state, undefined, item));
    list.push(convert(state, item, depth + 1));
  }
  state.places.set(list, { offset, entries });
  return list;
}

function mapping(
  state: State,
  pairs: readonly Pair[],
  offset: number,
  depth: number,
): { readonly [key: string]: Json } {
  const object: Record<string, Json> = {};
  const entries = new Map<string, Place>();
  const merges: unknown[] = [];
  for (const pair of pairs) {
    if (isMergeKey(pair.key)) {
      merges.push(pair.value);
      continue;
    }
    const key = keyText(state, pair.key, offset);
    if (key === undefined) continue;
    if (entries.has(key)) {
      report(state, "duplicate_key", `\`${echo(key)}\` is set twice`, offsetOf(pair.key));
      continue;
    }
    entries.set(key, place(state, pair.key, pair.value));
    object[key] = convert(state, pair.value, depth + 1);
  }
  for (const merge of merges) mergeInto(state, object, entries, merge, depth);
  state.places.set(object, { offset, entries });
  return object;
}

/** `<<` fills in what the mapping does not say itself; of several the first wins. */
function mergeInto(
  state: State,
  object: Record<string, Json>,
  entries: Map<string, Place>,
  merge: unknown,
  depth: number,
): void {
  const merged = convert(state, merge, depth + 1);
  const sources = Array.isArray(merged) ? (merged as readonly Json[]) : [merged];
  for (const source of sources) {
    const places: ContainerPlaces | undefined = state.places.get(source);
    if (source === null || typeof source !== "object" || Array.isArray(source)) {
      report(state, "wrong_type", "`<<` takes a mapping, or a list of them", offsetOf(merge));
      return;
    }
    for (const [key, value] of Object.entries(source)) {
      const at = places?.entries.get(key);
      if (entries.has(key) || at === undefined) continue;
      object[key] = value;
      entries.set(key, at);
    }
  }
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === "<<" && key.type === Scalar.PLAIN;
}

function keyText(state: State, key: unknown, offset: number): string | undefined {
  const node = isAlias(key) ? state.targets.get(key) : key;
  if (!isScalar(node) || node.value === null) {
    report(state, "yaml_syntax", "a key must be text", key === null ? offset : offsetOf(key));
    return undefined;
  }
  const text = typeof node.value === "string" ? node.value : (node.source ?? "");
  // Assigning it would change the prototype of our own object instead of adding a key.
  if (text === "__proto__") {
    report(state, "unknown_key", "`__proto__` cannot be a key", offsetOf(key));
    return undefined;
  }
  return text;
}

function place(state: State, key: unknown, value: unknown): Place {
  const node = isAlias(value) ? state.targets.get(value) : value;
  const source = isScalar(node) ? node.source : undefined;
  const keyOffset = key === undefined ? undefined : offsetOf(key);
  // A value that is left out stands nowhere: its key does.
  const plain = isScalar(node) && (node.type ?? Scalar.PLAIN) === Scalar.PLAIN;
  const empty = (source === "" && plain) || value === null;
  const offset = empty && keyOffset !== undefined ? keyOffset : offsetOf(value);
  return {
    keyOffset: keyOffset ?? offset,
    offset,
    ...(source === undefined ? {} : { source }),
  };
}

function offsetOf(node: unknown): number {
  if (isAlias(node) || isScalar(node) || isMap(node) || isSeq(node)) return node.range?.[0] ?? 0;
  return 0;
}

function report(
  state: State,
  code: DiagnosticCode,
  message: string,
  offset: number,
  suggestion?: string,
): null {
  state.problems.push({
    code,
    message,
    offset,
    ...(suggestion === undefined ? {} : { suggestion }),
  });
  if (code === "too_large" || state.problems.length === PROBLEMS_MAX) state.halted = true;
  return null;
}

function failed(code: DiagnosticCode, message: string, offset: number): ReadYaml {
  return { kind: "error", problems: [{ code, message, offset }] };
}
