import type { Prng } from "../../../../src/base/prng.ts";
import type { AttemptId } from "../../../../src/core/ids.ts";
import type { CiConclusion } from "../../../../src/ports/ci.ts";
import type { Faults } from "../faults.ts";
import { newProcess, type Process, type Scheduler } from "../scheduler.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A job of the CI system: what it shows of it, and the machine that works on it. */
export interface CiRun {
  readonly id: string;
  readonly attempt: AttemptId;
  state: "pending" | "running" | "ended";
  conclusion: CiConclusion | undefined;
  /** Counts re-runs by people, from 1. */
  runAttempt: number;
  machine: Process | undefined;
  /** Wakes the runner up so that it ends by itself. */
  stop: ((because: string) => void) | undefined;
}

export interface CiOptions {
  readonly sim: Scheduler;
  readonly rng: Prng;
  readonly faults: Faults;
  /** Starts the runner on the machine; resolves when its process has ended by itself. */
  readonly work: (job: CiRun, machine: Process) => Promise<"success" | "failure">;
  /** What ran on the machine is no more. */
  readonly died: (job: CiRun, machine: Process) => void;
  readonly ended: (job: CiRun) => void;
}

/** The CI system as it is: every job that was ever started, also those nobody wanted twice. */
export class CiSystem {
  readonly runs = new Map<string, CiRun>();
  readonly #options: CiOptions;
  #ids = 0;

  constructor(options: CiOptions) {
    this.#options = options;
  }

  of(attempt: AttemptId): readonly CiRun[] {
    return [...this.runs.values()].filter((one) => one.attempt === attempt);
  }

  /** True while a machine works on some job or will. */
  get busy(): boolean {
    return [...this.runs.values()].some((one) => one.state !== "ended");
  }

  start(attempt: AttemptId): CiRun {
    const { rng, faults } = this.#options;
    if (faults.strikes("F5", 0.2)) this.#add(attempt, rng.below(5 * MINUTE));
    const waits = faults.strikes("F5", 0.1) ? rng.below(90 * MINUTE) : rng.below(20 * SECOND);
    return this.#add(attempt, waits);
  }

  /** A person presses the button that runs a job again. */
  rerun(job: CiRun): void {
    if (job.state !== "ended") return;
    job.runAttempt += 1;
    job.state = "pending";
    job.conclusion = undefined;
    this.#options.sim.after(5 * SECOND, "rerun", () => this.#begin(job));
  }

  /** Asks the runner to end; after a while its machine is switched off. */
  cancel(job: CiRun, conclusion: CiConclusion): void {
    if (job.state === "pending") {
      this.#end(job, conclusion);
      return;
    }
    const { sim, rng } = this.#options;
    const { machine } = job;
    job.stop?.("The CI job was cancelled.");
    sim.after(10 * SECOND + rng.below(MINUTE), "cancelled", () =>
      this.kill(job, conclusion, machine),
    );
  }

  /** The machine is switched off: what it did ends in the middle. */
  kill(job: CiRun, conclusion: CiConclusion, machine = job.machine): void {
    if (job.state !== "running" || machine === undefined || job.machine !== machine) return;
    machine.alive = false;
    this.#options.died(job, machine);
    this.#end(job, conclusion);
  }

  #add(attempt: AttemptId, waits: number): CiRun {
    const { sim, faults, rng } = this.#options;
    this.#ids += 1;
    const job: CiRun = {
      id: `ci-${this.#ids}`,
      attempt,
      state: "pending",
      conclusion: undefined,
      runAttempt: 1,
      machine: undefined,
      stop: undefined,
    };
    this.runs.set(job.id, job);
    if (faults.strikes("F5", 0.08)) {
      const conclusion = rng.pick(["never_started", "cancelled", "timed_out", "other"] as const);
      sim.after(rng.below(40 * MINUTE), "never starts", () => this.#end(job, conclusion));
    } else sim.after(waits, "ci begins", () => this.#begin(job));
    return job;
  }

  #begin(job: CiRun): void {
    if (job.state !== "pending") return;
    const { sim, rng, faults, work } = this.#options;
    const machine = newProcess(job.id);
    job.state = "running";
    job.machine = machine;
    if (faults.strikes("F5", 0.12)) {
      const conclusion = rng.pick(["failure", "cancelled", "timed_out", "other"] as const);
      const how = rng.chance(0.5) ? "cancel" : "kill";
      sim.after(rng.below(4 * MINUTE), how, () => this[how](job, conclusion, machine));
    }
    sim.current = { process: machine, name: job.id, reads: new Map(), startedAt: sim.now };
    void work(job, machine).then((conclusion) => {
      if (machine.alive && job.machine === machine) this.#end(job, conclusion);
    });
  }

  #end(job: CiRun, conclusion: CiConclusion): void {
    if (job.state === "ended") return;
    if (job.machine !== undefined) job.machine.alive = false;
    job.state = "ended";
    job.conclusion = conclusion;
    job.stop = undefined;
    this.#options.ended(job);
  }
}
