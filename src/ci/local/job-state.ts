import type { Instant } from "../../base/brand.ts";
import type { AttemptId } from "../../core/ids.ts";
import type { CiConclusion } from "../../ports/ci.ts";
import type { AttemptFiles } from "./attempt-files.ts";
import { isRunning, jobProcesses, type Machine, type RunningProcess } from "./processes.ts";

export type JobState =
  /** Nobody asked for it here. */
  | { readonly kind: "absent" }
  | { readonly kind: "pending" }
  | { readonly kind: "running"; readonly pid: number }
  /** The runner is gone and left processes, which may still change infrastructure. */
  | { readonly kind: "orphaned"; readonly processes: readonly RunningProcess[] }
  | { readonly kind: "ended"; readonly conclusion: CiConclusion }
  /** Started where we cannot look. */
  | { readonly kind: "elsewhere" };

/** A process that was started claims its job within milliseconds; on a machine that swaps, seconds. */
export const CLAIM_MS_MAX = 60_000;

export interface JobPlace {
  readonly files: AttemptFiles;
  readonly attempt: AttemptId;
  readonly workDir: string;
  readonly machine: Machine;
  readonly now: () => Instant;
}

/** What became of a job. `ended` is a proof: nothing of it runs, and nothing of it will (S3). */
export async function jobState(place: JobPlace): Promise<JobState> {
  const { files, machine } = place;
  const ended = await files.end();
  if (ended !== undefined) return { kind: "ended", conclusion: ended };
  const job = await files.job();
  if (job === undefined) return { kind: "absent" };
  const claim = await files.claim();
  if (claim === undefined) {
    if (place.now() - job.at < CLAIM_MS_MAX) return { kind: "pending" };
    // From here on a late process finds the claim taken, and goes.
    return (await files.claimNever()) ? neverStarted(files) : { kind: "pending" };
  }
  if (claim.kind === "never") return neverStarted(files);
  // Another boot: every process of the former one is gone.
  if (claim.machine.boot !== machine.boot && claim.machine.boot !== "") {
    return { kind: "ended", conclusion: await conclude(files) };
  }
  if (claim.machine.namespace !== machine.namespace && claim.machine.namespace !== "") {
    return { kind: "elsewhere" };
  }
  if (await isRunning(claim.process)) return { kind: "running", pid: claim.process.pid };
  const mark = `TERRANE_ATTEMPT=${place.attempt}`;
  // Twice: a process that forks and ends while the list is read can hide its child once.
  for (let look = 0; look < 2; look++) {
    const processes = await jobProcesses(claim.process, mark, place.workDir);
    if (processes.length > 0) return { kind: "orphaned", processes };
  }
  return { kind: "ended", conclusion: await conclude(files) };
}

async function neverStarted(files: AttemptFiles): Promise<JobState> {
  const cancelled = (await files.read("cancel")) !== undefined;
  return { kind: "ended", conclusion: cancelled ? "cancelled" : "never_started" };
}

async function conclude(files: AttemptFiles): Promise<CiConclusion> {
  const code = await files.read("exit");
  if (code === 0) return "success";
  if ((await files.read("cancel")) !== undefined) return "cancelled";
  // Without an exit code it was killed.
  return typeof code === "number" ? "failure" : "other";
}
