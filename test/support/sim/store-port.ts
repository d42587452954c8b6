import type { Prng } from "../../../src/base/prng.ts";
import type { Decision } from "../../../src/core/decision.ts";
import type { Snapshot } from "../../../src/core/snapshot.ts";
import type { Turn } from "../../../src/ports/engine-store.ts";
import { CommitOutcomeUnknown } from "../../../src/store/transaction.ts";
import type { MemoryStore } from "../memory-store/store.ts";
import type { Faults } from "./faults.ts";
import { duration, type Pace } from "./network.ts";
import type { Process, Scheduler } from "./scheduler.ts";
import type { Stores } from "./server.ts";

export interface StorePortOptions {
  readonly sim: Scheduler;
  readonly rng: Prng;
  readonly faults: Faults;
  readonly pace: Pace;
  readonly memory: MemoryStore;
  /** The database answers nobody until then. */
  readonly down: { until: number };
  /** Looked at inside the transaction, before it commits. */
  readonly saving: (turn: Turn, snapshot: Snapshot, decision: Decision) => void;
  readonly crash: (process: Process) => void;
}

type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** The database as servers reach it: each call is one transaction, and may break before, in or after its commit. */
export class StorePort {
  /** A turn is open: network calls are forbidden now (S29). */
  turnOpen = false;
  readonly #options: StorePortOptions;

  constructor(options: StorePortOptions) {
    this.#options = options;
  }

  for(process: Process): Stores {
    const { engine, runners } = this.#options.memory;
    const wrap = <T extends object>(target: T): T => {
      const methods = Object.entries(target) as [string, Method][];
      const entries = methods.map(([name, method]): [string, Method] => {
        // It has nothing to ask: this database is neither promoted nor restored.
        if (name === "guardCluster") return [name, method];
        return [name, (...args) => this.#call(process, name, method, args)];
      });
      return Object.fromEntries(entries) as T;
    };
    return { store: wrap(engine), runners: wrap(runners) };
  }

  #call(
    process: Process,
    name: string,
    method: Method,
    args: readonly unknown[],
  ): Promise<unknown> {
    const { sim, rng, pace, faults, down } = this.#options;
    const flow = sim.current;
    const given = name === "takeTurn" ? [args[0], this.#guarded(args[1] as Use)] : args;
    return new Promise((resolve, reject) => {
      const run = () => {
        if (sim.now < down.until || faults.strikes("F7", 0.01)) {
          sim.resume(flow, () => reject(new Error("the connection was lost before the commit")));
          return;
        }
        if (faults.strikes("F1", 0.002)) {
          this.#options.crash(process);
          return;
        }
        sim.current = flow;
        void method(...given).then(
          (value) => this.#committed(process, () => resolve(value), reject),
          reject,
        );
      };
      sim.after(duration(rng, pace.store, pace.slow / 4), name, run, process);
    });
  }

  #committed(process: Process, resolve: () => void, reject: (error: unknown) => void): void {
    const { faults } = this.#options;
    if (faults.strikes("F1", 0.002)) this.#options.crash(process);
    else if (faults.strikes("F7", 0.005)) reject(new CommitOutcomeUnknown(undefined));
    else resolve();
  }

  #guarded(use: Use): Use {
    return async (turn) => {
      this.turnOpen = true;
      try {
        return await use({
          ...turn,
          save: (snapshot, decision) => {
            this.#options.saving(turn, snapshot, decision);
            return turn.save(snapshot, decision);
          },
        });
      } finally {
        this.turnOpen = false;
      }
    };
  }
}

type Use = (turn: Turn) => Promise<unknown>;
