import type { Instant } from "../../../src/base/brand.ts";
import type { InstallationId, PullRequestId } from "../../../src/core/ids.ts";
import {
  delayOf,
  type EffectJob,
  isEdit,
  JOB_ATTEMPTS_MAX,
  queueOf,
  TASK_ADMIT,
  TASK_ADVANCE,
  TASK_PERFORM,
} from "../../../src/store/engine/jobs.ts";
import type { MemoryDatabase } from "./database.ts";
import type { JobRow } from "./rows.ts";

/** The queue waits e^attempts seconds after a failure, and no longer than after the tenth. */
const PAUSE_EXPONENT_MAX = 10;

/** What the alarm clock would run; whoever plays a server takes jobs from here. */
export interface MemoryJobs {
  /** Jobs that may be taken now, the first to be taken first. Read it while no transaction is open. */
  due(now: Instant): readonly JobRow[];
  /** When the next job that nobody holds comes up; undefined where none does. */
  nextAt(): Instant | undefined;
  /** Holds the job and counts the attempt; undefined where it cannot be taken. */
  take(id: number): Promise<JobRow | undefined>;
  done(id: number): Promise<void>;
  /** It comes up again after a pause, until its attempts are used up. */
  failed(id: number): Promise<void>;
  /** Whoever held it is gone: others may take it at once. */
  release(id: number): Promise<void>;
}

/** The bell: what a server is told after the commit, and may forget when it dies; `wakeOverdue` rings again. */
export function wakePullRequest(db: MemoryDatabase, pullRequest: PullRequestId, delayMs = 0): void {
  addJob(db, {
    key: `${TASK_ADVANCE}:${pullRequest}`,
    what: { task: TASK_ADVANCE, pullRequest },
    delayMs,
    keepsRunAt: false,
    priority: 0,
    queue: undefined,
  });
}

export function wakeEffect(
  db: MemoryDatabase,
  { key, kind, priority }: EffectJob,
  pauseMs = 0,
): void {
  const edits = isEdit({ kind });
  addJob(db, {
    key: `${TASK_PERFORM}:${key}`,
    what: { task: TASK_PERFORM, key },
    delayMs: Math.max(pauseMs, delayOf({ kind })),
    keepsRunAt: edits,
    priority,
    queue: edits ? queueOf(key) : undefined,
  });
}

export function rouseEffect(db: MemoryDatabase, job: EffectJob): void {
  putOffEffect(db, job, delayOf(job));
}

/** Which lanes are closed is known to servers, which ask for themselves here. */
export function putOffEffect(
  db: MemoryDatabase,
  { key, kind, priority }: EffectJob,
  pauseMs: number,
): void {
  addJob(db, {
    key: `${TASK_PERFORM}:${key}`,
    what: { task: TASK_PERFORM, key },
    delayMs: pauseMs,
    keepsRunAt: false,
    priority,
    queue: isEdit({ kind }) ? queueOf(key) : undefined,
  });
}

export function wakeAdmission(
  db: MemoryDatabase,
  installation: InstallationId,
  because: string,
  delayMs = 0,
): void {
  addJob(db, {
    key: `${TASK_ADMIT}:${because}`,
    what: { task: TASK_ADMIT, installation },
    delayMs,
    keepsRunAt: false,
    queue: undefined,
    priority: 0,
  });
}

interface Wish extends Pick<JobRow, "what" | "queue" | "priority"> {
  readonly key: string;
  readonly delayMs: number;
  readonly keepsRunAt: boolean;
}

/** One job for each key. One that is being done is left alone, and what is wanted now is a job of its own. */
function addJob(
  db: MemoryDatabase,
  { key, what, queue, priority, delayMs, keepsRunAt }: Wish,
): void {
  const { jobs, jobByKey } = db.tables;
  const runAt = (db.now + delayMs) as Instant;
  const known = jobByKey.one(key);
  if (known !== undefined && isAvailable(known)) {
    const at = keepsRunAt && known.attempts === 0 ? known.runAt : runAt;
    jobs.put(known.id, { ...known, what, queue, priority, runAt: at, attempts: 0 });
    return;
  }
  if (known !== undefined) {
    jobs.put(known.id, { ...known, key: undefined, attempts: known.attemptsMax });
  }
  const id = db.next("job");
  const attemptsMax = JOB_ATTEMPTS_MAX;
  const fresh = { attempts: 0, attemptsMax, lockedAt: undefined };
  jobs.put(id, { id, key, what, runAt, priority, queue, ...fresh });
}

function isAvailable(job: JobRow): boolean {
  return job.lockedAt === undefined && job.attempts < job.attemptsMax;
}

export function memoryJobs(db: MemoryDatabase): MemoryJobs {
  const { jobs } = db.tables;
  const isDue = (job: JobRow, now: Instant, busy: ReadonlySet<string>) =>
    isAvailable(job) && job.runAt <= now && (job.queue === undefined || !busy.has(job.queue));
  return {
    due(now) {
      const busy = busyQueues(db);
      return [...jobs.values()].filter((job) => isDue(job, now, busy)).sort(inOrder);
    },
    nextAt() {
      let next: Instant | undefined;
      for (const job of jobs.values()) {
        if (isAvailable(job) && (next === undefined || job.runAt < next)) next = job.runAt;
      }
      return next;
    },
    take: (id) =>
      db.transaction(() => {
        const job = jobs.get(id);
        if (job === undefined || !isDue(job, db.now, busyQueues(db))) return undefined;
        return jobs.update(id, (row) => ({
          ...row,
          lockedAt: db.now,
          attempts: row.attempts + 1,
        }));
      }),
    done: (id) => db.transaction(() => jobs.remove(id)),
    failed: (id) =>
      db.transaction(() => {
        jobs.update(id, (row) => {
          const pauseMs = 1000 * Math.exp(Math.min(row.attempts, PAUSE_EXPONENT_MAX));
          const runAt = Math.floor(Math.max(db.now, row.runAt) + pauseMs) as Instant;
          return { ...row, runAt, lockedAt: undefined };
        });
      }),
    release: (id) =>
      db.transaction(() => {
        jobs.update(id, (row) => ({ ...row, lockedAt: undefined }));
      }),
  };
}

function inOrder(a: JobRow, b: JobRow): number {
  return a.priority - b.priority || a.runAt - b.runAt || a.id - b.id;
}

function busyQueues(db: MemoryDatabase): ReadonlySet<string> {
  const busy = new Set<string>();
  for (const { queue, lockedAt } of db.tables.jobs.values()) {
    if (queue !== undefined && lockedAt !== undefined) busy.add(queue);
  }
  return busy;
}
