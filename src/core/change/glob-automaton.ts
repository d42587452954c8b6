import { unreachable } from "../../base/unreachable.ts";
import { type Part, type Range, SLASH } from "./glob-parser.ts";

/**
 * A pattern as a machine that is in many states at once (Thompson's construction). Its cost is the
 * length of the path times the number of states, whatever the pattern: a backtracking matcher needs
 * minutes for `*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b`, and patterns come from users.
 */
export interface Automaton {
  readonly states: readonly State[];
}

export type State =
  /** `pattern`: which one, where several run together. */
  | { readonly kind: "accept"; readonly pattern: number }
  | { readonly kind: "fork"; readonly a: number; readonly b: number }
  | { readonly kind: "code"; readonly code: number; readonly next: number }
  /** Any character, or any but a slash. */
  | { readonly kind: "any"; readonly slash: boolean; readonly next: number }
  | {
      readonly kind: "class";
      readonly negated: boolean;
      readonly ranges: readonly Range[];
      readonly next: number;
    };

export function buildAutomaton(parts: readonly Part[]): Automaton {
  const states: State[] = [];
  const start = addPattern(states, parts, 0);
  // The start is the last state, so that running needs nothing but the list.
  states.push({ kind: "fork", a: start, b: start });
  return { states };
}

/** Gives where the pattern starts. */
export function addPattern(states: State[], parts: readonly Part[], pattern: number): number {
  return addSequence(states, parts, add(states, { kind: "accept", pattern }));
}

/** What a text is to a pattern: a match, the possible beginning of one, or neither. */
export type Reach = "accepts" | "alive" | "dead";

export function reach(automaton: Automaton, text: string): Reach {
  const { states } = automaton;
  const seen = new Int32Array(states.length).fill(-1);
  const stack: number[] = [];
  let now: number[] = [];
  let next: number[] = [];
  let accepted = enter(states, seen, stack, states.length - 1, 0, now);
  for (let at = 0; at < text.length; ) {
    const code = text.codePointAt(at) ?? 0;
    at += code > 0xffff ? 2 : 1;
    accepted = false;
    next.length = 0;
    for (const index of now) {
      const target = step(states[index], code);
      if (target >= 0 && enter(states, seen, stack, target, at, next)) accepted = true;
    }
    if (next.length === 0 && !accepted) return "dead";
    [now, next] = [next, now];
  }
  return accepted ? "accepts" : "alive";
}

/** Adds a state and what its forks lead to; `generation` marks what this position already has. */
function enter(
  states: readonly State[],
  seen: Int32Array,
  stack: number[],
  from: number,
  generation: number,
  into: number[],
): boolean {
  let accepted = false;
  stack.push(from);
  for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
    if (seen[index] === generation) continue;
    seen[index] = generation;
    const state = states[index];
    if (state?.kind === "fork") stack.push(state.b, state.a);
    else if (state?.kind === "accept") accepted = true;
    else into.push(index);
  }
  return accepted;
}

/** Where a character leads, -1 for nowhere; forks and ends take none. */
export function step(state: State | undefined, code: number): number {
  switch (state?.kind) {
    case "code":
      return state.code === code ? state.next : -1;
    case "any":
      return state.slash || code !== SLASH ? state.next : -1;
    case "class":
      return code !== SLASH && inRanges(state.ranges, code) !== state.negated ? state.next : -1;
    default:
      return -1;
  }
}

function inRanges(ranges: readonly Range[], code: number): boolean {
  return ranges.some(([from, to]) => code >= from && code <= to);
}

/** Built from the end: each part knows where it leads. */
function addSequence(states: State[], parts: readonly Part[], next: number): number {
  return parts.reduceRight((after, part) => addPart(states, part, after), next);
}

function addPart(states: State[], part: Part, next: number): number {
  switch (part.kind) {
    case "literal":
      return add(states, { kind: "code", code: part.code, next });
    case "any":
      return add(states, { kind: "any", slash: false, next });
    case "class":
      return add(states, { kind: "class", negated: part.negated, ranges: part.ranges, next });
    case "star":
      return addLoop(states, { slash: false }, next);
    case "everything":
      return addLoop(states, { slash: true }, next);
    case "directories": {
      const slash = add(states, { kind: "code", code: SLASH, next });
      return add(states, { kind: "fork", a: addLoop(states, { slash: true }, slash), b: next });
    }
    case "subtree": {
      const below = addLoop(states, { slash: true }, next);
      return add(states, {
        kind: "fork",
        a: add(states, { kind: "code", code: SLASH, next: below }),
        b: next,
      });
    }
    case "choice":
      return part.branches
        .map((branch) => addSequence(states, branch, next))
        .reduce((a, b) => add(states, { kind: "fork", a, b }));
    default:
      return unreachable(part);
  }
}

function addLoop(states: State[], over: { readonly slash: boolean }, next: number): number {
  const fork = states.length;
  states.push({ kind: "fork", a: fork + 1, b: next });
  states.push({ kind: "any", slash: over.slash, next: fork });
  return fork;
}

function add(states: State[], state: State): number {
  states.push(state);
  return states.length - 1;
}
