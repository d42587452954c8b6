import { assert, present } from "../base/assert.ts";
import { remainingPaths } from "../base/remaining-path.ts";

/** What is to be done, by index: `after` are indexes of other nodes. */
export interface Node {
  readonly after: readonly number[];
  /** How long it will take, in the same measure for all; where unknown each counts as one. */
  readonly weight?: number;
}

/** `passed` lets successors run, `held` holds them back. */
export type NodeEnd = "passed" | "held";

export type NodeState = "queued" | "running" | NodeEnd;

export interface Blocked {
  readonly node: number;
  /** The direct predecessors that hold it back, in order. */
  readonly by: readonly number[];
}

export interface Move {
  readonly start: readonly number[];
  /** Never to be started, because of what came before. */
  readonly blocked: readonly Blocked[];
}

/**
 * Decides what runs next over the dependency graph: no barrier between levels, at most `parallel` at
 * once, longest remaining path first. A node is blocked only when all its predecessors are settled,
 * so that the list of what blocks it does not depend on timing. Members of a cycle block each other.
 */
export class Schedule {
  readonly #nodes: readonly Node[];
  readonly #states: NodeState[];
  readonly #parallel: number;
  readonly #pathLength: readonly number[];

  constructor(nodes: readonly Node[], parallel: number) {
    assert(parallel >= 1, "schedule: at least one at a time");
    this.#nodes = nodes.map((node, index) => ({
      ...node,
      after: [...new Set(node.after)].filter(
        (before) => before !== index && nodes[before] !== undefined,
      ),
    }));
    this.#parallel = parallel;
    this.#states = nodes.map(() => "queued");
    this.#pathLength = remainingPaths(this.#nodes);
  }

  get states(): readonly NodeState[] {
    return this.#states;
  }

  get settled(): boolean {
    return this.#states.every((state) => state === "passed" || state === "held");
  }

  /** What to start and what to give up now; both are recorded as done here. */
  next(): Move {
    const blocked: Blocked[] = [];
    for (let found = this.#newlyBlocked(); found.length > 0; found = this.#newlyBlocked()) {
      for (const each of found) this.#states[each.node] = "held";
      blocked.push(...found);
    }
    const room = this.#parallel - this.#count("running");
    const start = this.#ready().slice(0, Math.max(0, room));
    for (const node of start) this.#states[node] = "running";
    if (this.#count("running") === 0 && blocked.length === 0) blocked.push(...this.#cyclic());
    return { start, blocked };
  }

  end(node: number, end: NodeEnd): void {
    assert(this.#states[node] === "running", "schedule: only what runs can end");
    this.#states[node] = end;
  }

  #count(wanted: NodeState): number {
    return this.#states.filter((state) => state === wanted).length;
  }

  #queued(): number[] {
    return this.#nodes.flatMap((_, index) => (this.#states[index] === "queued" ? [index] : []));
  }

  #ready(): number[] {
    const length = (index: number) => present(this.#pathLength[index], "schedule: a node's path");
    return this.#queued()
      .filter((index) => this.#after(index).every((before) => this.#states[before] === "passed"))
      .sort((left, right) => length(right) - length(left) || left - right);
  }

  #newlyBlocked(): Blocked[] {
    return this.#queued().flatMap((node) => {
      const states = this.#after(node).map((before) => this.#states[before]);
      const settled = states.every((state) => state === "passed" || state === "held");
      if (!settled || !states.includes("held")) return [];
      return [{ node, by: this.#after(node).filter((before) => this.#states[before] === "held") }];
    });
  }

  /** Nothing runs, nothing can start, something is left: only a cycle does that. */
  #cyclic(): Blocked[] {
    const left = this.#queued();
    const by = (node: number) =>
      this.#after(node).filter((before) => this.#states[before] !== "passed");
    const blocked = left.map((node) => ({ node, by: by(node) }));
    for (const node of left) this.#states[node] = "held";
    return blocked;
  }

  #after(index: number): readonly number[] {
    return present(this.#nodes[index], "schedule: a node's predecessors").after;
  }
}
