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

/** What operators set each with, for people who wait because of it. */
export const JOB_CAP_SETTINGS: Readonly<Record<keyof JobCaps, string>> = {
  installation: "TERRANE_JOBS_PER_INSTALLATION",
  repository: "TERRANE_JOBS_PER_REPOSITORY",
  environment: "TERRANE_JOBS_PER_ENVIRONMENT",
};

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

/** How many jobs have a place now where a job wants one, and what those places are called. */
export interface PlacesTaken {
  readonly installation: { readonly name: string; readonly running: number };
  readonly repository: { readonly name: string; readonly running: number };
  /** Its name is empty for a job without one. */
  readonly environment: { readonly name: string; readonly running: number };
}

/** A cap that keeps a job waiting. */
export interface ReachedCap {
  readonly of: keyof JobCaps;
  readonly name: string;
  readonly max: number;
  /** More than `max` where the cap was lowered meanwhile. */
  readonly running: number;
}

/** The widest first. */
export function reachedCaps(caps: JobCaps, taken: PlacesTaken): readonly ReachedCap[] {
  const { installation, repository, environment } = taken;
  const all: readonly ReachedCap[] = [
    { of: "installation", ...installation, max: capOf(caps.installation, installation.name) },
    { of: "repository", ...repository, max: capOf(caps.repository, repository.name) },
    {
      of: "environment",
      ...environment,
      max: environmentCap(caps, repository.name, environment.name),
    },
  ];
  return all.filter(({ running, max }) => running >= max);
}
