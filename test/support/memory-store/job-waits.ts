import { present } from "../../../src/base/assert.ts";
import type { PullRequestId, RunId } from "../../../src/core/ids.ts";
import { type JobCaps, reachedCaps } from "../../../src/core/schedule/caps.ts";
import type { JobWait } from "../../../src/core/schedule/wait.ts";
import { POSITION_MAX } from "../../../src/store/engine/job-waits.ts";
import type { MemoryDatabase } from "./database.ts";
import { needPullRequest } from "./pull-requests.ts";
import type { CiJobRow, WorkRow } from "./rows.ts";

/** What the queued runs of a pull request wait for. */
export function readWaits(
  db: MemoryDatabase,
  id: PullRequestId,
  caps: JobCaps,
): ReadonlyMap<RunId, JobWait> {
  const waits = new Map<RunId, JobWait>();
  for (const mine of db.tables.ciJobs.values()) {
    if (mine.pullRequestId !== id || mine.state === "admitted" || mine.state === "ended") continue;
    const jobs = [...db.tables.ciJobsOf.of(mine.installation)];
    const busy = jobs.filter((job) => job.state === "admitted");
    const here = busy.filter((job) => job.repositoryId === mine.repositoryId);
    const ahead = jobs.filter(
      (job) =>
        job.repositoryId === mine.repositoryId && job.state === "waiting" && isAhead(job, mine),
    );
    const { ref } = present(
      db.tables.repositories.get(mine.repositoryId),
      "a job's repository",
    ).stored;
    waits.set(mine.runId, {
      position: Math.min(ahead.length, POSITION_MAX) + 1,
      running: here.length,
      caps: reachedCaps(caps, {
        installation: { name: ref.installation, running: busy.length },
        repository: { name: ref.fullName, running: here.length },
        environment: {
          name: mine.environment,
          running: here.filter((job) => job.environment === mine.environment).length,
        },
      }),
      applyOf: applyOf(db, mine.blockedOn),
    });
  }
  return waits;
}

/** Applies first, then what has the most behind it, then what came first. */
function isAhead(job: CiJobRow, mine: CiJobRow): boolean {
  if (job.kind !== mine.kind) return job.kind < mine.kind;
  if (job.remainingMs !== mine.remainingMs) return job.remainingMs > mine.remainingMs;
  return job.seq < mine.seq;
}

function applyOf(db: MemoryDatabase, dirspaceId: number | undefined): number | undefined {
  if (dirspaceId === undefined) return undefined;
  let first: WorkRow | undefined;
  for (const work of db.tables.openApplies.of(dirspaceId)) {
    if (first === undefined || work.seq < first.seq) first = work;
  }
  return first === undefined ? undefined : needPullRequest(db, first.pullRequestId).number;
}
