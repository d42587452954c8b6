import type { Prng } from "../../../src/base/prng.ts";
import type { VcsFailure } from "../../../src/ports/vcs.ts";
import type { Faults } from "./faults.ts";
import { duration, type Pace } from "./network.ts";
import type { Flow, Scheduler } from "./scheduler.ts";

/** What the whole outside world of the servers shares. */
export interface Weather {
  /** Until then every call fails. */
  downUntil: number;
  /** Until then the budget of calls is used up. */
  limitedUntil: number;
  /** The same of what writes alone. */
  writesLimitedUntil: number;
  /** Until then the installation is suspended, or our token is no good. */
  suspendedUntil: number;
}

export function fairWeather(): Weather {
  return { downUntil: 0, limitedUntil: 0, writesLimitedUntil: 0, suspendedUntil: 0 };
}

export interface OutsideOptions {
  readonly sim: Scheduler;
  readonly rng: Prng;
  readonly faults: Faults;
  readonly pace: Pace;
  readonly weather: Weather;
  readonly limitTellsWhen: number;
  /** A rule was broken by the way in which a call was made. */
  readonly violated: (invariant: string, message: string) => void;
  /** Whether a transaction of the store is open in the flow that calls. */
  readonly inTransaction: () => boolean;
}

/** Calls from a server to forge and CI system: each takes its time and may fail before, after and instead. */
export class Outside {
  readonly sim: Scheduler;
  readonly faults: Faults;
  readonly #options: OutsideOptions;

  constructor(options: OutsideOptions) {
    this.sim = options.sim;
    this.faults = options.faults;
    this.#options = options;
  }

  /** An `edit` that the forge does minutes later would undo a newer one, and nobody could know: it is done now or never. */
  call<T>(
    name: string,
    kind: "read" | "write" | "edit",
    act: () => T | VcsFailure,
    remember = false,
  ): Promise<T | VcsFailure> {
    const { sim, rng, pace, violated, inTransaction } = this.#options;
    if (inTransaction()) violated("S29", `${name} was called while a transaction was open`);
    const flow = sim.current;
    return new Promise((resolve) => {
      const arrive = () => {
        const answer = this.#answer(kind, act);
        if (remember && kind === "read" && flow !== undefined) flow.reads.set(name, answer);
        this.#respond(flow, () => resolve(answer));
      };
      // The request is under way: the death of its sender does not call it back. An edit goes with its connection.
      const owner = kind === "edit" ? flow?.process : undefined;
      sim.after(duration(rng, pace.network, pace.slow), name, arrive, owner);
    });
  }

  #respond(flow: Flow | undefined, resolve: () => void): void {
    const { sim, rng, pace } = this.#options;
    if (flow?.process.alive === false) return;
    if (pace.network === 0 || rng.chance(0.5)) {
      sim.resume(flow, resolve);
      return;
    }
    const back = () => sim.resume(flow, resolve);
    sim.after(duration(rng, pace.network, 0), "answer", back, flow?.process);
  }

  #answer<T>(kind: "read" | "write" | "edit", act: () => T | VcsFailure): T | VcsFailure {
    const { sim, faults, weather, rng, limitTellsWhen } = this.#options;
    if (sim.now < weather.downUntil) return away("502", undefined);
    const limitedUntil = Math.max(
      weather.limitedUntil,
      kind === "read" ? 0 : weather.writesLimitedUntil,
    );
    if (sim.now < limitedUntil) {
      const left = limitedUntil - sim.now;
      return away("rate limit", rng.chance(limitTellsWhen) ? left : undefined);
    }
    if (sim.now < weather.suspendedUntil) {
      return { kind: "forbidden", message: "the installation is suspended" };
    }
    if (faults.strikes("F11", 0.01)) return away("the token expired during the call", undefined);
    if (kind === "read") {
      if (faults.strikes("F4", 0.03)) return away("<html>502</html>", undefined);
      return act();
    }
    if (faults.strikes("F4", 0.1)) return this.#ambiguous(act, kind === "write" ? 3 : 2);
    return act();
  }

  /** Done or not, the caller hears nothing of use. */
  #ambiguous<T>(act: () => T | VcsFailure, ways: number): VcsFailure {
    const { sim, rng } = this.#options;
    const how = rng.below(ways);
    if (how === 0) act();
    else if (how === 2) sim.after(rng.below(10_000), "done late", () => void act());
    return away("timeout", undefined);
  }
}

function away(message: string, retryAfterMs: number | undefined): VcsFailure {
  // A limit is one of the installation.
  const all = retryAfterMs === undefined ? {} : ({ waitsForAll: true } as const);
  return { kind: "unavailable", message, retryAfterMs, ...all };
}
