import type { Happening } from "../../../src/core/event.ts";
import type { EventId, PullRequestId, RepositoryId } from "../../../src/core/ids.ts";
import type { EngineStore, Intake } from "../../../src/ports/engine-store.ts";
import { CI_UNKNOWN } from "../../../src/store/engine/intake.ts";
import { openAttemptOf } from "./attempts.ts";
import type { MemoryDatabase } from "./database.ts";
import { wakePullRequest } from "./jobs.ts";
import type { PullRequestRow } from "./rows.ts";
import { stored } from "./stored.ts";
import { repositoryName } from "./tables.ts";

export function intakeStore(
  db: MemoryDatabase,
): Pick<EngineStore, "intake" | "intakeCiEnded" | "noteIgnored" | "append"> {
  return {
    intake: (intake) => db.transaction(() => take(db, intake)),
    intakeCiEnded: (vcs, deliveryId, ciRun) =>
      db.transaction(() => {
        const key = `${vcs}|${deliveryId}`;
        const { attempts, deliveries, ignoredDeliveries } = db.tables;
        const known = openAttemptOf(db, vcs, ciRun);
        if (known === undefined) {
          if (ignoredDeliveries.get(key) === undefined) ignoredDeliveries.put(key, CI_UNKNOWN);
          return "no_target";
        }
        attempts.update(known.id, (row) => ({ ...row, askedAt: undefined }));
        if (deliveries.get(key) === undefined) deliveries.put(key, true);
        return "stored";
      }),
    noteIgnored: (vcs, deliveryId, because) =>
      db.transaction(() => {
        const key = `${vcs}|${deliveryId}`;
        const { ignoredDeliveries } = db.tables;
        if (ignoredDeliveries.get(key) === undefined) ignoredDeliveries.put(key, because);
      }),
    append: (pullRequest, id, happening) =>
      db.transaction(() => {
        insertEvent(db, pullRequest, id, happening);
        wakePullRequest(db, pullRequest);
      }),
  };
}

function take(db: MemoryDatabase, intake: Intake): "stored" | "duplicate" {
  const { deliveries } = db.tables;
  const delivery = `${intake.vcs}|${intake.deliveryId}`;
  // Taken before anything is known, so that both stores use up the same ids.
  const id = db.newId();
  if (deliveries.get(delivery) !== undefined) return "duplicate";
  deliveries.put(delivery, true);
  const known = knownTarget(db, intake);
  if (known !== undefined) {
    noteAndWake(db, known.id, id, intake.happening);
    return "stored";
  }
  const repository = upsertRepository(db, intake);
  for (const target of targets(db, repository, intake)) {
    noteAndWake(db, target, db.newId(), intake.happening);
  }
  return "stored";
}

function noteAndWake(
  db: MemoryDatabase,
  pullRequest: PullRequestId,
  id: EventId,
  happening: Happening,
): void {
  insertEvent(db, pullRequest, id, happening);
  wakePullRequest(db, pullRequest);
}

/** The pull request that is meant, where it is known and nothing about its repository has changed. */
function knownTarget(db: MemoryDatabase, intake: Intake): PullRequestRow | undefined {
  const { repository: ref, vcs, target, defaultBranch } = intake;
  if (target.kind !== "pull_request") return undefined;
  const row = db.tables.repositoryByName.one(repositoryName(vcs, ref.installation, ref.id));
  if (row?.stored.ref.fullName !== ref.fullName || row.stored.defaultBranch !== defaultBranch) {
    return undefined;
  }
  return db.tables.pullRequestByNumber.one(`${row.id}#${target.number}`);
}

function upsertRepository(db: MemoryDatabase, intake: Intake): RepositoryId {
  const { repositories, repositoryByName } = db.tables;
  const { vcs, repository: ref, defaultBranch } = intake;
  const name = repositoryName(vcs, ref.installation, ref.id);
  const known = repositoryByName.one(name);
  const id = known?.id ?? (db.rowId("repository", name) as RepositoryId);
  const { installation, id: externalId, fullName } = ref;
  const kept = { id, vcs, ref: { installation, id: externalId, fullName }, defaultBranch };
  const { createdAt = db.now, lookedAt } = known ?? {};
  repositories.put(id, { id, stored: kept, createdAt, lookedAt });
  return id;
}

function targets(
  db: MemoryDatabase,
  repositoryId: RepositoryId,
  { target }: Intake,
): readonly PullRequestId[] {
  const { pullRequestByNumber, pullRequestsOf, locksBy } = db.tables;
  if (target.kind === "based_on") {
    return [...pullRequestsOf.of(repositoryId)]
      .filter(
        ({ id, view }) =>
          view?.baseRef === target.branch &&
          (view.state === "open" || locksBy.one(id) !== undefined),
      )
      .map((row) => row.id)
      .sort();
  }
  const name = `${repositoryId}#${target.number}`;
  return [pullRequestByNumber.one(name)?.id ?? insertPullRequest(db, repositoryId, target.number)];
}

function insertPullRequest(
  db: MemoryDatabase,
  repositoryId: RepositoryId,
  number: number,
): PullRequestId {
  const id = db.rowId("pull_request", `${repositoryId}#${number}`) as PullRequestId;
  db.tables.pullRequests.put(id, {
    id,
    repositoryId,
    number,
    view: undefined,
    observedSeq: 0,
    changeSet: undefined,
    notice: undefined,
    unlockRequested: false,
    unlocked: false,
    obeyedComments: [],
    lastRunNumber: 0,
    changeSeq: 0,
  });
  return id;
}

/** The same id again changes nothing; nor does a pull request that is not there. */
export function insertEvent(
  db: MemoryDatabase,
  pullRequestId: PullRequestId,
  id: EventId,
  happening: Happening,
): void {
  const { events, pullRequests } = db.tables;
  if (events.get(id) !== undefined || pullRequests.get(pullRequestId) === undefined) return;
  events.put(id, {
    seq: db.next("event"),
    receivedAt: db.now,
    id,
    pullRequestId,
    happening: stored(happening),
    state: "pending",
    attempts: 0,
    notBefore: undefined,
    error: undefined,
  });
}
