import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { SQLSTATE } from "../../../src/store/sqlstate.ts";
import type { Actor, Step } from "./actor.ts";
import type { Footprint } from "./footprint.ts";

/** One of the two actors. */
export type Who = 0 | 1;

export interface Taken {
  readonly who: Who;
  readonly step: Step;
  /** It had to wait for the other one's transaction. */
  readonly blocked: boolean;
}

/** What can be chosen at one point of a schedule. */
export interface Choice {
  /** By actor, the step that it would take; those that wait for a lock are not here. */
  readonly enabled: ReadonlyMap<Who, Footprint>;
  readonly depth: number;
}

export interface Ran {
  readonly taken: readonly Taken[];
  /** Undefined: cut short. */
  readonly complete: boolean;
  readonly deadlock: boolean;
}

/** A statement that has no answer after this long is looked at: it computes, or it waits for a lock. */
const LOOK_MS = 2;
const STUCK_MS = 20_000;

/** Lets the two actors, which stand before their first statement, go on as `choose` says until both are done. */
export async function runSchedule(
  actors: readonly [Actor, Actor],
  probe: pg.Client,
  choose: (choice: Choice) => Who | undefined,
): Promise<Ran> {
  const taken: Taken[] = [];
  const waiting = new Map<Who, Promise<void>>();
  let deadlock = false;
  for (;;) {
    const open = ([0, 1] as const).filter((who) => actors[who].outcome === undefined);
    deadlock ||= actors.some(({ errors }) => errors.includes(SQLSTATE.deadlockDetected));
    if (open.length === 0) return { taken, complete: true, deadlock };
    const enabled = new Map<Who, Footprint>();
    for (const who of open) {
      const { next } = actors[who];
      if (!waiting.has(who) && next !== undefined) enabled.set(who, next.footprint);
    }
    if (enabled.size === 0) {
      // Each waits for the other; PostgreSQL ends one of them.
      deadlock = true;
      await Promise.race(waiting.values());
      await settle(actors, probe, waiting);
      continue;
    }
    const who = choose({ enabled, depth: taken.length });
    if (who === undefined) {
      await abandon(actors, waiting);
      return { taken, complete: false, deadlock };
    }
    const actor = actors[who];
    const step = actor.next;
    if (step === undefined) throw new Error("the chosen actor has no statement");
    const resting = actor.release();
    const blocked = await isBlocked(actor, resting, probe);
    if (blocked) waiting.set(who, resting);
    taken.push({ who, step, blocked });
    await settle(actors, probe, waiting);
  }
}

/** Takes those off the list whose lock has come. */
async function settle(
  actors: readonly [Actor, Actor],
  probe: pg.Client,
  waiting: Map<Who, Promise<void>>,
): Promise<void> {
  for (const [who, resting] of waiting) {
    if (!(await isBlocked(actors[who], resting, probe))) waiting.delete(who);
  }
}

/** Waits until the statement has its answer (`false`) or is known to wait for a lock (`true`). */
async function isBlocked(actor: Actor, resting: Promise<void>, probe: pg.Client): Promise<boolean> {
  const done = resting.then(() => true);
  const giveUpAt = performance.now() + STUCK_MS;
  while (performance.now() < giveUpAt) {
    if (await Promise.race([done, sleep(LOOK_MS, false)])) return false;
    const { rows } = await probe.query<{ waits: boolean }>({
      name: "waits",
      text: "select cardinality(pg_blocking_pids($1)) > 0 as waits",
      values: [actor.pid],
    });
    if (rows[0]?.waits === true && !(await Promise.race([done, Promise.resolve(false)])))
      return true;
  }
  throw new Error(`a statement neither answers nor waits: ${actor.next?.sql ?? ""}`);
}

async function abandon(
  actors: readonly [Actor, Actor],
  waiting: ReadonlyMap<Who, Promise<void>>,
): Promise<void> {
  // Who holds the lock first: the other one gets its answer by that.
  for (const who of [0, 1] as const) if (!waiting.has(who)) actors[who].abandon();
  for (const who of waiting.keys()) actors[who].abandon();
  const deadline = performance.now() + STUCK_MS;
  while (actors.some((actor) => actor.outcome === undefined)) {
    if (performance.now() > deadline) throw new Error("an abandoned schedule does not end");
    await sleep(1);
  }
}
