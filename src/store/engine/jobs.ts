import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../transaction.ts";

/** Names of the alarm clock's tasks. */
export const TASK_ADVANCE = "advance";
export const TASK_PERFORM = "perform";

/** Edits of comment and checks wait this long for more to come, so that many results are one edit. */
export const PUBLISH_DELAY_MS = 700;
/** A queue for each pull request would be a row for each, looked through with every job. */
const PUBLISH_QUEUES = 16;
/** The queue's own limit; after these the row waits for the sweep. */
export const JOB_ATTEMPTS_MAX = 12;

/** Has the pull request's next event decided; wishes for the same pull request are one job. */
export async function wakePullRequest(tx: Tx, pullRequestId: string, delayMs = 0): Promise<void> {
  await sql`select from ${advanceCall(sql`${pullRequestId}::uuid`, delayMs)}`.execute(tx);
}

/** The same as a part of a statement that knows the pull request by itself. */
export function advanceCall(pullRequestId: RawBuilder<unknown>, delayMs = 0): RawBuilder<unknown> {
  return addJobCall(TASK_ADVANCE, sql`json_build_object('pullRequest', ${pullRequestId})`, {
    key: sql`'advance:' || ${pullRequestId}`,
    delayMs,
    mode: "replace",
    queue: sql`null`,
  });
}

export async function wakeEffect(tx: Tx, key: string, kind: string, pauseMs = 0): Promise<void> {
  const delayMs = Math.max(pauseMs, kind === "publish" ? PUBLISH_DELAY_MS : 0);
  // `preserve_run_at`: a stream of wishes may not put the edit off for ever.
  const mode = kind === "publish" ? "preserve_run_at" : "replace";
  const payload = sql`${JSON.stringify({ key })}::json`;
  // Two edits of one comment at a time could end with the older text, or with two comments (L40).
  const queue = kind === "publish" ? sql`${queueOf(key)}` : sql`null`;
  const jobKey = sql`${`perform:${key}`}`;
  const call = addJobCall(TASK_PERFORM, payload, { key: jobKey, delayMs, mode, queue });
  await sql`select from ${call}`.execute(tx);
}

function addJobCall(
  task: string,
  payload: RawBuilder<unknown>,
  options: {
    readonly key: RawBuilder<unknown>;
    readonly delayMs: number;
    readonly mode: string;
    /** Jobs of one queue run one after the other. */
    readonly queue: RawBuilder<unknown>;
  },
): RawBuilder<unknown> {
  return sql`
    graphile_worker.add_job(
      ${task}, payload := ${payload}, job_key := ${options.key}, job_key_mode := ${options.mode},
      max_attempts := ${JOB_ATTEMPTS_MAX}::int, queue_name := ${options.queue}::text,
      run_at := clock_timestamp() + ${options.delayMs} * interval '1 millisecond'
    )
  `;
}

/** The same key always has the same queue. */
export function queueOf(key: string): string {
  let hash = 0;
  for (let at = 0; at < key.length; at++) hash = (hash * 31 + key.charCodeAt(at)) >>> 0;
  return `publish-${hash % PUBLISH_QUEUES}`;
}
