import { prng } from "../../src/base/prng.ts";
import type { AttemptId, RepositoryId } from "../../src/core/ids.ts";
import { chooseJobs, type WaitingJob } from "../../src/core/schedule/choose.ts";
import type { Benchmark } from "./benchmark.ts";
import { rounded, spread } from "./statistics.ts";

const TENANTS = 50;
const PLACES = 60;
const SEEDS = 5;
/** Simulated: an hour, in seconds. */
const SECONDS = 3_600;
/** The largest tenant asks for so many times what the smallest does. */
const LOAD_RATIO = 100;

interface Tenant {
  readonly repository: RepositoryId;
  readonly waiting: WaitingJob[];
  running: number;
  served: number;
  starts: number;
  /** Seconds of CI time that it got. */
  got: number;
}

/**
 * Fifty repositories share one installation's places for a simulated hour; each asks for more than its share, the largest
 * for a hundred times what the smallest does, and their jobs take from 5 to 300 s. Jain's index over what each got: 1 is
 * equal, 1/50 is all to one. Compared with the usual way, whoever came first.
 */
export const fairness: Benchmark = ({ say, quick }) => {
  const seeds = Array.from({ length: quick ? 2 : SEEDS }, (_, seed) => seed + 1);
  const ours = seeds.map((seed) => jain(share(seed, "fair")));
  const arrival = seeds.map((seed) => jain(share(seed, "arrival")));
  say(`fairness: ${spread(ours).median}, by arrival ${spread(arrival).median}`);
  return Promise.resolve({
    tenants: TENANTS,
    places: PLACES,
    loadRatio: LOAD_RATIO,
    jain: spread(ours),
    jainByArrival: spread(arrival),
    worst: rounded(Math.min(...ours)),
  });
};

function jain(got: readonly number[]): number {
  const sum = got.reduce((total, one) => total + one, 0);
  const squares = got.reduce((total, one) => total + one * one, 0);
  return (sum * sum) / (got.length * squares);
}

function share(seed: number, how: "fair" | "arrival"): readonly number[] {
  const tenants = makeTenants(seed);
  const ends: { readonly at: number; readonly tenant: Tenant }[] = [];
  let served = 0;
  for (let now = 0; now < SECONDS; now += 1) {
    for (const { tenant } of ends.filter(({ at }) => at === now)) tenant.running -= 1;
    const room = PLACES - tenants.reduce((sum, tenant) => sum + tenant.running, 0);
    const jobs = how === "fair" ? fair(tenants, room, served) : byArrival(tenants, room);
    served = jobs.served;
    for (const { tenant, job } of jobs.started) {
      const seconds = job.expectedMs / 1_000;
      tenant.running += 1;
      tenant.got += Math.min(seconds, SECONDS - now);
      tenant.waiting.splice(tenant.waiting.indexOf(job), 1);
      ends.push({ at: now + seconds, tenant });
    }
  }
  return tenants.map((tenant) => tenant.got);
}

interface Started {
  readonly served: number;
  readonly started: readonly { readonly tenant: Tenant; readonly job: WaitingJob }[];
}

function fair(tenants: readonly Tenant[], room: number, served: number): Started {
  const chosen = chooseJobs({
    served,
    room,
    shares: tenants.map((tenant) => ({
      ...tenant,
      max: PLACES,
      lanes: [
        {
          environment: "",
          running: 0,
          max: PLACES,
          waiting: tenant.waiting.slice(0, room),
          complete: false,
        },
      ],
    })),
  });
  const byName = new Map(tenants.map((tenant) => [tenant.repository, tenant]));
  for (const after of chosen.shares) {
    const tenant = byName.get(after.repository);
    if (tenant !== undefined) Object.assign(tenant, { served: after.served, starts: after.starts });
  }
  const ofJob = new Map(
    tenants.flatMap((tenant) => tenant.waiting.slice(0, room).map((job) => [job, tenant] as const)),
  );
  const started = chosen.jobs.flatMap((job) => {
    const tenant = ofJob.get(job);
    return tenant === undefined ? [] : [{ tenant, job }];
  });
  return { started, served: chosen.served };
}

function byArrival(tenants: readonly Tenant[], room: number): Started {
  const heads = tenants.flatMap((tenant) =>
    tenant.waiting.slice(0, room).map((job) => ({ tenant, job })),
  );
  return { served: 0, started: heads.sort((a, b) => a.job.seq - b.job.seq).slice(0, room) };
}

/** The loads grow evenly from the smallest, which asks for twice its share, to the largest. */
function makeTenants(seed: number): Tenant[] {
  const random = prng(seed);
  const fairShare = (PLACES * SECONDS) / TENANTS;
  return Array.from({ length: TENANTS }, (_, at) => {
    const load = 2 * fairShare * LOAD_RATIO ** (at / (TENANTS - 1));
    const waiting: WaitingJob[] = [];
    const usual = 5 + random.below(120);
    for (let asked = 0; asked < load; ) {
      const seconds = random.chance(1 / 8) ? 60 + random.below(240) : usual;
      asked += seconds;
      const seq = random.uint32();
      const attempt = `${at}-${waiting.length}` as AttemptId;
      waiting.push({ attempt, kind: "plan", expectedMs: seconds * 1_000, remainingMs: 0, seq });
    }
    waiting.sort((a, b) => a.seq - b.seq);
    const repository = String(at).padStart(2, "0") as RepositoryId;
    return { repository, waiting, running: 0, served: 0, starts: 0, got: 0 };
  });
}
