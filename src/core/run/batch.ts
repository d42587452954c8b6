import { canonicalJson } from "../../base/canonical-json.ts";
import { compareDirspaces, type Dirspace, dirspaceKey } from "../change/dirspace.ts";
import type { BatchRuns } from "../config/config.ts";
import type { RunsOn } from "../config/engine.ts";
import { balance } from "./balance.ts";

/** What has to be known of a dirspace to say which CI job works on it. */
export interface Batchable {
  readonly dirspace: Dirspace;
  readonly wave: number;
  readonly predecessors: readonly Dirspace[];
  readonly workflow: { readonly environment?: string; readonly runsOn?: RunsOn };
}

export interface Batches<T> {
  /** Each for one CI job, which has one environment and runs on one kind of machine. */
  readonly batches: readonly (readonly T[])[];
  /** What comes after something in another job: it waits until that job has ended. */
  readonly held: readonly T[];
}

/**
 * Which dirspaces share a CI job. Without `batch_runs` all with the same environment and machine do; with it at
 * most so many, and never two workspaces of one directory; where it is known how long they take, the jobs end about
 * together. The order of `items` does not matter.
 */
export function batch<T extends Batchable>(
  items: readonly T[],
  rules: BatchRuns,
  expectedMs?: (item: T) => number,
): Batches<T> {
  const sorted = [...items].sort(
    (a, b) => a.wave - b.wave || compareDirspaces(a.dirspace, b.dirspace),
  );
  const wanted = new Set(items.map((item) => dirspaceKey(item.dirspace)));
  if (rules.enabled && expectedMs !== undefined) {
    const list = sorted.map((item) => ({
      item,
      dirspace: item.dirspace,
      group: keyOf(item),
      before: item.predecessors.map(dirspaceKey).filter((key) => wanted.has(key)),
      expectedMs: expectedMs(item),
    }));
    const { jobs, held } = balance(list, Math.max(1, rules.maxWorkspacesPerBatch));
    return { batches: jobs, held };
  }
  const jobOf = new Map<string, Job<T>>();
  const held: T[] = [];
  const groups = new Map<string, Group<T>>();
  // Predecessors are in an earlier wave, so where they went is known.
  for (const item of sorted) {
    const keys = item.predecessors.map(dirspaceKey).filter((key) => wanted.has(key));
    const before = new Set(keys.map((key) => jobOf.get(key)));
    const groupKey = keyOf(item);
    const group = groups.get(groupKey) ?? newGroup<T>(rules);
    groups.set(groupKey, group);
    const [job] = before.size === 0 ? [group.jobFor(item)] : before;
    if (before.size > 1 || job?.group !== group || !job.takes(item)) {
      held.push(item);
      continue;
    }
    job.add(item);
    jobOf.set(dirspaceKey(item.dirspace), job);
  }
  const ordered = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return { batches: ordered.flatMap(([, { jobs }]) => jobs.map(({ items: own }) => own)), held };
}

interface Group<T> {
  readonly jobs: readonly Job<T>[];
  /** One that takes the item. */
  readonly jobFor: (item: T) => Job<T>;
}

interface Job<T> {
  readonly group: Group<T>;
  readonly items: readonly T[];
  readonly takes: (item: T) => boolean;
  readonly add: (item: T) => void;
}

function keyOf({ workflow: { environment, runsOn } }: Batchable): string {
  return canonicalJson([environment ?? null, runsOn ?? null]);
}

function newGroup<T extends Batchable>({ enabled, maxWorkspacesPerBatch }: BatchRuns): Group<T> {
  const max = enabled ? Math.max(1, maxWorkspacesPerBatch) : Number.POSITIVE_INFINITY;
  const jobs: Job<T>[] = [];
  // The first that may have room, and of each directory the first that may not have it.
  let open = 0;
  const next = new Map<string, number>();
  const group: Group<T> = {
    jobs,
    jobFor: (item) => {
      while ((jobs[open]?.items.length ?? 0) >= max) open += 1;
      const { dir } = item.dirspace;
      let at = enabled ? Math.max(open, next.get(dir) ?? 0) : open;
      while (jobs[at]?.takes(item) === false) at += 1;
      next.set(dir, at + 1);
      const known = jobs[at] ?? newJob<T>(group, enabled, max);
      if (jobs[at] === undefined) jobs.push(known);
      return known;
    },
  };
  return group;
}

function newJob<T extends Batchable>(group: Group<T>, enabled: boolean, max: number): Job<T> {
  const items: T[] = [];
  const dirs = new Set<string>();
  return {
    group,
    items,
    takes: (item) => items.length < max && !(enabled && dirs.has(item.dirspace.dir)),
    add: (item) => {
      items.push(item);
      dirs.add(item.dirspace.dir);
    },
  };
}
