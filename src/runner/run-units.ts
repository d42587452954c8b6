import { join } from "node:path";
import { present } from "../base/assert.ts";
import { truncateEnd } from "../base/text.ts";
import type { UnitResult, WorkDirspace, WorkUnit } from "../contract/work.ts";
import type { HooksEnd, Reported } from "./hooks.ts";
import { type Host, logGroup } from "./host/host.ts";
import { UnitOutput } from "./output.ts";
import type { Env } from "./process.ts";
import { type Blocked, Schedule } from "./schedule.ts";
import { namesOf } from "./text.ts";
import { runUnit } from "./unit.ts";
import type { Job, UnitState } from "./unit-state.ts";

/** Filled while units run; the heartbeat reads it. */
export interface UnitsRunning {
  running: () => WorkDirspace[];
  applying: () => boolean;
}

export interface UnitsOptions {
  readonly host: Host;
  readonly env: Env;
  readonly scratch: string;
  readonly units: UnitsRunning;
  /** Why no unit can start, when the checkout already went wrong. */
  readonly preventedBy: string | undefined;
  /** What the hooks before came to. */
  readonly before: Pick<HooksEnd, "failure" | "gates" | "clouds">;
}

/** A unit's log gets this long to reach the server before its result; the rest follows. */
const OUTPUT_WAIT_MS = 10_000;
const BECAUSE_CHARS_MAX = 2_000;

/** Runs all units over their dependencies and reports each as it ends. */
export async function runUnits(job: Job, options: UnitsOptions): Promise<Reported[]> {
  return await new UnitsRun(job, options).all();
}

class UnitsRun {
  readonly #job: Job;
  readonly #options: UnitsOptions;
  readonly #schedule: Schedule;
  readonly #results = new Map<number, UnitResult>();
  readonly #active = new Map<number, Promise<void>>();
  readonly #states = new Map<number, UnitState>();
  readonly #outputs: UnitOutput[] = [];

  constructor(job: Job, options: UnitsOptions) {
    const { units, parallel } = job.work;
    this.#job = job;
    this.#options = options;
    const indexes = new Map(units.map((unit, index) => [keyOf(unit), index]));
    const nodes = units.map((unit) => ({
      after: unit.after.flatMap((before) => indexes.get(keyOf(before)) ?? []),
      // All or none of them: a guess beside a count would mean nothing.
      ...(unit.expectedMs === undefined ? {} : { weight: unit.expectedMs }),
    }));
    this.#schedule = new Schedule(nodes, parallel);
    options.units.running = () =>
      [...this.#active.keys()].map((index) => dirspaceOf(this.#unit(index)));
    options.units.applying = () => [...this.#states.keys()].some((index) => this.#mayChange(index));
  }

  /** From the opened plan to the result: any command between may change as much as the engine, and what follows one belongs to it. */
  #mayChange(index: number): boolean {
    return this.#states.get(index)?.planOpened === true && !this.#results.has(index);
  }

  async all(): Promise<Reported[]> {
    while (!this.#schedule.settled) {
      const { start, blocked } = this.#schedule.next();
      for (const index of start) this.#active.set(index, this.#run(index));
      await Promise.all(blocked.map((each) => this.#block(each)));
      if (this.#active.size > 0) await Promise.race(this.#active.values());
    }
    await Promise.all(this.#outputs.map((output) => output.close(OUTPUT_WAIT_MS)));
    return this.#job.work.units.flatMap((unit, index) => {
      const result = this.#results.get(index);
      return result === undefined ? [] : [{ unit: dirspaceOf(unit), result }];
    });
  }

  async #run(index: number): Promise<void> {
    const job = this.#job;
    const unit = this.#unit(index);
    const startedAt = performance.now();
    const result = this.#prevented() ?? (await this.#work(index, unit));
    await this.#report(index, result, Math.round(performance.now() - startedAt));
    this.#states.delete(index);
    this.#active.delete(index);
    const passed =
      job.work.kind === "plan"
        ? result.outcome === "planned" && !result.changed
        : result.outcome === "applied";
    this.#schedule.end(index, passed ? "passed" : "held");
  }

  #prevented(): UnitResult | undefined {
    const { preventedBy, before } = this.#options;
    if (preventedBy !== undefined) return notStarted(preventedBy);
    const { failure } = before;
    return failure === undefined ? undefined : { outcome: "failed", failure, fence: null };
  }

  async #work(index: number, unit: WorkUnit): Promise<UnitResult> {
    const { host, env, scratch } = this.#options;
    const { client, masker } = this.#job;
    const output = new UnitOutput(unit, client, masker);
    this.#outputs.push(output);
    const result = await runUnit({
      job: this.#job,
      unit,
      output,
      env,
      gates: this.#options.before.gates,
      clouds: this.#options.before.clouds,
      scratch: join(scratch, `unit-${index}`),
      watch: (state) => this.#states.set(index, state),
    });
    const title = `${unit.dir} (${unit.workspace}): ${result.outcome}`;
    logGroup(host, title, output.takeTranscript());
    await output.close(OUTPUT_WAIT_MS);
    return result;
  }

  async #block({ node, by }: Blocked): Promise<void> {
    const { reason } = this.#job.stop;
    const holders = by.map((index) => dirspaceOf(this.#unit(index)));
    const names = holders.map(({ dir, workspace }) => `${dir} (${workspace})`);
    const prevented = this.#prevented() ?? (reason === undefined ? undefined : notStarted(reason));
    const result: UnitResult =
      prevented ??
      (this.#job.work.kind === "plan"
        ? { outcome: "waiting", for: holders }
        : notStarted(`It depends on ${namesOf(names)}, which did not apply.`));
    await this.#report(node, result, 0);
  }

  async #report(index: number, result: UnitResult, durationMs: number): Promise<void> {
    const { client, stop } = this.#job;
    const unit = dirspaceOf(this.#unit(index));
    this.#results.set(index, result);
    const reply = await client.result({ format: 1, unit, result, durationMs });
    if (reply.kind === "ok") return;
    this.#options.host.log(
      `The result of ${unit.dir} (${unit.workspace}) could not be reported: ${reply.message}`,
    );
    if (reply.kind === "gone") stop.request("The server says that this run is over.");
  }

  #unit(index: number): WorkUnit {
    return present(this.#job.work.units[index], "runner: a unit of the work item");
  }
}

function notStarted(because: string): UnitResult {
  return { outcome: "not_started", because: truncateEnd(because, BECAUSE_CHARS_MAX) };
}

function dirspaceOf(unit: WorkDirspace): WorkDirspace {
  return { dir: unit.dir, workspace: unit.workspace };
}

function keyOf(unit: WorkDirspace): string {
  return JSON.stringify([unit.dir, unit.workspace]);
}
