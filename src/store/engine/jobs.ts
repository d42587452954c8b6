import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../transaction.ts";

/** Names of the alarm clock's tasks. */
export const TASK_ADVANCE = "advance";
export const TASK_PERFORM = "perform";

/** Edits of comment and checks wait this long for more to come, so that many results are one edit. */
const PUBLISH_DELAY_MS = 700;
/** The queue's own limit; after these the row waits for the sweep. */
const JOB_ATTEMPTS_MAX = 12;

/** Has the pull request's next event decided; wishes for the same pull request are one job. */
export async function wakePullRequest(tx: Tx, pullRequestId: string, delayMs = 0): Promise<void> {
  await addJob(tx, TASK_ADVANCE, sql`${json({ pullRequest: pullRequestId })}`, {
    key: `advance:${pullRequestId}`,
    delayMs,
    mode: "replace",
  });
}

export async function wakeEffect(tx: Tx, key: string, kind: string): Promise<void> {
  const delayMs = kind === "publish" ? PUBLISH_DELAY_MS : 0;
  // `preserve_run_at`: a stream of wishes may not put the edit off for ever.
  const mode = kind === "publish" ? "preserve_run_at" : "replace";
  await addJob(tx, TASK_PERFORM, sql`${json({ key })}`, { key: `perform:${key}`, delayMs, mode });
}

async function addJob(
  tx: Tx,
  task: string,
  payload: RawBuilder<unknown>,
  options: { readonly key: string; readonly delayMs: number; readonly mode: string },
): Promise<void> {
  await sql`
    select from graphile_worker.add_job(
      ${task}, payload := ${payload}::json, job_key := ${options.key}, job_key_mode := ${options.mode},
      max_attempts := ${JOB_ATTEMPTS_MAX}::int,
      run_at := clock_timestamp() + ${options.delayMs} * interval '1 millisecond'
    )
  `.execute(tx);
}

function json(value: unknown): string {
  return JSON.stringify(value);
}
