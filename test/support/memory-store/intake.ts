import { present } from "../../../src/base/assert.ts";
import { compareText } from "../../../src/core/change/dirspace.ts";
import type { Happening } from "../../../src/core/event.ts";
import type { EventId, PullRequestId, RepositoryId } from "../../../src/core/ids.ts";
import type { EngineStore, Intake } from "../../../src/ports/engine-store.ts";
import { CI_UNKNOWN } from "../../../src/store/engine/intake.ts";
import { openAttemptOf } from "./attempts.ts";
import type { MemoryDatabase } from "./database.ts";
import { insertEvent } from "./events.ts";
import { wakePullRequest } from "./jobs.ts";
import type { PullRequestRow, RepositoryRow } from "./rows.ts";
import { keepInstallationRow, NEW_REPOSITORY } from "./standing.ts";
import { repositoryName } from "./tables.ts";

export function intakeStore(
  db: MemoryDatabase,
): Pick<EngineStore, "intake" | "intakeCiEnded" | "noteIgnored" | "append"> {
  return {
    intake: (intake) => db.transaction(() => take(db, intake)),
    intakeCiEnded: (vcs, deliveryId, ciRun) =>
      db.transaction(() => {
        const key = `${vcs}|${deliveryId}`;
        const { attempts, deliveries } = db.tables;
        const known = openAttemptOf(db, vcs, ciRun);
        if (known === undefined) {
          noteIgnored(db, vcs, deliveryId, CI_UNKNOWN);
          return "no_target";
        }
        attempts.update(known.id, (row) => ({ ...row, askedAt: undefined }));
        if (deliveries.get(key) === undefined) deliveries.put(key, { source: vcs, deliveryId });
        return "stored";
      }),
    noteIgnored: (vcs, deliveryId, because) =>
      db.transaction(() => noteIgnored(db, vcs, deliveryId, because)),
    append: (pullRequest, id, happening) =>
      db.transaction(() => {
        insertEvent(db, pullRequest, id, happening);
        wakePullRequest(db, pullRequest);
      }),
  };
}

export function noteIgnored(
  db: MemoryDatabase,
  source: string,
  deliveryId: string,
  because: string,
): void {
  const { ignoredDeliveries } = db.tables;
  const key = `${source}|${deliveryId}`;
  if (ignoredDeliveries.get(key) !== undefined) return;
  ignoredDeliveries.put(key, { source, deliveryId, because });
}

function take(db: MemoryDatabase, intake: Intake): "stored" | "duplicate" {
  const { deliveries } = db.tables;
  const delivery = `${intake.vcs}|${intake.deliveryId}`;
  if (deliveries.get(delivery) !== undefined) return "duplicate";
  deliveries.put(delivery, { source: intake.vcs, deliveryId: intake.deliveryId });
  const known = knownTarget(db, intake);
  if (known !== undefined) {
    noteAndWake(db, known.id, db.newId(), intake.happening);
    return "stored";
  }
  const repository = upsertRepository(db, intake);
  for (const target of targets(db, repository, intake)) {
    noteAndWake(db, target, db.newId(), intake.happening);
  }
  tellOwner(db, repository, intake);
  return "stored";
}

/** What the central repository of an owner says counts for all open pull requests of the owner's other repositories. */
function tellOwner(db: MemoryDatabase, central: RepositoryId, { target }: Intake): void {
  if (target.kind !== "based_on" || target.tellOwner === undefined) return;
  const { repositories, pullRequestsOf, locksBy } = db.tables;
  const ownerOf = (name: string) => name.slice(0, Math.max(name.lastIndexOf("/"), 0));
  const { ref, vcs } = present(repositories.get(central), "a central repository").stored;
  const told = [...repositories.values()]
    .filter(
      ({ id, stored }) =>
        id !== central &&
        stored.vcs === vcs &&
        stored.ref.installation === ref.installation &&
        ownerOf(stored.ref.fullName) === ownerOf(ref.fullName),
    )
    .flatMap(({ id }) => [...pullRequestsOf.of(id)])
    .filter(
      ({ id, view }) =>
        view === undefined || view.state === "open" || locksBy.one(id) !== undefined,
    );
  for (const id of told.map((row) => row.id).sort()) {
    noteAndWake(db, id, db.newId(), target.tellOwner);
  }
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
  const elsewhere = known === undefined ? elsewhereOf(db, vcs, ref.id) : undefined;
  if (elsewhere !== undefined) {
    repositories.put(elsewhere.id, { ...elsewhere, doubtedAt: db.now });
    return elsewhere.id;
  }
  if (known !== undefined && saysTheSame(known, intake)) return known.id;
  keepInstallationRow(db, vcs, ref.installation);
  const id = known?.id ?? (db.rowId("repository", name) as RepositoryId);
  const { installation, id: externalId, fullName } = ref;
  const kept = { id, vcs, ref: { installation, id: externalId, fullName }, defaultBranch };
  const row = known ?? { createdAt: db.now, ...NEW_REPOSITORY };
  const doubtedAt = known === undefined ? undefined : db.now;
  repositories.put(id, { ...row, id, stored: kept, doubtedAt });
  return id;
}

function saysTheSame({ stored }: RepositoryRow, { repository, defaultBranch }: Intake): boolean {
  return stored.ref.fullName === repository.fullName && stored.defaultBranch === defaultBranch;
}

/** It is known under another installation; the oldest row counts. */
function elsewhereOf(db: MemoryDatabase, vcs: string, id: string): RepositoryRow | undefined {
  return [...db.tables.repositories.values()]
    .filter(({ stored }) => stored.vcs === vcs && stored.ref.id === id)
    .sort((a, b) => compareText(a.id, b.id))[0];
}

function targets(
  db: MemoryDatabase,
  repositoryId: RepositoryId,
  { target, defaultBranch }: Intake,
): readonly PullRequestId[] {
  const { pullRequestByNumber, pullRequestsOf, locksBy } = db.tables;
  if (target.kind === "based_on") {
    return [...pullRequestsOf.of(repositoryId)]
      .filter(
        ({ id, view }) =>
          view === undefined ||
          ((view.baseRef === target.branch || target.branch === defaultBranch) &&
            (view.state === "open" || locksBy.one(id) !== undefined)),
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
    observedAt: undefined,
    changeSet: undefined,
    notice: undefined,
    unlockRequested: false,
    unlocked: false,
    obeyedComments: [],
    gateApprovals: [],
    lastRunNumber: 0,
    changeSeq: 0,
    updatedAt: db.now,
  });
  return id;
}
