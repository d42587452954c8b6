import { present } from "../../base/assert.ts";
import type { AttemptId, RepositoryId } from "../ids.ts";

/** A CI job that may start as soon as there is room for it. */
export interface WaitingJob {
  readonly attempt: AttemptId;
  readonly kind: "plan" | "apply";
  /** How long it will take. */
  readonly expectedMs: number;
  /** From its start until the last of what comes after it in its pull request. */
  readonly remainingMs: number;
  /** The order of arrival. */
  readonly seq: number;
}

/** The jobs of one environment of a repository. */
export interface Lane {
  readonly environment: string;
  readonly running: number;
  readonly max: number;
  /** Those that `compareUrgent` puts first and those that came first, as many as may start now; or all there are. */
  readonly waiting: readonly WaitingJob[];
  /** Nothing waits beyond these. */
  readonly complete: boolean;
}

/** A repository and what it has had of the jobs of its installation. */
export interface Share {
  readonly repository: RepositoryId;
  readonly served: number;
  readonly starts: number;
  readonly running: number;
  readonly max: number;
  readonly lanes: readonly Lane[];
}

/** What is known of an installation when its jobs are chosen. */
export interface Contest {
  readonly served: number;
  /** How many more jobs the installation may have. */
  readonly room: number;
  /** Those that had least. */
  readonly shares: readonly Share[];
}

export interface Chosen {
  /** In the order in which they were chosen. */
  readonly jobs: readonly WaitingJob[];
  readonly served: number;
  /** What was chosen from, or can be left alone until something opens it again. */
  readonly shares: readonly ShareAfter[];
  readonly closedLanes: readonly {
    readonly repository: RepositoryId;
    readonly environment: string;
  }[];
}

export interface ShareAfter {
  readonly repository: RepositoryId;
  readonly served: number;
  readonly starts: number;
  readonly open: boolean;
}

/** Of so many starts of a repository one goes to the job that has waited longest, whatever is more urgent (L42). */
export const OLDEST_EVERY = 4;

/**
 * Which jobs of an installation start now. The repository that has had least of the CI's time goes first; of its
 * jobs applies before plans, then the longest remaining path, then the oldest, and every fourth is the oldest of
 * all. So a job with n older ones of its repository sees at most `OLDEST_EVERY` × (n + 1) starts before its own.
 */
export function chooseJobs(contest: Contest): Chosen {
  const shares = contest.shares.map(openShare);
  const jobs: WaitingJob[] = [];
  let { served } = contest;
  while (jobs.length < contest.room) {
    const share = leastServed(shares);
    if (share === undefined) break;
    served = Math.max(served, share.served);
    jobs.push(startOne(share, served));
  }
  return {
    jobs,
    served,
    shares: shares.flatMap((share) => shareAfter(share)),
    closedLanes: shares.flatMap(({ repository, lanes }) =>
      lanes.filter((lane) => !isOpen(lane)).map(({ environment }) => ({ repository, environment })),
    ),
  };
}

/** Applies before plans, the longest remaining path first, then the oldest. */
export function compareUrgent(a: WaitingJob, b: WaitingJob): number {
  if (a.kind !== b.kind) return a.kind === "apply" ? -1 : 1;
  return b.remainingMs - a.remainingMs || a.seq - b.seq;
}

interface OpenLane {
  readonly environment: string;
  running: number;
  readonly max: number;
  waiting: readonly WaitingJob[];
  readonly complete: boolean;
}

interface OpenShare {
  readonly repository: RepositoryId;
  readonly before: Share;
  served: number;
  starts: number;
  running: number;
  readonly max: number;
  readonly lanes: readonly OpenLane[];
}

function openShare(share: Share): OpenShare {
  const { repository, served, starts, running, max } = share;
  const lanes = share.lanes.map((lane) => ({ ...lane }));
  return { repository, before: share, served, starts, running, max, lanes };
}

function leastServed(shares: readonly OpenShare[]): OpenShare | undefined {
  let least: OpenShare | undefined;
  for (const share of shares) {
    if (startable(share).length === 0) continue;
    if (least === undefined || compareServed(share, least) < 0) least = share;
  }
  return least;
}

function compareServed(a: OpenShare, b: OpenShare): number {
  if (a.served !== b.served) return a.served - b.served;
  return a.repository < b.repository ? -1 : 1;
}

function startable(share: OpenShare): readonly OpenLane[] {
  if (share.running >= share.max) return [];
  return share.lanes.filter((lane) => lane.running < lane.max && lane.waiting.length > 0);
}

function startOne(share: OpenShare, served: number): WaitingJob {
  const oldest = share.starts % OLDEST_EVERY === OLDEST_EVERY - 1;
  const compare = oldest ? (a: WaitingJob, b: WaitingJob) => a.seq - b.seq : compareUrgent;
  let best: { readonly lane: OpenLane; readonly job: WaitingJob } | undefined;
  for (const lane of startable(share)) {
    for (const job of lane.waiting) {
      if (best === undefined || compare(job, best.job) < 0) best = { lane, job };
    }
  }
  const { lane, job } = present(best, "a share that can start has a job");
  lane.waiting = lane.waiting.filter((one) => one !== job);
  lane.running += 1;
  share.running += 1;
  share.starts += 1;
  // Who was away for long has no claim to what it did not use.
  share.served = Math.max(share.served, served) + Math.max(1, job.expectedMs);
  return job;
}

function isOpen(lane: OpenLane): boolean {
  return lane.running < lane.max && (lane.waiting.length > 0 || !lane.complete);
}

function shareAfter(share: OpenShare): readonly ShareAfter[] {
  const { repository, served, starts, before } = share;
  const open = share.running < share.max && share.lanes.some(isOpen);
  if (open && starts === before.starts) return [];
  return [{ repository, served, starts, open }];
}
