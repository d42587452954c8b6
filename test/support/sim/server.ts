import { createHash, createHmac } from "node:crypto";
import type { Prng } from "../../../src/base/prng.ts";
import { type CentralHeads, createCentralHeads } from "../../../src/engine/central-heads.ts";
import { createEngine, type Engine } from "../../../src/engine/engine.ts";
import { createLanes } from "../../../src/engine/lanes.ts";
import { createLooks } from "../../../src/engine/looks.ts";
import type { EngineLimits, EnginePorts } from "../../../src/engine/ports.ts";
import type { Ci } from "../../../src/ports/ci.ts";
import type { EngineStore } from "../../../src/ports/engine-store.ts";
import type { ReportStore } from "../../../src/ports/report-store.ts";
import type { RunnerStore } from "../../../src/ports/runner-store.ts";
import type { Vcs } from "../../../src/ports/vcs.ts";
import { quietLog } from "../quiet.ts";
import { flowOf, type Target } from "./link.ts";
import { newProcess, type Process, type Scheduler } from "./scheduler.ts";

export interface Stores {
  readonly store: EngineStore & ReportStore;
  readonly runners: RunnerStore;
}

export interface ServerOptions {
  readonly name: string;
  readonly sim: Scheduler;
  readonly rng: Prng;
  readonly vcs: Vcs;
  readonly ci: Ci;
  /** The stores as this incarnation of the server sees them. */
  readonly stores: (process: Process) => Stores;
  readonly limits: EngineLimits;
  /** How far the server's own clock is off. */
  readonly skewMs: number;
}

const MASTER = "master";

/** One server process: it dies, and another one with the same name starts with empty hands. */
export class SimServer implements Target {
  readonly name: string;
  process: Process;
  /** It takes nothing new any more and ends when it has finished what it has (F10). */
  draining = false;
  /** Jobs of the alarm clock that it works on. */
  readonly jobs = new Set<number>();
  readonly #options: ServerOptions;
  readonly #lost = new Set<() => void>();
  #engine: Engine;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.name = options.name;
    this.process = newProcess(options.name);
    this.#engine = this.#createEngine();
  }

  get alive(): boolean {
    return this.process.alive;
  }

  /** Whether it answers now. */
  get open(): boolean {
    return this.alive && !this.draining && this.process.pausedUntil <= this.#options.sim.now;
  }

  get idle(): boolean {
    return this.#lost.size === 0;
  }

  crash(): void {
    if (!this.process.alive) return;
    this.process.alive = false;
    const lost = [...this.#lost];
    this.#lost.clear();
    for (const tell of lost) tell();
  }

  start(): void {
    if (this.process.alive) return;
    this.process = newProcess(this.name);
    this.draining = false;
    this.jobs.clear();
    this.#engine = this.#createEngine();
  }

  async handle<T>(name: string, act: (engine: Engine) => Promise<T>, lost: () => void): Promise<T> {
    const { sim } = this.#options;
    this.#lost.add(lost);
    sim.current = flowOf(this.process, name, sim.now);
    try {
      return await act(this.#engine);
    } finally {
      this.#lost.delete(lost);
    }
  }

  #createEngine(): Engine {
    const { sim, rng, vcs, ci, stores, limits, skewMs } = this.#options;
    const ports: EnginePorts = {
      ...stores(this.process),
      vcs: new Map([[vcs.kind, vcs]]),
      ci: new Map([[vcs.kind, ci]]),
      centralHeads: inOwnFlow(
        sim,
        createCentralHeads(() => sim.now + skewMs),
      ),
      lanes: createLanes(() => sim.now + skewMs),
      // Each grant looks for itself: what the forge served to it is what its rules are judged by.
      looks: createLooks(() => sim.now + skewMs, 0),
      random: { uuid: () => uuid(rng), bytes: (length) => bytes(rng, length) },
      secrets: {
        sha256: (input) => createHash("sha256").update(input).digest(),
        deriveKey: (purpose) => createHmac("sha256", MASTER).update(purpose).digest(),
      },
      log: quietLog,
      serverUrl: () => "http://sim",
      limits,
      commentWords: [],
      existingRunners: new Map(),
    };
    return createEngine(ports);
  }
}

/** Who waits for what another flow has asked goes on as itself: what it reads from then on is not the other's. */
function inOwnFlow(sim: Scheduler, heads: CentralHeads): CentralHeads {
  return {
    async find(...asked) {
      const flow = sim.current;
      const found = await heads.find(...asked);
      if (sim.current === flow) return found;
      return await new Promise((resolve) => {
        sim.after(0, "joined", () => sim.resume(flow, () => resolve(found)), flow?.process);
      });
    },
  };
}

export function uuid(rng: Prng): string {
  const hex = [rng.uint32(), rng.uint32(), rng.uint32(), rng.uint32()]
    .map((word) => word.toString(16).padStart(8, "0"))
    .join("");
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...parts, hex.slice(20)].join("-");
}

function bytes(rng: Prng, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => rng.below(256));
}
