/** How many CI jobs may run at once, and for whom it is another number. */
export interface JobCap {
  readonly max: number;
  /** By name: an installation's id on its VCS, `owner/name`, or `owner/name:environment`. */
  readonly of: ReadonlyMap<string, number>;
}

/** S9: caps of one installation, of one repository, and of one environment of a repository. */
export interface JobCaps {
  readonly installation: JobCap;
  readonly repository: JobCap;
  readonly environment: JobCap;
}

/**
 * A hosted CI system gives an organisation some 20 to 500 jobs at once and queues the rest by arrival alone, so that
 * one repository can keep all others waiting. With these numbers it is rarely the one that queues.
 */
export const JOB_CAPS: JobCaps = {
  installation: { max: 60, of: new Map() },
  repository: { max: 20, of: new Map() },
  environment: { max: 10, of: new Map() },
};

export function capOf(cap: JobCap, name: string): number {
  return cap.of.get(name) ?? cap.max;
}

/** Jobs without an environment count for their repository only. */
export function environmentCap(caps: JobCaps, repository: string, environment: string): number {
  if (environment === "") return Number.POSITIVE_INFINITY;
  return capOf(caps.environment, `${repository}:${environment}`);
}
