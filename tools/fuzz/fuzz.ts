import { type Prng, prng } from "../../src/base/prng.ts";
import { mutate, noise } from "./mutate.ts";
import { TOKENS } from "./seeds.ts";
import { TARGETS, type Target } from "./targets.ts";

/** Per file of ordinary size; larger ones have as much for each 64 kB. */
export const BUDGET_MS = 50;
const BUDGET_CHARS = 64 * 1024;

export interface Crash {
  readonly target: string;
  readonly problem: string;
  readonly input: string;
}

export interface Slow {
  readonly target: string;
  readonly ms: number;
  readonly chars: number;
  readonly input: string;
}

/** An endless list of inputs, the same for the same seed. */
export class Fuzzer {
  readonly #random: Prng;
  /** What was made before and accepted in some way: changes add up. */
  readonly #pools = new Map<Target, string[]>();

  constructor(seed: number) {
    this.#random = prng(seed);
  }

  next(): { readonly target: Target; readonly input: string } {
    const random = this.#random;
    const target = random.pick(TARGETS);
    const pool = this.#pools.get(target) ?? [...target.seeds];
    this.#pools.set(target, pool);
    const input = random.chance(0.03)
      ? noise(random, target.charsMax)
      : mutate(random.pick(pool), pool, TOKENS, random, target.charsMax);
    if (input.length < 4_000 && random.chance(0.2)) {
      if (pool.length < 200) pool.push(input);
      else pool[target.seeds.length + random.below(pool.length - target.seeds.length)] = input;
    }
    return { target, input };
  }
}

/** What is wrong about the answer; also when it throws. */
export function tryOne(target: Target, input: string): Crash | undefined {
  const crash = (problem: string): Crash => ({ target: target.name, problem, input });
  try {
    const problem = target.check(input, target.read(input));
    return problem === undefined ? undefined : crash(problem);
  } catch (error) {
    return crash(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

/**
 * Processor time that the reader takes, so that other work on the machine does not count. The best of
 * four where it is much: translating and collecting garbage are not the input's fault.
 */
export function measure(target: Target, input: string): number {
  let best = once(target, input);
  for (let again = 0; again < 3 && best > BUDGET_MS / 2; again += 1) {
    best = Math.min(best, once(target, input));
  }
  return best;
}

export function budgetMs(input: string): number {
  return BUDGET_MS * Math.max(1, Math.ceil(input.length / BUDGET_CHARS));
}

function once(target: Target, input: string): number {
  const began = process.cpuUsage();
  try {
    target.read(input);
  } catch {
    // Reported as a crash.
  }
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1_000;
}
