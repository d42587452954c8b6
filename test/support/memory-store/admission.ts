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
import { LOOKS_MAX, STARTS_MAX } from "../../../src/store/engine/admission.ts";
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
  let served = ciGates.get(installation) ?? 0;
  hearNews(db, installation, served);
  ciGates.put(installation, served);
  const external = installation.slice(installation.indexOf("|") + 1);
  const admitted = [...ciJobsOf.of(installation)].filter((job) => job.state === "admitted");
  let room = capOf(caps.installation, external) - admitted.length;
  const started: AttemptId[] = [];
  let looks = 0;
  for (; room > 0 && looks < LOOKS_MAX && started.length < STARTS_MAX; looks++) {
    const shares = sharesOf(db, installation, caps);
    const least = shares.toSorted((a, b) => a.served - b.served || compareIds(a, b))[0];
    if (least === undefined) return { started, more: false };
    const chosen = chooseJobs({ served, room: 1, shares: [least] });
    const job = chosen.jobs[0];
    if (job === undefined) close(db, chosen);
    else if (!block(db, job.attempt)) {
      start(db, installation, chosen);
      ({ served } = chosen);
      started.push(job.attempt);
      room -= 1;
    }
  }
  return { started, more: room > 0 };
}

function compareIds(a: Share, b: Share): number {
  return a.repository < b.repository ? -1 : 1;
}

function hearNews(db: MemoryDatabase, installation: InstallationId, served: number): void {
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
    const { blockedOn } = job;
    const freed = blockedOn !== undefined && free.has(blockedOn) && isFreed(db, job, blockedOn);
    if (job.state === "new" || freed) named.add(job.attemptId);
  }
  for (const id of named) {
    const job = present(ciJobs.get(id), "a job that was spoken of");
    if (job.state === "ended") continue;
    ciJobs.put(id, {
      ...job,
      state: stateNow(db, job),
      blockedOn: undefined,
      blockedAt: undefined,
    });
    ciLanes.put(`${job.repositoryId}|${job.environment}`, true);
    const share = ciShares.get(job.repositoryId) ?? { served, starts: 0 };
    ciShares.put(job.repositoryId, { ...share, open: true });
  }
}

/** Only what the end of an apply lets start: the apply that is next there, and plans where no other has it by now. */
function isFreed(db: MemoryDatabase, { kind, runId }: CiJobRow, dirspace: number): boolean {
  const applies = [...db.tables.openApplies.of(dirspace)];
  if (kind === "plan") {
    return !applies.some(({ state }) => state === "granted" || state === "unknown");
  }
  return applies.toSorted((a, b) => a.seq - b.seq)[0]?.runId === runId;
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
): readonly Share[] {
  const { ciJobsOf, ciShares, ciLanes, repositories } = db.tables;
  const jobs = [...ciJobsOf.of(installation)];
  const known = new Set(jobs.map((job) => job.repositoryId));
  return [...known].flatMap((repository): Share[] => {
    const share = ciShares.get(repository);
    if (!share?.open) return [];
    const name = present(repositories.get(repository), "a job's repository").stored.ref.fullName;
    const own = jobs.filter((job) => job.repositoryId === repository);
    const running = own.filter((job) => job.state === "admitted");
    const waiting = own.filter((job) => job.state === "waiting");
    const lanes = [...new Set(own.map((job) => job.environment))];
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

/** True where it cannot start: an apply of another run has one of its dirspaces, or is before it there (S8). */
function block(db: MemoryDatabase, id: AttemptId): boolean {
  const { ciJobs, runs, worksOf, openApplies } = db.tables;
  const job = present(ciJobs.get(id), "a chosen job");
  if (runs.get(job.runId)?.state === "ended") {
    ciJobs.put(id, { ...job, state: "ended" });
    return true;
  }
  const works = [...worksOf.of(job.runId)].toSorted((a, b) => a.dirspaceId - b.dirspaceId);
  for (const mine of works) {
    for (const busy of openApplies.of(mine.dirspaceId)) {
      if (busy.runId === mine.runId) continue;
      const holds = busy.state === "granted" || busy.state === "unknown";
      if (!holds && !(mine.op === "apply" && busy.seq < mine.seq)) continue;
      ciJobs.put(id, { ...job, state: "blocked", blockedOn: mine.dirspaceId, blockedAt: db.now });
      return true;
    }
  }
  return false;
}

function start(db: MemoryDatabase, installation: InstallationId, chosen: Chosen): void {
  const { ciGates, ciJobs, ciShares, outbox } = db.tables;
  ciGates.put(installation, chosen.served);
  for (const { repository, served, starts } of chosen.shares) {
    ciShares.put(repository, { served, starts, open: true });
  }
  for (const { attempt } of chosen.jobs) {
    const job = present(ciJobs.get(attempt), "a chosen job");
    ciJobs.put(attempt, { ...job, state: "admitted", admittedAt: db.now });
    const { runId, pullRequestId } = job;
    const key = `dispatch:${attempt}`;
    if (outbox.get(key) !== undefined) continue;
    wantEffect(db, pullRequestId, { kind: "dispatch", key, runId, attemptId: attempt });
  }
}

/** Nothing of the repository can start; what changes that opens it again. */
function close(db: MemoryDatabase, chosen: Chosen): void {
  const { ciLanes, ciShares } = db.tables;
  for (const { repository, served, starts } of chosen.shares) {
    ciShares.put(repository, { served, starts, open: false });
  }
  for (const { repository, environment } of chosen.closedLanes) {
    ciLanes.put(`${repository}|${environment}`, false);
  }
}
