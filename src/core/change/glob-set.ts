import type { Glob } from "./glob.ts";
import { addPattern, type State, step } from "./glob-automaton.ts";

/** What a text is to the globs of a set, by their positions in it. */
export interface Reached {
  /** Those that match it, ascending. */
  readonly accepts: readonly number[];
  /** The first that matches it or anything longer; `Infinity` where nothing can any more. */
  readonly floor: number;
}

/**
 * Steps of single patterns that a set may cost, at some 10 ns each. Ordinary files stay below a
 * thousandth of it; what exceeds it would keep a server busy for minutes.
 */
export const GLOB_STEPS_MAX = 50_000_000;

/** Above this much remembered all is forgotten; it comes back as it is needed. */
const NODES_MAX = 8_192;
const STATES_MAX = 1_000_000;
const ASCII = 128;

/** What is known of a set of states that the patterns can be in together. */
interface Node extends Reached {
  readonly states: readonly number[];
  /** Where a character leads, by position in the list of nodes; -1 where nobody asked yet. */
  readonly ascii: Int32Array;
  readonly others: Map<number, number>;
}

const NOTHING: Reached = { accepts: [], floor: Number.POSITIVE_INFINITY };

/**
 * Many globs that are asked about a path all at once. The states that they can be in together are
 * remembered (a deterministic automaton, built where texts lead), so that a thousand patterns cost
 * a path as much as one. Asking in sorted order is cheap: a text goes on where it begins to differ
 * from the one before.
 */
export class GlobSet {
  readonly #states: State[] = [];
  readonly #starts: readonly number[];
  /** By state: the glob that it belongs to. */
  readonly #owners: number[] = [];
  readonly #seen: Int32Array;
  readonly #max: number;
  #generation = 0;
  #nodes: Node[] = [];
  #known = new Map<string, number>();
  #text = "";
  /** By position in the text: the node before that character. */
  #path: number[] = [];
  #steps = 0;
  /** States that all nodes list together. */
  #held = 0;

  constructor(globs: readonly Glob[], stepsMax = GLOB_STEPS_MAX) {
    this.#starts = globs.map(({ parts }, pattern) => {
      const start = addPattern(this.#states, parts, pattern);
      while (this.#owners.length < this.#states.length) this.#owners.push(pattern);
      return start;
    });
    this.#seen = new Int32Array(this.#states.length);
    this.#max = stepsMax;
  }

  /** Too much work: from then on nothing matches, and what was said before is to be thrown away. */
  get exhausted(): boolean {
    return this.#steps > this.#max || this.#held > 3 * STATES_MAX;
  }

  /** How many steps of single patterns were made. */
  get steps(): number {
    return this.#steps;
  }

  run(path: string): Reached {
    if (this.exhausted || this.#starts.length === 0) return NOTHING;
    // Every name of a path has a slash before it, the first one too.
    const text = `/${path}`;
    const full = this.#nodes.length > NODES_MAX || this.#held > STATES_MAX;
    if (full || this.#nodes.length === 0) this.#restart();
    let at = this.#shared(text);
    let node = this.#path[at] ?? 0;
    while (at < text.length) {
      const code = text.codePointAt(at) ?? 0;
      node = this.#follow(node, code);
      if (this.exhausted) return NOTHING;
      // A character of two units is one step; nobody goes on from its middle.
      if (code > 0xffff) this.#path[(at += 1)] = -1;
      this.#path[(at += 1)] = node;
    }
    this.#text = text;
    return this.#nodes[node] ?? NOTHING;
  }

  #restart(): void {
    this.#nodes = [];
    this.#known = new Map();
    this.#text = "";
    this.#held = 0;
    this.#generation += 1;
    const first: number[] = [];
    for (const start of this.#starts) this.#enter(start, first);
    this.#path = [this.#intern(first)];
  }

  /** How much of the text was read already, last time. */
  #shared(text: string): number {
    const before = this.#text;
    const end = Math.min(before.length, text.length);
    let at = 0;
    while (at < end && before.charCodeAt(at) === text.charCodeAt(at)) at += 1;
    while (this.#path[at] === -1) at -= 1;
    return at;
  }

  #follow(from: number, code: number): number {
    const node = this.#nodes[from];
    if (node === undefined) return 0;
    const known = code < ASCII ? node.ascii[code] : node.others.get(code);
    if (known !== undefined && known >= 0) return known;
    this.#steps += node.states.length + 1;
    this.#generation += 1;
    const next: number[] = [];
    for (const state of node.states) {
      const target = step(this.#states[state], code);
      if (target >= 0) this.#enter(target, next);
    }
    const to = this.#intern(next);
    if (code < ASCII) node.ascii[code] = to;
    else node.others.set(code, to);
    return to;
  }

  /** Adds a state and what its forks lead to, without what this step has already. */
  #enter(from: number, into: number[]): void {
    const stack = [from];
    for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
      if (this.#seen[index] === this.#generation) continue;
      this.#seen[index] = this.#generation;
      const state = this.#states[index];
      if (state?.kind === "fork") stack.push(state.b, state.a);
      else into.push(index);
    }
  }

  #intern(found: readonly number[]): number {
    const states = found.toSorted((a, b) => a - b);
    this.#steps += states.length;
    const key = states.join(" ");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const accepts = states.flatMap((index) => {
      const state = this.#states[index];
      return state?.kind === "accept" ? [state.pattern] : [];
    });
    // Globs were added one after the other, so the first state belongs to the first glob.
    const floor = this.#owners[states[0] ?? -1] ?? Number.POSITIVE_INFINITY;
    const node = {
      states,
      accepts,
      floor,
      ascii: new Int32Array(ASCII).fill(-1),
      others: new Map(),
    };
    this.#held += states.length;
    this.#known.set(key, this.#nodes.length);
    return this.#nodes.push(node) - 1;
  }
}
