import type { Prng } from "../../../src/base/prng.ts";

/** Something that can die: what it waited for never comes, and what it was about to do is not done. */
export interface Process {
  readonly name: string;
  alive: boolean;
  /** It stands still until then, and goes on as if nothing had been. */
  pausedUntil: number;
}

export function newProcess(name: string): Process {
  return { name, alive: true, pausedUntil: 0 };
}

/** One flow of control inside a process: a job, a request. The scheduler says which one is running. */
export interface Flow {
  readonly process: Process;
  readonly name: string;
  /** What the flow was told by the VCS, for the invariants that ask on what an act was based. */
  readonly reads: Map<string, unknown>;
  readonly startedAt: number;
}

interface Task {
  readonly at: number;
  readonly tie: number;
  readonly label: string;
  readonly owner: Process | undefined;
  readonly act: () => void;
}

/** 2026-01-05T09:00:00Z. */
const START_MS = 1_767_603_600_000;

/**
 * Simulated time. Whatever waits for time, for a network or for a database waits here, and the random source decides
 * between what is due at the same moment; no real timer is involved, so the same seed is the same history.
 */
export class Scheduler {
  now = START_MS;
  steps = 0;
  /** Rolls over every step; two runs of one seed agree on it. */
  trace = 0x811c9dc5;
  current: Flow | undefined;
  readonly #heap: Task[] = [];
  readonly #rng: Prng;

  constructor(rng: Prng) {
    this.#rng = rng;
  }

  after(ms: number, label: string, act: () => void, owner?: Process): void {
    this.#push({ at: this.now + ms, tie: this.#rng.uint32(), label, owner, act });
  }

  /** Never resolves once the owner has died. */
  sleep(ms: number, owner: Process): Promise<void> {
    const flow = this.current;
    return new Promise((resolve) => {
      const wake = () => {
        this.current = flow;
        resolve();
      };
      this.after(ms, "sleep", wake, owner);
    });
  }

  /** Continues a flow with the value that it waited for. */
  resume(flow: Flow | undefined, act: () => void): void {
    this.current = flow;
    act();
  }

  get nextAt(): number | undefined {
    return this.#heap[0]?.at;
  }

  /** Does the next thing that is due, and whatever follows from it without waiting. */
  async step(): Promise<boolean> {
    for (;;) {
      const task = this.#pop();
      if (task === undefined) return false;
      const { owner } = task;
      if (owner?.alive === false) continue;
      if (owner !== undefined && owner.pausedUntil > task.at) {
        this.#push({ ...task, at: owner.pausedUntil });
        continue;
      }
      this.now = task.at;
      this.steps += 1;
      this.#note(task.label);
      this.current = undefined;
      task.act();
      await settled();
      this.current = undefined;
      return true;
    }
  }

  #note(label: string): void {
    let hash = this.trace ^ (this.now & 0xffffffff);
    for (let at = 0; at < label.length; at++) {
      hash = Math.imul(hash ^ label.charCodeAt(at), 0x01000193);
    }
    this.trace = hash >>> 0;
  }

  #push(task: Task): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(task);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up] as Task;
      if (!isBefore(task, parent)) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = task;
  }

  #pop(): Task | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= heap.length) break;
      const right = down + 1;
      if (right < heap.length && isBefore(heap[right] as Task, heap[down] as Task)) down = right;
      if (!isBefore(heap[down] as Task, last)) break;
      heap[at] = heap[down] as Task;
      at = down;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Task, b: Task): boolean {
  return a.at < b.at || (a.at === b.at && a.tie < b.tie);
}

/** All microtasks run before the next tick does, whatever their number; unlike an immediate it needs no turn of the loop. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}
