import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import {
  Logger,
  type Runner,
  run,
  runMigrations,
  type TaskList,
  type WorkerEvents,
} from "graphile-worker";
import type { InstallationId, PullRequestId } from "../core/ids.ts";
import type { Engine } from "../engine/engine.ts";
import { EFFECTS_MAX, type Lanes } from "../engine/lanes.ts";
import type { Bell } from "../ports/bell.ts";
import type { Log } from "../ports/log.ts";
import { TASK_ADMIT, TASK_ADVANCE, TASK_PERFORM } from "../store/engine/jobs.ts";
import type { Database } from "../store/pool.ts";
import { patientPool } from "./patient-pool.ts";

const POLL_MS = 500;
/**
 * The queue itself waits four hours for a server that is gone. Ours say every few seconds that they still work on
 * what they hold; what nobody has spoken for this long is given to others. Doing it twice is harmless (S25).
 */
const ABANDONED_SECONDS = 20;
const LEASE_MS = 4_000;
/** Longer than a statement may see a queue that is just being taken or left. */
const EMPTY_SECONDS = 5;
const RESTART_MS_MIN = 250;
const RESTART_MS_MAX = 5_000;
const STOP_MS_MAX = 20_000;

export interface AlarmClock {
  readonly isRunning: () => boolean;
  /** Claims nothing more and finishes what was begun, for at most 20 s. */
  stop(): Promise<void>;
}

export interface AlarmClockOptions {
  readonly database: Database;
  readonly engine: Pick<Engine, "perform" | "admit">;
  readonly lanes: Pick<Lanes, "closed">;
  readonly bell: Bell;
  readonly log: Log;
  /** No other server works on this database: whatever is held at the start is held by nobody. */
  readonly alone: boolean;
  /** Notifications reach us; behind a pooler they do not, and looking twice a second has to do. */
  readonly listens: boolean;
}

/** The tables of the job queue; its own migrations, safe from many servers at once. */
export async function migrateJobs(connectionString: string, log: Log): Promise<void> {
  await runMigrations({ connectionString, logger: jobLogger(log) });
}

/** Runs the tasks that the store asks for; whatever ends the queue's worker, it is started again. */
export function startAlarmClock(options: AlarmClockOptions): AlarmClock {
  const { database, log, listens } = options;
  const stopping = new AbortController();
  const held = new Set<string>();
  const working = new Set<string>();
  let current: Runner | undefined;

  async function work(): Promise<void> {
    // What of ours ended badly left its jobs locked.
    await release(database, [...held]);
    held.clear();
    working.clear();
    const events: WorkerEvents = new EventEmitter();
    events.on("pool:create", ({ workerPool }) => held.add(workerPool.id));
    events.on("job:start", ({ job }) => working.add(job.id));
    events.on("job:complete", ({ job }) => working.delete(job.id));
    // Which job it had is not said; what is still worked on may be done twice (S25).
    events.on("worker:fatalError", () => working.clear());
    current = await run({
      pgPool: patientPool(database.pool, listens),
      taskList: tasks(options),
      concurrency: EFFECTS_MAX,
      // What cannot be performed now is not even taken.
      forbiddenFlags: () => [...options.lanes.closed()],
      pollInterval: POLL_MS,
      // Without this it looks for a crontab in the current directory.
      parsedCronItems: [],
      noPreparedStatements: true,
      noHandleSignals: true,
      logger: jobLogger(log),
      events,
    });
    if (stopping.signal.aborted) await current.stop();
    await current.promise;
  }

  async function supervise(): Promise<void> {
    if (options.alone) await retrying(() => releaseAll(database), stopping.signal, log);
    for (let pause = RESTART_MS_MIN; !stopping.signal.aborted; ) {
      const began = performance.now();
      try {
        await work();
      } catch (error) {
        log.warn({ err: error }, "the job queue's worker ended; starting it again");
      }
      current = undefined;
      if (performance.now() - began > RESTART_MS_MAX) pause = RESTART_MS_MIN;
      await wait(pause, stopping.signal);
      pause = Math.min(pause * 2, RESTART_MS_MAX);
    }
  }

  async function keepLeases(): Promise<void> {
    while (!stopping.signal.aborted) {
      await wait(LEASE_MS, stopping.signal);
      try {
        await renew(database, [...working]);
        await releaseAbandoned(database);
        await releaseEmptyQueues(database);
      } catch (error) {
        log.debug({ err: error }, "the leases of jobs could not be renewed; trying again");
      }
    }
  }

  const running = Promise.all([supervise(), keepLeases()]);
  return {
    isRunning: () => current !== undefined,
    async stop() {
      stopping.abort();
      // It rejects where the worker has ended by itself.
      const stopped = current?.stop().catch(() => undefined);
      const inTime = await Promise.race([
        Promise.all([stopped, running]).then(() => true),
        sleep(STOP_MS_MAX, false, { ref: false }),
      ]);
      if (!inTime) log.warn({}, "effects were still being performed; they are done again later");
    },
  };
}

function tasks({ bell, engine }: AlarmClockOptions): TaskList {
  return {
    // Asked for by servers of before; the event itself is stored.
    async [TASK_ADVANCE](payload) {
      const { pullRequest } = payload as { readonly pullRequest: PullRequestId };
      bell.ring(pullRequest);
    },
    async [TASK_PERFORM](payload) {
      const { key } = payload as { readonly key: string };
      await engine.perform(key);
    },
    async [TASK_ADMIT](payload) {
      const { installation } = payload as { readonly installation: InstallationId };
      await engine.admit(installation);
    },
  };
}

/** Whoever holds a job is named by the run of the queue that took it. */
async function release(database: Database, holders: readonly string[]): Promise<void> {
  if (holders.length === 0) return;
  await database.pool.query("select graphile_worker.force_unlock_workers($1::text[])", [holders]);
}

/**
 * Only what is really worked on. A job whose lock was stored and whose answer was lost with its connection is held by
 * somebody who does not know of it: to renew that would be to keep it for ever (L33).
 */
async function renew(database: Database, jobs: readonly string[]): Promise<void> {
  if (jobs.length === 0) return;
  await database.pool.query(
    `update graphile_worker._private_jobs set locked_at = now()
     where id = any($1::bigint[]) and locked_by is not null`,
    [jobs],
  );
}

async function releaseAll(database: Database): Promise<void> {
  const { rows } = await database.pool.query<{ locked_by: string }>(
    "select distinct locked_by from graphile_worker.jobs where locked_by is not null",
  );
  await release(
    database,
    rows.map((row) => row.locked_by),
  );
}

/** Job by job: whoever holds one of them still works on others. */
async function releaseAbandoned(database: Database): Promise<void> {
  await database.pool.query(
    `update graphile_worker._private_jobs set locked_by = null, locked_at = null
     where locked_at < now() - $1 * interval '1 second'`,
    [ABANDONED_SECONDS],
  );
}

/**
 * A job that was given to another while the first still worked on it is ended by whoever comes back earlier, and leaves
 * its queue to the other, who finds nothing to end (graphile-worker 0.17.3, `sql/completeJobs.js`): nobody would ever
 * work in that queue again. Queue and job are taken and ended in one statement, so one without the other is such a queue.
 */
async function releaseEmptyQueues(database: Database): Promise<void> {
  await database.pool.query(
    `update graphile_worker._private_job_queues queue set locked_by = null, locked_at = null
     where locked_at < now() - $1 * interval '1 second' and not exists (
       select from graphile_worker._private_jobs job
       where job.job_queue_id = queue.id and job.locked_by = queue.locked_by
     )`,
    [EMPTY_SECONDS],
  );
}

async function retrying(work: () => Promise<void>, signal: AbortSignal, log: Log): Promise<void> {
  while (!signal.aborted) {
    try {
      return await work();
    } catch (error) {
      log.debug({ err: error }, "the job queue could not be read yet");
      await wait(RESTART_MS_MAX, signal);
    }
  }
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** Its failures are ordinary: an effect that is tried again, a database that restarts. */
function jobLogger(log: Log): Logger {
  return new Logger((scope) => (level, message, meta) => {
    const fields = { ...scope, ...meta };
    if (level === "error" || level === "warning") log.warn(fields, message);
    else log.debug(fields, message);
  });
}
