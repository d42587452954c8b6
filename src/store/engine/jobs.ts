import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../transaction.ts";

/** Names of the alarm clock's tasks. `advance` is what servers before this one asked for. */
export const TASK_ADVANCE = "advance";
export const TASK_PERFORM = "perform";

/** Edits of comment and checks wait this long for more to come, so that many results are one edit. */
export const PUBLISH_DELAY_MS = 700;
/** A queue for each pull request would be a row for each, looked through with every job. */
const PUBLISH_QUEUES = 16;
/** The queue's own limit; after these the row waits for the sweep. */
export const JOB_ATTEMPTS_MAX = 12;

/** What has to be performed, and how urgent it is: the smaller number goes first, of all pull requests. */
export interface EffectJob {
  readonly key: string;
  readonly kind: string;
  readonly priority: number;
}

export async function wakeEffect(tx: Tx, job: EffectJob, pauseMs = 0): Promise<void> {
  const isEdit = job.kind === "publish";
  const delayMs = Math.max(pauseMs, isEdit ? PUBLISH_DELAY_MS : 0);
  // `preserve_run_at`: a stream of wishes may not put the edit off for ever.
  const mode = isEdit ? "preserve_run_at" : "replace";
  // Two edits of one comment at a time could end with the older text, or with two comments (L40).
  const queue: RawBuilder<unknown> = isEdit ? sql`${queueOf(job.key)}` : sql`null`;
  await sql`
    select from graphile_worker.add_job(
      ${TASK_PERFORM}, payload := ${JSON.stringify({ key: job.key })}::json,
      job_key := ${`perform:${job.key}`}, job_key_mode := ${mode},
      max_attempts := ${JOB_ATTEMPTS_MAX}::int, queue_name := ${queue}::text,
      priority := ${job.priority}::int,
      run_at := clock_timestamp() + ${delayMs} * interval '1 millisecond'
    )
  `.execute(tx);
}

/** The same key always has the same queue. */
export function queueOf(key: string): string {
  let hash = 0;
  for (let at = 0; at < key.length; at++) hash = (hash * 31 + key.charCodeAt(at)) >>> 0;
  return `publish-${hash % PUBLISH_QUEUES}`;
}
