import type { Decision } from "../../../src/core/decision.ts";
import type { Snapshot } from "../../../src/core/snapshot.ts";
import type { Turn } from "../../../src/ports/engine-store.ts";
import { INVARIANTS } from "./invariants/all.ts";
import type { Started } from "./invariants/invariant.ts";
import type { World } from "./world.ts";

export interface Violation {
  readonly invariant: string;
  readonly message: string;
  /** After how many steps of the history. */
  readonly steps: number;
}

const STEP = INVARIANTS.filter((one) => one.when === "step");
const GRANT = INVARIANTS.filter((one) => one.when === "grant");
const BEGIN = INVARIANTS.filter((one) => one.when === "begin");
const DECISION = INVARIANTS.filter((one) => one.when === "decision");
const START = INVARIANTS.filter((one) => one.when === "start");
const END = INVARIANTS.filter((one) => one.when === "end");

/** Asks every invariant whenever something happened that it is about; the first that is broken ends the history. */
export class Checker {
  checks = 0;
  violation: Violation | undefined;
  readonly #world: World;
  #grants = 0;
  #applies = 0;
  #version = -1;

  constructor(world: World) {
    this.#world = world;
  }

  violated(invariant: string, message: string): void {
    this.violation ??= { invariant, message, steps: this.#world.sim.steps };
  }

  stepped(): void {
    const world = this.#world;
    const { grants, applies } = world.ghost;
    for (; this.#grants < grants.length; this.#grants++) {
      const grant = grants[this.#grants];
      if (grant === undefined) continue;
      for (const one of GRANT) this.#note(one.id, one.check(world, grant, this.#grants));
    }
    for (; this.#applies < applies.length; this.#applies++) {
      const apply = applies[this.#applies];
      if (apply === undefined) continue;
      for (const one of BEGIN) this.#note(one.id, one.check(world, apply, this.#applies));
    }
    if (world.version === this.#version) return;
    this.#version = world.version;
    for (const one of STEP) this.#note(one.id, one.check(world));
  }

  decided(turn: Turn, snapshot: Snapshot, decision: Decision): void {
    for (const one of DECISION) {
      this.#note(one.id, one.check(this.#world, { turn, snapshot, decision }));
    }
  }

  starts(started: Started): void {
    for (const one of START) this.#note(one.id, one.check(this.#world, started));
  }

  async ended(): Promise<void> {
    for (const one of END) this.#note(one.id, await one.check(this.#world));
  }

  #note(id: string, broken: string | undefined): void {
    this.checks += 1;
    if (broken !== undefined) this.violated(id, broken);
  }
}
