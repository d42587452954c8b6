import type { Effect } from "../../../src/core/decision.ts";
import type { AttemptId, InstallationId } from "../../../src/core/ids.ts";
import { EXPECTED_MS } from "../../../src/core/schedule/expected.ts";
import type { MemoryDatabase } from "./database.ts";
import { wakeAdmission } from "./jobs.ts";
import { ownerOf } from "./pull-requests.ts";
import type { CiNewsRow, WorkRow } from "./rows.ts";
import { runOf } from "./runs.ts";

/** What everybody else tells the admission. */
export function queueJob(db: MemoryDatabase, effect: Extract<Effect, { kind: "dispatch" }>): void {
  const { ciJobs, attempts, worksOf } = db.tables;
  const attempt = attempts.get(effect.attemptId);
  // Taken also where the row is there already, as an upsert does.
  const seq = db.next("ci_job");
  if (attempt === undefined || ciJobs.get(attempt.id) !== undefined) return;
  const run = runOf(db, attempt);
  let first: WorkRow | undefined;
  for (const work of worksOf.of(run.id)) {
    if (first === undefined || work.dirspaceId < first.dirspaceId) first = work;
  }
  const { repository } = ownerOf(db, run.pullRequestId);
  const installation = `${repository.vcs}|${repository.ref.installation}` as InstallationId;
  ciJobs.put(attempt.id, {
    attemptId: attempt.id,
    runId: run.id,
    pullRequestId: run.pullRequestId,
    repositoryId: repository.id,
    installation,
    environment: first?.unit.affected.workflow.environment ?? "",
    kind: run.kind,
    expectedMs: run.expected?.jobMs ?? EXPECTED_MS,
    remainingMs: run.expected?.remainingMs ?? EXPECTED_MS,
    seq,
    state: "new",
    blockedOn: undefined,
    blockedAt: undefined,
    admittedAt: undefined,
    createdAt: db.now,
  });
  wakeAdmission(db, installation, run.pullRequestId);
}

/** An attempt is over, or its run is. */
export function tellAttemptOver(db: MemoryDatabase, attempt: AttemptId): void {
  const job = db.tables.ciJobs.get(attempt);
  if (job === undefined || job.state === "ended") return;
  tell(db, { installation: job.installation, attemptId: attempt, dirspaceId: undefined });
  wakeAdmission(db, job.installation, job.pullRequestId);
}

/** The apply of this work has ended. */
export function tellApplyEnded(db: MemoryDatabase, work: WorkRow): void {
  const { repository } = ownerOf(db, work.pullRequestId);
  const installation = `${repository.vcs}|${repository.ref.installation}` as InstallationId;
  tell(db, { installation, attemptId: undefined, dirspaceId: work.dirspaceId });
  wakeAdmission(db, installation, work.pullRequestId);
}

export function tell(db: MemoryDatabase, news: Omit<CiNewsRow, "id" | "createdAt">): void {
  const id = db.next("ci_news");
  db.tables.ciNews.put(id, { ...news, id, createdAt: db.now });
}
