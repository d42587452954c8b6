import type { Prng } from "../../../../src/base/prng.ts";
import type { DirspaceKey } from "../../../../src/core/change/dirspace.ts";
import type { Account } from "../../../../src/core/ids.ts";
import type { UnitReport } from "../../../../src/core/run/report.ts";
import type { ClaimedRun } from "../../../../src/ports/runner-store.ts";
import type { CiRun } from "../ci/jobs.ts";
import type { Faults } from "../faults.ts";
import type { Ghost } from "../ghost.ts";
import type { Link } from "../link.ts";
import type { Process, Scheduler } from "../scheduler.ts";
import type { Theme } from "../theme.ts";
import type { Forge } from "../vcs/forge.ts";
import type { RunnerClient } from "./client.ts";

/** What a runner has to work with: its machine, the code, the infrastructure, and a way to the servers. */
export interface Workbench {
  readonly sim: Scheduler;
  readonly rng: Prng;
  readonly faults: Faults;
  readonly forge: Forge;
  readonly ghost: Ghost;
  readonly link: Link;
  readonly job: CiRun;
  readonly machine: Process;
  readonly theme: Theme;
  /** The machine is switched off. */
  readonly kill: () => void;
  /** Somebody loses the right to write, or gets it back. */
  readonly mayNoMore: (who: Account) => void;
}

/** One CI job between claim and finish. */
export interface JobState {
  readonly bench: Workbench;
  readonly client: RunnerClient;
  readonly run: ClaimedRun;
  readonly running: Set<DirspaceKey>;
  applying: number;
  stopped: string | undefined;
}

/** Works or waits; a machine may stand still for minutes at any such moment and then go on (F6). */
export async function nap(state: JobState, usualMs: number): Promise<void> {
  const { sim, rng, faults, machine } = state.bench;
  if (faults.strikes("F6", 0.04)) machine.pausedUntil = sim.now + rng.below(15 * 60_000);
  await sim.sleep(rng.below(2 * usualMs) + 1, machine);
}

export function failed(message: string, fence?: number): UnitReport {
  const failure = { step: "sim", message, tail: "", exitCode: 1, signal: null };
  return { outcome: "failed", failure, fence };
}
