import type { Instant } from "../../../src/base/brand.ts";
import type { Prng } from "../../../src/base/prng.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import type { JobRow } from "../memory-store/rows.ts";
import type { MemoryStore } from "../memory-store/store.ts";
import type { Scheduler } from "./scheduler.ts";
import type { SimServer } from "./server.ts";

const CONCURRENCY = 4;
const EVENTS_PER_JOB_MAX = 50;
/** Jobs of a server that is gone are given to others after this long. */
const ABANDONED_MS = 20_000;
/** When what is due cannot be taken, as all servers are down or its queue is busy. */
const LOOK_AGAIN_MS = 2_000;

export interface AlarmOptions {
  readonly sim: Scheduler;
  readonly rng: Prng;
  readonly memory: MemoryStore;
  readonly servers: readonly SimServer[];
  /** The database answers nobody until then. */
  readonly down: { readonly until: number };
}

/** What `src/main` does with the queue: whoever is free takes what is due; what a dead server held is given back. */
export class Alarm {
  readonly #options: AlarmOptions;
  #pumpAt = Number.POSITIVE_INFINITY;
  #notBefore = 0;

  constructor(options: AlarmOptions) {
    this.#options = options;
  }

  /** Called after every step: makes sure that somebody looks when the next job is due. */
  wind(): void {
    const next = this.#options.memory.jobs.nextAt();
    if (next === undefined) return;
    const { sim } = this.#options;
    const at = Math.max(sim.now, next, this.#notBefore);
    if (at >= this.#pumpAt) return;
    this.#pumpAt = at;
    sim.after(at - sim.now, "pump", () => {
      if (this.#pumpAt === at) void this.#pump();
    });
  }

  async #pump(): Promise<void> {
    const { sim, memory, rng, servers, down } = this.#options;
    this.#pumpAt = Number.POSITIVE_INFINITY;
    const due = sim.now < down.until ? [] : memory.jobs.due(sim.now as Instant);
    const free = servers.filter((server) => server.open && server.jobs.size < CONCURRENCY);
    const [job] = due;
    if (job === undefined || free.length === 0) {
      this.#notBefore = sim.now + LOOK_AGAIN_MS;
      return;
    }
    const taken = await memory.jobs.take(job.id);
    if (taken !== undefined) void this.#run(rng.pick(free), taken);
  }

  async #run(server: SimServer, job: JobRow): Promise<void> {
    const { memory } = this.#options;
    server.jobs.add(job.id);
    try {
      await server.handle(
        job.what.task,
        (engine) => work(engine, job),
        () => this.#abandon(job),
      );
      await memory.jobs.done(job.id);
    } catch {
      await memory.jobs.failed(job.id);
    }
    server.jobs.delete(job.id);
  }

  #abandon(job: JobRow): void {
    this.#options.sim.after(
      ABANDONED_MS,
      "abandoned",
      () => void this.#options.memory.jobs.release(job.id),
    );
  }
}

async function work(engine: Engine, { what }: JobRow): Promise<void> {
  if (what.task === "perform") return engine.perform(what.key);
  if (what.task === "admit") return engine.admit(what.installation);
  for (let decided = 0; decided < EVENTS_PER_JOB_MAX; decided++) {
    const advanced = await engine.advance(what.pullRequest);
    if (advanced.kind === "idle") return;
  }
}
