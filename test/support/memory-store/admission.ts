import { present } from "../../../src/base/assert.ts";
import type { AttemptId, InstallationId } from "../../../src/core/ids.ts";
import { capOf, environmentCap, type JobCaps } from "../../../src/core/schedule/caps.ts";
import {
  type Chosen,
  chooseJobs,
  type Lane,
  type Share,
} from "../../../src/core/schedule/choose.ts";
import type { EngineStore } from "../../../src/ports/engine-store.ts";
import { STARTS_MAX } from "../../../src/store/engine/admission.ts";
import type { MemoryDatabase } from "./database.ts";
import { wantEffect } from "./outbox.ts";
import type { CiJobRow } from "./rows.ts";
import { runOf } from "./runs.ts";

/** S9: as `src/store/engine/admission.ts`, over all that waits and not over heads of indexes. */
export function admissionStore(db: MemoryDatabase): Pick<EngineStore, "admit"> {
  return {
    admit: (installation, caps) => db.transaction(() => admitOnce(db, installation, caps)),
  };
}

function admitOnce(
  db: MemoryDatabase,
  installation: InstallationId,
  caps: JobCaps,
): Awaited<ReturnType<EngineStore["admit"]>> {
  const { ciGates, ciJobsOf } = db.tables;
  const served = ciGates.get(installation) ?? 0;
  const heard = hearNews(db, installation, served);
  const jobs = [...ciJobsOf.of(installation)];
  const running = jobs.filter((job) => job.state === "admitted");
  const external = installation.slice(installation.indexOf("|") + 1);
  const room = Math.min(capOf(caps.installation, external) - running.length, STARTS_MAX);
  if (room <= 0) return { started: [], more: heard > 0 };
  const waiting = jobs.filter((job) => job.state === "waiting");
  for (let blocked = 0; ; ) {
    const shares = sharesOf(db, installation, caps, { running, waiting });
    const chosen = chooseJobs({ served, room, shares });
    const busy = chosen.jobs.filter((job) => block(db, job.attempt));
    if (busy.length === 0) {
      start(db, chosen);
      keep(db, installation, chosen);
      const moved = chosen.jobs.length + chosen.shares.length + heard + blocked > 0;
      return { started: chosen.jobs.map((job) => job.attempt), more: moved };
    }
    blocked += busy.length;
    const out = new Set(busy.map((job) => job.attempt));
    waiting.splice(0, waiting.length, ...waiting.filter((job) => !out.has(job.attemptId)));
  }
}

function hearNews(db: MemoryDatabase, installation: InstallationId, served: number): number {
  const { ciNews, ciNewsOf, ciJobs, ciJobsOf, ciLanes, ciShares } = db.tables;
  const named = new Set<AttemptId>();
  const free = new Set<number>();
  const heard = [...ciNewsOf.of(installation)];
  for (const news of heard) {
    if (news.attemptId !== undefined) named.add(news.attemptId);
    if (news.dirspaceId !== undefined) free.add(news.dirspaceId);
    ciNews.remove(news.id);
  }
  for (const job of ciJobsOf.of(installation)) {
    const freed = job.blockedOn !== undefined && free.has(job.blockedOn);
    if (job.state === "new" || freed) named.add(job.attemptId);
  }
  for (const id of named) {
    const job = present(ciJobs.get(id), "a job that was spoken of");
    if (job.state === "ended") continue;
    ciJobs.put(id, { ...job, state: stateNow(db, job), blockedOn: undefined });
    ciLanes.put(`${job.repositoryId}|${job.environment}`, true);
    const share = ciShares.get(job.repositoryId) ?? { served, starts: 0 };
    ciShares.put(job.repositoryId, { ...share, open: true });
  }
  return named.size;
}

function stateNow(db: MemoryDatabase, job: CiJobRow): CiJobRow["state"] {
  const attempt = present(db.tables.attempts.get(job.attemptId), "a job's attempt");
  const over = attempt.endedAt !== undefined || attempt.finishedAt !== undefined;
  if (job.state === "admitted") return over ? "ended" : "admitted";
  return runOf(db, attempt).state === "ended" ? "ended" : "waiting";
}

function sharesOf(
  db: MemoryDatabase,
  installation: InstallationId,
  caps: JobCaps,
  jobs: { readonly running: readonly CiJobRow[]; readonly waiting: readonly CiJobRow[] },
): readonly Share[] {
  const { ciJobsOf, ciShares, ciLanes, repositories } = db.tables;
  const known = new Set([...ciJobsOf.of(installation)].map((job) => job.repositoryId));
  return [...known].flatMap((repository): Share[] => {
    const share = ciShares.get(repository);
    if (!share?.open) return [];
    const name = present(repositories.get(repository), "a job's repository").stored.ref.fullName;
    const running = jobs.running.filter((job) => job.repositoryId === repository);
    const waiting = jobs.waiting.filter((job) => job.repositoryId === repository);
    const lanes = [...new Set([...ciJobsOf.of(installation)].flatMap(laneOf(repository)))];
    return [
      {
        repository,
        served: share.served,
        starts: share.starts,
        running: running.length,
        max: capOf(caps.repository, name),
        lanes: lanes.sort().flatMap((environment): Lane[] => {
          if (ciLanes.get(`${repository}|${environment}`) !== true) return [];
          const isHere = (job: CiJobRow) => job.environment === environment;
          return [
            {
              environment,
              running: running.filter(isHere).length,
              max: environmentCap(caps, name, environment),
              waiting: waiting.filter(isHere).map(({ attemptId, ...job }) => ({
                attempt: attemptId,
                kind: job.kind,
                expectedMs: job.expectedMs,
                remainingMs: job.remainingMs,
                seq: job.seq,
              })),
              complete: true,
            },
          ];
        }),
      },
    ];
  });
}

function laneOf(repository: CiJobRow["repositoryId"]) {
  return (job: CiJobRow) => (job.repositoryId === repository ? [job.environment] : []);
}

/** True where it cannot start: an apply of another run has one of its dirspaces, or is before it there (S8). */
function block(db: MemoryDatabase, id: AttemptId): boolean {
  const { ciJobs, runs, worksOf, openApplies } = db.tables;
  const job = present(ciJobs.get(id), "a chosen job");
  if (runs.get(job.runId)?.state === "ended") {
    ciJobs.put(id, { ...job, state: "ended" });
    return true;
  }
  for (const mine of worksOf.of(job.runId)) {
    for (const busy of openApplies.of(mine.dirspaceId)) {
      if (busy.runId === mine.runId) continue;
      const holds = busy.state === "granted" || busy.state === "unknown";
      if (!holds && !(mine.op === "apply" && busy.seq < mine.seq)) continue;
      ciJobs.put(id, { ...job, state: "blocked", blockedOn: mine.dirspaceId });
      return true;
    }
  }
  return false;
}

function start(db: MemoryDatabase, { jobs }: Chosen): void {
  for (const { attempt } of jobs) {
    const job = present(db.tables.ciJobs.get(attempt), "a chosen job");
    db.tables.ciJobs.put(attempt, { ...job, state: "admitted", admittedAt: db.now });
    const { runId, pullRequestId } = job;
    const key = `dispatch:${attempt}`;
    if (db.tables.outbox.get(key) !== undefined) continue;
    wantEffect(db, pullRequestId, { kind: "dispatch", key, runId, attemptId: attempt });
  }
}

function keep(db: MemoryDatabase, installation: InstallationId, chosen: Chosen): void {
  const { ciGates, ciLanes, ciShares } = db.tables;
  ciGates.put(installation, chosen.served);
  for (const { repository, served, starts, open } of chosen.shares) {
    ciShares.put(repository, { served, starts, open });
  }
  for (const { repository, environment } of chosen.closedLanes) {
    ciLanes.put(`${repository}|${environment}`, false);
  }
}
