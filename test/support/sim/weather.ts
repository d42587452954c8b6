import { type Prng, prng } from "../../../src/base/prng.ts";
import type { Happening } from "../../../src/core/event.ts";
import type { EventId } from "../../../src/core/ids.ts";
import { FROM_THE_FUTURE } from "./invariants/events-end.ts";
import type { Operation } from "./operations.ts";
import { uuid } from "./server.ts";
import type { World } from "./world.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** What happens to servers, networks and machines, and to nobody's credit. */
export function strike(world: World, { kind, dice }: Operation): void {
  const rng = prng(dice);
  const does = STRIKES[kind as keyof typeof STRIKES];
  does?.(world, rng);
}

const STRIKES = {
  crash: (world, rng) => world.crash(rng.pick(world.servers), rng.below(2 * MINUTE)),
  crash_all: (world, rng) => {
    const ms = rng.below(10 * MINUTE);
    for (const server of world.servers) world.crash(server, ms);
  },
  deploy: (world, rng) => {
    let at = 0;
    for (const server of world.servers) {
      world.sim.after(at, "deploy", () => world.restart(server));
      at += rng.below(MINUTE);
    }
  },
  /** A newer server left an event that nobody here can decide about. */
  from_the_future: (world, rng) => {
    const rows = [...world.memory.tables.pullRequests.values()];
    if (rows.length === 0) return;
    const id = uuid(rng) as EventId;
    const unknown = { kind: FROM_THE_FUTURE } as unknown as Happening;
    void world.memory.engine.append(rng.pick(rows).id, id, unknown);
  },
  partition: (world, rng) => {
    const until = world.sim.now + rng.below(12 * MINUTE);
    const direction = rng.below(3);
    for (const link of world.links) {
      if (direction !== 0) link.toServerCutUntil = until;
      if (direction !== 1) link.toClientCutUntil = until;
    }
  },
  cancel_job: (world, rng) => {
    const job = world.someJob(rng);
    if (job !== undefined) world.ci.cancel(job, "cancelled");
  },
  rerun_job: (world, rng) => {
    const jobs = [...world.ci.runs.values()].filter((one) => one.state === "ended");
    if (jobs.length > 0) world.ci.rerun(rng.pick(jobs));
  },
  kill_machine: (world, rng) => {
    const job = world.someJob(rng);
    if (job !== undefined) world.ci.kill(job, rng.pick(["failure", "timed_out", "other"] as const));
  },
  vcs_down: (world, rng) => {
    world.weather.downUntil = world.sim.now + rng.below(10 * MINUTE);
  },
  limited: (world, rng) => {
    world.weather.limitedUntil = world.sim.now + rng.below(15 * MINUTE);
  },
  /** Whoever writes much is slowed down, and reads all the same. */
  writes_limited: (world, rng) => {
    world.weather.writesLimitedUntil = world.sim.now + rng.below(15 * MINUTE);
  },
  suspended: (world, rng) => {
    world.weather.suspendedUntil = world.sim.now + rng.below(10 * MINUTE);
  },
  database_down: (world, rng) => {
    world.database.until = world.sim.now + rng.below(3 * MINUTE);
  },
  sleep: (world, rng) => {
    const until = world.sim.now + rng.below(30 * MINUTE);
    for (const server of world.servers) if (rng.chance(0.6)) server.process.pausedUntil = until;
  },
} as const satisfies Readonly<Record<string, (world: World, rng: Prng) => void>>;
