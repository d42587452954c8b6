import { type Dirspace, type DirspaceKey, dirspaceKey } from "../change/dirspace.ts";

/** One dirspace that needs a CI job, with what is known of it. */
export interface Weighed<T> {
  readonly item: T;
  readonly dirspace: Dirspace;
  /** Only those with the same one share a job. */
  readonly group: string;
  /** Those of the list that come before it. */
  readonly before: readonly DirspaceKey[];
  readonly expectedMs: number;
}

interface Balanced<T> {
  readonly jobs: readonly (readonly T[])[];
  readonly held: readonly T[];
}

/**
 * As few jobs as the limit allows, which take about the same time: the longest work goes first, each to the job that has
 * least. What depends on each other goes together as far as it fits. `list` is in the order of waves, and its order within
 * a wave that of names, so that who asks has no influence.
 */
export function balance<T>(list: readonly Weighed<T>[], max: number): Balanced<T> {
  const held = new Set<DirspaceKey>();
  const known = new Map(list.map((one) => [dirspaceKey(one.dirspace), one]));
  for (const one of list) {
    const waits = one.before.some((key) => held.has(key) || known.get(key)?.group !== one.group);
    if (waits) held.add(dirspaceKey(one.dirspace));
  }
  const free = list.filter((one) => !held.has(dirspaceKey(one.dirspace)));
  const groups = [...new Set(free.map(({ group }) => group))];
  const jobs = groups.flatMap((group) => {
    const own = free.filter((one) => one.group === group);
    return placeGroup(own, max, held).map((job) => job.members);
  });
  const order = new Map(list.map((one, at) => [one, at]));
  const at = (one: Weighed<T> | undefined) => (one && order.get(one)) ?? list.length;
  return {
    jobs: jobs
      .map((own) => own.toSorted((a, b) => at(a) - at(b)))
      .sort((a, b) => at(a[0]) - at(b[0]))
      .map((own) => own.map(({ item }) => item)),
    held: list.filter((one) => held.has(dirspaceKey(one.dirspace))).map(({ item }) => item),
  };
}

interface Job<T> {
  readonly members: Weighed<T>[];
  readonly dirs: Set<string>;
  ms: number;
}

function placeGroup<T>(
  own: readonly Weighed<T>[],
  max: number,
  held: Set<DirspaceKey>,
): readonly Job<T>[] {
  const jobs = Array.from({ length: fewest(own, max) }, () => newJob<T>());
  const takes = (job: Job<T>, part: readonly Weighed<T>[]) =>
    job.members.length + part.length <= max &&
    new Set(part.map(({ dirspace }) => dirspace.dir)).size === part.length &&
    part.every(({ dirspace }) => !job.dirs.has(dirspace.dir));
  const place = (part: readonly Weighed<T>[]): Job<T> | undefined => {
    const least = leastOf(jobs.filter((job) => takes(job, part)));
    const job = least ?? newJob<T>();
    if (!takes(job, part)) return undefined;
    if (least === undefined) jobs.push(job);
    for (const one of part) add(job, one);
    return job;
  };
  const tooLarge = partsOf(own).filter((part) => place(part) === undefined);
  const jobOf = new Map<DirspaceKey, Job<T>>();
  for (const one of tooLarge.flat()) {
    const before = new Set(one.before.map((key) => jobOf.get(key)));
    const [first] = before;
    const follows = before.size === 1 && first !== undefined && takes(first, [one]);
    const job = before.size === 0 ? place([one]) : follows ? first : undefined;
    const key = dirspaceKey(one.dirspace);
    if (job === undefined) {
      held.add(key);
      continue;
    }
    if (follows) add(job, one);
    jobOf.set(key, job);
  }
  return jobs.filter(({ members }) => members.length > 0);
}

function newJob<T>(): Job<T> {
  return { members: [], dirs: new Set(), ms: 0 };
}

function add<T>(job: Job<T>, one: Weighed<T>): void {
  job.members.push(one);
  job.dirs.add(one.dirspace.dir);
  job.ms += one.expectedMs;
}

function leastOf<T>(jobs: readonly Job<T>[]): Job<T> | undefined {
  let least: Job<T> | undefined;
  for (const job of jobs) if (least === undefined || job.ms < least.ms) least = job;
  return least;
}

/** No job holds more than the limit, or two workspaces of a directory. */
function fewest<T>(own: readonly Weighed<T>[], max: number): number {
  const workspaces = new Map<string, number>();
  let most = Math.ceil(own.length / max);
  for (const { dirspace } of own) {
    const count = (workspaces.get(dirspace.dir) ?? 0) + 1;
    workspaces.set(dirspace.dir, count);
    most = Math.max(most, count);
  }
  return most;
}

/** What depends on each other, directly or not; the longest together first. */
function partsOf<T>(own: readonly Weighed<T>[]): readonly (readonly Weighed<T>[])[] {
  const partOf = new Map<DirspaceKey, readonly number[]>();
  for (const [at, one] of own.entries()) {
    const joined = new Set(one.before.map((key) => partOf.get(key) ?? []));
    const part = [...[...joined].flat(), at];
    for (const member of part) {
      const key = own[member]?.dirspace;
      if (key !== undefined) partOf.set(dirspaceKey(key), part);
    }
  }
  // Sorting is stable: of equally long ones the one with the first member stays in front.
  return [...new Set(own.map(({ dirspace }) => partOf.get(dirspaceKey(dirspace)) ?? []))]
    .map((part) => part.toSorted((a, b) => a - b).flatMap((at) => own[at] ?? []))
    .map((part) => ({ part, ms: part.reduce((sum, one) => sum + one.expectedMs, 0) }))
    .sort((a, b) => b.ms - a.ms)
    .map(({ part }) => part);
}
