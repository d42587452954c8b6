import { type RawBuilder, sql } from "kysely";
import type { Tx } from "../transaction.ts";

/** Names of the alarm clock's tasks. `advance` is what servers before this one asked for. */
export const TASK_ADVANCE = "advance";
export const TASK_PERFORM = "perform";
export const TASK_ADMIT = "admit";

/** Edits of comment and checks wait this long for more to come, so that many results are one edit. */
export const PUBLISH_DELAY_MS = 700;
/** Comments about ended runs come after what is shown, which many results make one edit as well. */
export const RESULTS_DELAY_MS = 2_000;
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
  await addEffectJob(tx, job, {
    delayMs: Math.max(pauseMs, delayOf(job)),
    // `preserve_run_at`: a stream of wishes may not put the edit off for ever.
    mode: isEdit(job) ? "preserve_run_at" : "replace",
    flags: sql`null`,
  });
}

/** Brings up what was put off, as if it were wished for the first time. */
export async function rouseEffect(tx: Tx, job: EffectJob): Promise<void> {
  await addEffectJob(tx, job, { delayMs: delayOf(job), mode: "replace", flags: sql`null` });
}

export function isEdit({ kind }: Pick<EffectJob, "kind">): boolean {
  return kind === "publish" || kind === "publish_results";
}

export function delayOf({ kind }: Pick<EffectJob, "kind">): number {
  if (kind === "publish_results") return RESULTS_DELAY_MS;
  return kind === "publish" ? PUBLISH_DELAY_MS : 0;
}

/** Puts the effect off, and lets nobody take it while one of the lanes is closed. */
export async function putOffEffect(
  tx: Tx,
  job: EffectJob,
  pauseMs: number,
  lanes: readonly string[],
): Promise<void> {
  await addEffectJob(tx, job, { delayMs: pauseMs, mode: "replace", flags: sql`${[...lanes]}` });
}

async function addEffectJob(
  tx: Tx,
  { key, kind, priority }: EffectJob,
  when: Pick<JobOptions, "delayMs" | "mode" | "flags">,
): Promise<void> {
  const call = addJobCall(TASK_PERFORM, sql`${JSON.stringify({ key })}::json`, {
    ...when,
    key: sql`${`perform:${key}`}`,
    // Two edits of one comment at a time could end with the older text, or with two comments (L40).
    queue: isEdit({ kind }) ? sql`${queueOf(key)}` : sql`null`,
    priority,
  });
  await sql`select from ${call}`.execute(tx);
}

/**
 * Has the jobs of an installation admitted. The key is the pull request's, whose decisions come one after the other:
 * with one key for all, every decision of the installation would wait for the one before to commit.
 */
export async function wakeAdmission(
  tx: Tx,
  installationId: string,
  because: string,
  delayMs = 0,
): Promise<void> {
  const payload = sql`json_build_object('installation', ${installationId}::text)`;
  const key = sql`'admit:' || ${because}::text`;
  await sql`select from ${addJobCall(TASK_ADMIT, payload, { ...AT_ONCE, key, delayMs })}`.execute(
    tx,
  );
}

interface JobOptions {
  readonly key: RawBuilder<unknown>;
  readonly delayMs: number;
  readonly mode: string;
  /** Jobs of one queue run one after the other. */
  readonly queue: RawBuilder<unknown>;
  readonly priority: number;
  /** No server takes the job while it has closed one of these. */
  readonly flags: RawBuilder<unknown>;
}

const AT_ONCE = {
  delayMs: 0,
  mode: "replace",
  queue: sql`null`,
  priority: 0,
  flags: sql`null`,
} as const;

function addJobCall(
  task: string,
  payload: RawBuilder<unknown>,
  options: JobOptions,
): RawBuilder<unknown> {
  return sql`
    graphile_worker.add_job(
      ${task}, payload := ${payload}, job_key := ${options.key}, job_key_mode := ${options.mode},
      max_attempts := ${JOB_ATTEMPTS_MAX}::int, queue_name := ${options.queue}::text,
      priority := ${options.priority}::int, flags := ${options.flags}::text[],
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
