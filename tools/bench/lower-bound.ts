import type { Job } from "./graphs.ts";

/**
 * No schedule of the job on so many workers is shorter. The larger of these, over the whole job and over every part of
 * it that lies between two nodes (what comes after the one and before the other has to be done in between):
 *
 * - the longest path;
 * - work ÷ workers;
 * - of the k × workers + 1 longest dirspaces one worker does k + 1, so at least the k + 1 shortest of these.
 */
export function lowerBound(job: Job, workers: number): number {
  const count = job.nodes.length;
  const after = ancestors(job);
  const longestFirst = [...job.durations.keys()].sort(
    (a, b) => (job.durations[b] ?? 0) - (job.durations[a] ?? 0),
  );
  // When each can begin at the earliest; nodes come after what they wait for. The last is the end of everything.
  const begins: number[] = [];
  for (let node = 0; node <= count; node += 1) {
    const before = after[node] ?? new Set(job.nodes.keys());
    let begin = packed(job, workers, longestFirst, before);
    for (const from of before) {
      const between = new Set([...before].filter((one) => after[one]?.has(from)));
      const ends = (begins[from] ?? 0) + (job.durations[from] ?? 0);
      begin = Math.max(begin, ends + packed(job, workers, longestFirst, between));
    }
    begins[node] = begin;
  }
  return begins[count] ?? 0;
}

/** All that each node waits for, directly or not. */
function ancestors({ nodes }: Job): readonly ReadonlySet<number>[] {
  const all: Set<number>[] = [];
  for (const { after } of nodes) {
    const own = new Set(after);
    for (const before of after) for (const one of all[before] ?? []) own.add(one);
    all.push(own);
  }
  return all;
}

function packed(
  { durations }: Job,
  workers: number,
  longestFirst: readonly number[],
  part: ReadonlySet<number>,
): number {
  if (part.size === 0) return 0;
  const own = longestFirst.flatMap((node) => (part.has(node) ? [durations[node] ?? 0] : []));
  let bound = own.reduce((sum, each) => sum + each, 0) / workers;
  for (let each = 1; (each - 1) * workers < own.length; each += 1) {
    const last = (each - 1) * workers + 1;
    const shortest = own.slice(last - each, last);
    bound = Math.max(
      bound,
      shortest.reduce((sum, one) => sum + one, 0),
    );
  }
  return bound;
}
