import type { AttemptId } from "../core/ids.ts";
import type { Ci, CiJob, CiStart } from "../ports/ci.ts";

/** S25: a job is listed a moment after it was started, and a second call must not look in between. */
export function startOnce(start: (job: CiJob) => Promise<CiStart>): Ci["start"] {
  const starting = new Map<AttemptId, Promise<CiStart>>();
  return (job) => {
    const begun = starting.get(job.attempt);
    if (begun !== undefined) return begun;
    const starts = start(job).finally(() => starting.delete(job.attempt));
    starting.set(job.attempt, starts);
    return starts;
  };
}
