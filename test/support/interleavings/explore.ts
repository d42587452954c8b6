import { areDependent, type Footprint } from "./footprint.ts";
import type { Choice, Ran, Taken, Who } from "./schedule.ts";

/** One point of the schedule that is being explored. */
interface Node {
  chosen: Who;
  /** What the chosen step touches. */
  footprint: Footprint;
  enabled: ReadonlyMap<Who, Footprint>;
  /** Whose step here was explored in an earlier branch and cannot differ any more. */
  sleep: ReadonlyMap<Who, Footprint>;
  readonly done: Map<Who, Footprint>;
  /** Who has to be tried here as well, because the order of two steps matters. */
  readonly backtrack: Set<Who>;
}

export interface Explored {
  /** Complete schedules; each stands for all those that differ from it only where order cannot matter. */
  readonly schedules: number;
  /** Cut short, because they were going to be the same as one before. */
  readonly cut: number;
}

export interface ExploreOptions {
  /** Every order of all steps, also those that cannot matter: to check the reduction itself. */
  readonly all: boolean;
  readonly schedulesMax: number;
}

/**
 * Runs every schedule of two actors that can differ in its outcome: dynamic partial order reduction with sleep sets.
 * `run` starts anew each time and asks at every point who goes next.
 */
export async function explore(
  run: (choose: (choice: Choice) => Who | undefined) => Promise<Ran>,
  { all, schedulesMax }: ExploreOptions,
): Promise<Explored> {
  const stack: Node[] = [];
  let schedules = 0;
  let cut = 0;
  for (;;) {
    const ran = await run((choice) => choose(stack, choice, all));
    if (ran.complete) schedules += 1;
    else cut += 1;
    // PostgreSQL chooses whom it ends, so nothing from here on would repeat.
    if (ran.deadlock) return { schedules, cut };
    if (schedules > schedulesMax) {
      throw new Error(`more than ${schedulesMax} schedules: the pair is too large`);
    }
    if (!all) noteRaces(stack, ran.taken);
    if (!backUp(stack)) return { schedules, cut };
  }
}

function choose(stack: Node[], choice: Choice, all: boolean): Who | undefined {
  const known = stack[choice.depth];
  if (known !== undefined) {
    // The same prefix: what waits for a lock is found anew, and the same.
    const footprint = choice.enabled.get(known.chosen);
    if (footprint === undefined) throw new Error("a schedule did not repeat: is anything random?");
    known.footprint = footprint;
    known.enabled = choice.enabled;
    return known.chosen;
  }
  const sleep = sleepAfter(stack.at(-1), all);
  const before = stack.at(-1)?.chosen;
  const free = [...choice.enabled.keys()].filter((who) => !sleep.has(who));
  const chosen = before !== undefined && free.includes(before) ? before : free[0];
  const footprint = chosen === undefined ? undefined : choice.enabled.get(chosen);
  if (chosen === undefined || footprint === undefined) return undefined;
  const backtrack = new Set<Who>(all ? choice.enabled.keys() : [chosen]);
  const { enabled } = choice;
  stack.push({ chosen, footprint, enabled, sleep, done: new Map(), backtrack });
  return chosen;
}

function sleepAfter(node: Node | undefined, all: boolean): ReadonlyMap<Who, Footprint> {
  if (node === undefined || all) return new Map();
  const asleep = [...node.sleep, ...node.done].filter(
    ([who, footprint]) => who !== node.chosen && !areDependent(footprint, node.footprint),
  );
  return new Map(asleep);
}

/** Where two steps of different actors could have gone the other way round, the other one is tried first. */
function noteRaces(stack: readonly Node[], taken: readonly Taken[]): void {
  for (const [later, step] of taken.entries()) {
    const earlier = lastRival(taken, later, step);
    if (earlier === undefined) continue;
    const node = stack[earlier];
    if (node?.enabled.has(step.who) === true) node.backtrack.add(step.who);
  }
}

function lastRival(taken: readonly Taken[], later: number, step: Taken): number | undefined {
  for (let at = later - 1; at >= 0; at--) {
    const other = taken[at];
    if (other === undefined || other.who === step.who) continue;
    if (!areDependent(other.step.footprint, step.step.footprint)) continue;
    // Ordered already by a step of the same actor in between.
    const between = taken.slice(at + 1, later).filter((one) => one.who === step.who);
    const ordered = between.some((one) => areDependent(other.step.footprint, one.step.footprint));
    return ordered ? undefined : at;
  }
  return undefined;
}

/** Goes back to the last point where somebody else has to be tried; false when there is none. */
function backUp(stack: Node[]): boolean {
  for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
    node.done.set(node.chosen, node.footprint);
    const { done, sleep, enabled } = node;
    const next = [...node.backtrack].find(
      (who) => !done.has(who) && !sleep.has(who) && enabled.has(who),
    );
    if (next !== undefined) {
      node.chosen = next;
      return true;
    }
    stack.pop();
  }
  return false;
}
