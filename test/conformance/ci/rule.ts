import { setTimeout as sleep } from "node:timers/promises";
import type { CiJob, CiStatus } from "../../../src/ports/ci.ts";
import type { CiHarness } from "../ci-harness.ts";

export interface CiRule {
  readonly name: string;
  readonly check: (harness: CiHarness) => Promise<void>;
}

const LOOKS_MAX = 400;

export async function startedJob({ ci }: CiHarness, job: CiJob): Promise<string | undefined> {
  const started = await ci.start(job);
  if (started.kind !== "started") throw new Error(JSON.stringify(started));
  return started.ciRun;
}

/** The first status of this kind; CI systems take their time. */
export async function statusOnce<K extends CiStatus["kind"]>(
  { ci }: CiHarness,
  job: CiJob,
  ciRun: string | undefined,
  kind: K,
): Promise<Extract<CiStatus, { readonly kind: K }>> {
  let last: CiStatus | undefined;
  for (let look = 0; look < LOOKS_MAX; look++) {
    last = await ci.status(job.repository, job.attempt, ciRun);
    if (last.kind === kind) return last as Extract<CiStatus, { readonly kind: K }>;
    await sleep(25);
  }
  throw new Error(`${job.attempt} is ${JSON.stringify(last)} and not ${kind}`);
}
