import { unreachable } from "../../base/unreachable.ts";
import { type Automaton, buildAutomaton, reach } from "./glob-automaton.ts";
import { type GlobError, isSlash, type Part, parseParts } from "./glob-parser.ts";

/**
 * A compiled pattern. `prefix` is the directory that the pattern names literally before its first
 * wildcard (`""` is the root): only what lies in it can match, so patterns are looked up by it and
 * not tried one after the other.
 */
export interface Glob {
  /** All of it, for running many together. */
  readonly parts: readonly Part[];
  readonly prefix: string;
  readonly tail: Tail;
}

/** What must follow the prefix; the shapes that nearly every file uses need no automaton. */
export type Tail =
  | { readonly kind: "literal"; readonly text: string }
  /** `*.tf`: a file of the directory itself. */
  | { readonly kind: "child"; readonly suffix: string }
  /** `**` and then `*.tf`: a file at any depth. */
  | { readonly kind: "descendant"; readonly suffix: string }
  /** Ends with `suffix`, which rules most paths out before the automaton has to. */
  | { readonly kind: "automaton"; readonly automaton: Automaton; readonly suffix: string };

export type ParsedGlob =
  | { readonly kind: "ok"; readonly glob: Glob; readonly warnings: readonly string[] }
  | GlobError;

/** Compiles a pattern relative to the root of the repository. A leading `!` is not part of it. */
export function parseGlob(text: string): ParsedGlob {
  const parsed = parseParts(text);
  if (parsed.kind === "error") return parsed;
  const { parts, warnings } = parsed;
  const cut = prefixLength(parts);
  return {
    kind: "ok",
    glob: { parts, prefix: literalText(parts.slice(1, cut)), tail: tailOf(parts.slice(cut)) },
    warnings,
  };
}

export function globMatches(glob: Glob, path: string): boolean {
  const { prefix, tail } = glob;
  if (prefix === "") return tailMatches(tail, `/${path}`);
  if (!path.startsWith(prefix)) return false;
  const rest = path.slice(prefix.length);
  return (rest === "" || rest.startsWith("/")) && tailMatches(tail, rest);
}

/** `rest` is what follows the prefix: nothing, or a slash and more. */
export function tailMatches(tail: Tail, rest: string): boolean {
  switch (tail.kind) {
    case "literal":
      return rest === tail.text;
    case "child":
      return (
        rest.length > tail.suffix.length &&
        rest.endsWith(tail.suffix) &&
        rest.lastIndexOf("/") === 0
      );
    case "descendant":
      return rest.length > tail.suffix.length && rest.endsWith(tail.suffix);
    case "automaton":
      return rest.endsWith(tail.suffix) && reach(tail.automaton, rest) === "accepts";
    default:
      return unreachable(tail);
  }
}

/** Writes a name so that it stands for itself in a pattern. */
export function escapeGlob(text: string): string {
  return text.replaceAll(/[\\*?[\]{},]/g, "\\$&");
}

/** A key of `dirs` that must be matched against the tree; anything else names one place. */
export function isGlob(text: string): boolean {
  return /[*?[{]/.test(text.replaceAll(/\\./gs, ""));
}

export function unescapeGlob(text: string): string {
  return text.replaceAll(/\\(.)/gs, "$1");
}

/** How many parts lie before the last slash that only literal text precedes. */
function prefixLength(parts: readonly Part[]): number {
  let cut = 0;
  for (const [index, part] of parts.entries()) {
    if (part.kind === "subtree") return index;
    if (part.kind !== "literal") return cut;
    if (isSlash(part)) cut = index;
  }
  return cut;
}

function tailOf(parts: readonly Part[]): Tail {
  const wild = parts.findIndex((part) => part.kind !== "literal");
  if (wild < 0) return { kind: "literal", text: literalText(parts) };
  const [first, second, third] = parts;
  const startsWithSlash = first !== undefined && isSlash(first);
  if (startsWithSlash && second?.kind === "star") {
    const suffix = plainSuffix(parts.slice(2));
    if (suffix !== undefined) return { kind: "child", suffix };
  }
  if (startsWithSlash && second?.kind === "directories" && third?.kind === "star") {
    const suffix = plainSuffix(parts.slice(3));
    if (suffix !== undefined) return { kind: "descendant", suffix };
  }
  const last = parts.findLastIndex((part) => part.kind !== "literal");
  const suffix = literalText(parts.slice(last + 1));
  return { kind: "automaton", automaton: buildAutomaton(parts), suffix };
}

/** Literal text without a slash. */
function plainSuffix(parts: readonly Part[]): string | undefined {
  return parts.every((part) => part.kind === "literal" && !isSlash(part))
    ? literalText(parts)
    : undefined;
}

function literalText(parts: readonly Part[]): string {
  return parts
    .map((part) => (part.kind === "literal" ? String.fromCodePoint(part.code) : ""))
    .join("");
}
