import type { Prng } from "../../../src/base/prng.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import type { Faults } from "./faults.ts";
import { duration, type Pace } from "./network.ts";
import type { Flow, Process, Scheduler } from "./scheduler.ts";

export type Tried<T> = { readonly kind: "answer"; readonly value: T } | { readonly kind: "none" };

/** Whoever answers requests; `lost` is called when it dies before it has answered. */
export interface Target {
  handle<T>(name: string, act: (engine: Engine) => Promise<T>, lost: () => void): Promise<T>;
}

export interface LinkOptions {
  readonly sim: Scheduler;
  readonly rng: Prng;
  readonly faults: Faults;
  readonly pace: Pace;
  readonly pick: () => Target | undefined;
}

/** How long a caller waits for an answer that was lost. */
const TIMEOUT_MS = 15_000;
const REFUSED_MS = 1_000;

/** The network between a client and whichever server the balancer picks: it loses, delays and repeats. */
export class Link {
  readonly #options: LinkOptions;
  readonly #process: Process;
  /** Nothing gets through in this direction until then (F6). */
  toServerCutUntil = 0;
  toClientCutUntil = 0;

  constructor(options: LinkOptions, process: Process) {
    this.#options = options;
    this.#process = process;
  }

  try<T>(name: string, act: (engine: Engine) => Promise<T>): Promise<Tried<T>> {
    const { sim, rng, faults, pace } = this.#options;
    const flow = sim.current;
    return new Promise((resolve) => {
      let open = true;
      const answer = (tried: Tried<T>) => {
        if (!open || !this.#process.alive) return;
        open = false;
        sim.resume(flow, () => resolve(tried));
      };
      const none = (ms: number) =>
        sim.after(ms, "no answer", () => answer({ kind: "none" }), this.#process);
      if (faults.strikes("F6", 0.04)) {
        // A copy of the request comes later, whatever has become of its sender.
        const late = rng.below(10 * 60_000);
        sim.after(late, `${name} again`, () => void this.#arrive(name, act, () => {}));
      }
      const ms = duration(rng, pace.network, pace.slow);
      sim.after(ms, name, () => {
        if (sim.now < this.toServerCutUntil || faults.strikes("F6", 0.04)) {
          none(TIMEOUT_MS);
          return;
        }
        void this.#arrive(name, act, (tried) => {
          if (tried === "refused") none(REFUSED_MS);
          else if (tried === "lost") none(TIMEOUT_MS);
          else if (sim.now < this.toClientCutUntil || faults.strikes("F6", 0.04)) none(TIMEOUT_MS);
          else if (pace.network === 0) answer(tried);
          else sim.after(rng.below(pace.network), "reply", () => answer(tried), this.#process);
        });
      });
    });
  }

  async #arrive<T>(
    name: string,
    act: (engine: Engine) => Promise<T>,
    reply: (tried: Tried<T> | "refused" | "lost") => void,
  ): Promise<void> {
    const target = this.#options.pick();
    if (target === undefined) {
      reply("refused");
      return;
    }
    try {
      const value = await target.handle(name, act, () => reply("lost"));
      reply({ kind: "answer", value });
    } catch {
      // The server says 500, and to try again.
      reply("refused");
    }
  }
}

export function flowOf(process: Process, name: string, at: number): Flow {
  return { process, name, reads: new Map(), startedAt: at };
}
