import type { Prng } from "../../../src/base/prng.ts";

/** The classes of faults; what each of them does here: docs/proof.md. */
export const FAULT_CLASSES = [
  "F1",
  "F2",
  "F3",
  "F4",
  "F5",
  "F6",
  "F7",
  "F8",
  "F9",
  "F10",
  "F11",
  "F12",
] as const;

export type FaultClass = (typeof FAULT_CLASSES)[number];

/** How strong each class is in one seed, from 0 (off) to 1. */
export type Intensities = Readonly<Record<FaultClass, number>>;

/** Nothing goes wrong. */
export const NO_FAULTS: Intensities = {
  F1: 0,
  F2: 0,
  F3: 0,
  F4: 0,
  F5: 0,
  F6: 0,
  F7: 0,
  F8: 0,
  F9: 0,
  F10: 0,
  F11: 0,
  F12: 0,
};

/** Swarm testing: half of the classes or more are off, so that rare ones are not masked by frequent ones. */
export function drawIntensities(rng: Prng, faulty: number): Intensities {
  const entries = FAULT_CLASSES.map((name) => {
    const strength = rng.pick([0.15, 0.4, 1]);
    return [name, rng.chance(faulty) ? strength : 0] as const;
  });
  return Object.fromEntries(entries) as Record<FaultClass, number>;
}

/** Says for each possible fault whether it happens, and counts those that did. */
export class Faults {
  readonly counts = new Map<FaultClass, number>();
  readonly #rng: Prng;
  readonly #intensities: Intensities;
  #healed = false;

  constructor(rng: Prng, intensities: Intensities) {
    this.#rng = rng;
    this.#intensities = intensities;
  }

  /** Whether a fault of this class, as likely as this at full strength, happens now. */
  strikes(name: FaultClass, probability: number): boolean {
    const strength = this.#intensities[name];
    if (strength === 0 || this.#healed) return false;
    if (!this.#rng.chance(probability * strength)) return false;
    this.count(name);
    return true;
  }

  isOn(name: FaultClass): boolean {
    return this.#intensities[name] > 0 && !this.#healed;
  }

  count(name: FaultClass): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  /** From here on nothing goes wrong any more. */
  heal(): void {
    this.#healed = true;
  }

  get healed(): boolean {
    return this.#healed;
  }
}
