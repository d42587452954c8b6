import type { Instant } from "../../../src/base/brand.ts";
import { compareText } from "../../../src/core/change/dirspace.ts";
import type { InstallationId } from "../../../src/core/ids.ts";
import type { Unserved } from "../../../src/core/standing.ts";
import type { StoredRepository } from "../../../src/ports/engine-store.ts";
import { type Doubt, type StandingStore, stateOf } from "../../../src/ports/standing-store.ts";
import {
  LOOK_AGAIN_SECONDS,
  NOTHING_DOUBTED,
  REFUSED_AGAIN_MINUTES,
  UNSERVED_AGAIN_MINUTES,
} from "../../../src/store/engine/standing.ts";
import type { MemoryDatabase } from "./database.ts";
import { insertEvent } from "./events.ts";
import { wakePullRequest } from "./jobs.ts";
import { moveQueue } from "./move-queue.ts";
import type { InstallationRow, PullRequestRow, RepositoryRow } from "./rows.ts";
import { repositoryName } from "./tables.ts";

const MINUTE_MS = 60_000;

export const NEW_REPOSITORY = {
  lookedAt: undefined,
  state: "served",
  stateSince: undefined,
  doubtedAt: undefined,
  stoodAt: undefined,
} as const;

function installationId(vcs: string, external: string): InstallationId {
  return `${vcs}|${external}` as InstallationId;
}

export function keepInstallationRow(
  db: MemoryDatabase,
  vcs: string,
  externalId: string,
): InstallationRow {
  const { installations } = db.tables;
  const id = installationId(vcs, externalId);
  const known = installations.get(id);
  if (known !== undefined) return known;
  const { lookedAt: _, ...rest } = NEW_REPOSITORY;
  const row: InstallationRow = { id, vcs, externalId, createdAt: db.now, ...rest, state: "active" };
  installations.put(id, row);
  return row;
}

export function installationOf(db: MemoryDatabase, { stored }: RepositoryRow): InstallationRow {
  return keepInstallationRow(db, stored.vcs, stored.ref.installation);
}

export function storedRepository(db: MemoryDatabase, row: RepositoryRow): StoredRepository {
  const unserved = unservedOf(db.tables.installations.get(idOf(row)), row);
  return unserved === undefined ? row.stored : { ...row.stored, unserved };
}

function idOf({ stored }: RepositoryRow): InstallationId {
  return installationId(stored.vcs, stored.ref.installation);
}

function unservedOf(
  installation: InstallationRow | undefined,
  repository: RepositoryRow,
): Unserved | undefined {
  if (installation !== undefined && installation.state !== "active") {
    const because = installation.state === "removed" ? "uninstalled" : "suspended";
    return { because, since: installation.stateSince ?? installation.createdAt };
  }
  if (repository.state === "served") return undefined;
  const because = repository.state === "removed" ? "taken_away" : "archived";
  return { because, since: repository.stateSince ?? repository.createdAt };
}

export function standingStore(db: MemoryDatabase): StandingStore {
  const { installations, repositories } = db.tables;
  return {
    intakeDoubt: (vcs, deliveryId, doubt) =>
      db.transaction(() => takeDoubt(db, vcs, deliveryId, doubt)),
    doubtRepository: (id) =>
      db.transaction(() => {
        const row = repositories.get(id);
        const before = db.now - REFUSED_AGAIN_MINUTES * MINUTE_MS;
        if (row === undefined || (row.stoodAt !== undefined && row.stoodAt >= before)) return;
        repositories.put(id, { ...row, doubtedAt: row.doubtedAt ?? db.now });
      }),
    takeDoubted: (limit) =>
      db.transaction(() => {
        const due = <T extends InstallationRow | RepositoryRow>(rows: Iterable<T>) =>
          [...rows].filter((row) => isDue(row, db.now)).sort(byDoubt);
        const doubtedAt = (db.now + LOOK_AGAIN_SECONDS * 1000) as Instant;
        const first = due(installations.values()).slice(0, limit);
        for (const row of first) installations.put(row.id, { ...row, doubtedAt });
        const second = due(repositories.values())
          .filter((row) => installationOf(db, row).state !== "suspended")
          .slice(0, limit);
        for (const row of second) repositories.put(row.id, { ...row, doubtedAt });
        return {
          installations: first.map(({ id, vcs, externalId: installation }) => ({
            id,
            vcs,
            installation,
          })),
          repositories: second
            .sort((a, b) => compareText(a.id, b.id))
            .map((row) => storedRepository(db, row)),
        };
      }),
    keepInstallation: (id, state) =>
      db.transaction(() => {
        const row = installations.get(id);
        if (row === undefined) return false;
        installations.put(id, { ...row, ...looked(db, row, state), state });
        if (row.state === state) return false;
        const covered = [...repositories.values()].filter((one) => idOf(one) === id);
        for (const one of covered) {
          if (state !== "active" || one.state === "served") continue;
          repositories.put(one.id, { ...one, doubtedAt: one.doubtedAt ?? db.now });
        }
        tell(db, covered);
        return true;
      }),
    keepRepository: (id, standing) =>
      db.transaction(() => {
        const row = repositories.get(id);
        if (row === undefined) return false;
        const state = stateOf(standing);
        const stored = standing.kind === "here" ? labelled(db, row, standing) : row.stored;
        repositories.put(id, { ...row, stored, ...looked(db, row, state), state });
        const changed =
          row.state !== state ||
          row.stored.ref.installation !== stored.ref.installation ||
          row.stored.defaultBranch !== stored.defaultBranch;
        if (stored.ref.installation !== row.stored.ref.installation) {
          moveQueue(db, id, idOf(row), installationId(stored.vcs, stored.ref.installation));
        }
        if (changed) tell(db, [row]);
        return changed;
      }),
  };
}

function takeDoubt(
  db: MemoryDatabase,
  source: string,
  deliveryId: string,
  { installation, whole, repositories: named }: Doubt,
): "stored" | "duplicate" | "no_target" {
  const { deliveries, ignoredDeliveries, installations, repositories } = db.tables;
  const key = `${source}|${deliveryId}`;
  if (deliveries.get(key) !== undefined) return "duplicate";
  deliveries.put(key, { source, deliveryId });
  const row = installations.get(installationId(source, installation));
  const isMeant = whole && row !== undefined;
  if (isMeant) installations.put(row.id, { ...row, doubtedAt: db.now });
  const known = [...repositories.values()].filter(
    ({ stored }) => stored.vcs === source && named.includes(stored.ref.id),
  );
  for (const one of known) repositories.put(one.id, { ...one, doubtedAt: db.now });
  if (isMeant || known.length > 0) return "stored";
  ignoredDeliveries.put(key, { source, deliveryId, because: NOTHING_DOUBTED });
  return "no_target";
}

function isDue(row: InstallationRow | RepositoryRow, now: Instant): boolean {
  const { doubtedAt, state, stoodAt, createdAt } = row;
  if (doubtedAt !== undefined) return doubtedAt <= now;
  const isServed = state === "active" || state === "served";
  return !isServed && (stoodAt ?? createdAt) < now - UNSERVED_AGAIN_MINUTES * MINUTE_MS;
}

function byDoubt(a: InstallationRow | RepositoryRow, b: InstallationRow | RepositoryRow): number {
  const last = Number.MAX_SAFE_INTEGER;
  return (a.doubtedAt ?? last) - (b.doubtedAt ?? last) || compareText(a.id, b.id);
}

function looked(
  db: MemoryDatabase,
  { doubtedAt, state, stateSince }: InstallationRow | RepositoryRow,
  now: string,
): Pick<InstallationRow, "doubtedAt" | "stoodAt" | "stateSince"> {
  return {
    doubtedAt: doubtedAt !== undefined && doubtedAt <= db.now ? doubtedAt : undefined,
    stoodAt: db.now,
    stateSince: state === now ? stateSince : db.now,
  };
}

/** Moved only where nothing of the same name is in the way. */
function labelled(
  db: MemoryDatabase,
  { stored }: RepositoryRow,
  here: Extract<Parameters<StandingStore["keepRepository"]>[1], { kind: "here" }>,
): StoredRepository {
  const { vcs, ref } = stored;
  const taken = db.tables.repositoryByName.one(repositoryName(vcs, here.installation, ref.id));
  const moves = here.installation !== ref.installation && taken === undefined;
  if (moves) keepInstallationRow(db, vcs, here.installation);
  const installation = moves ? here.installation : ref.installation;
  const { fullName, defaultBranch } = here;
  return { ...stored, ref: { ...ref, installation, fullName }, defaultBranch };
}

function tell(db: MemoryDatabase, rows: readonly RepositoryRow[]): void {
  const told = rows
    .flatMap(({ id }) => [...db.tables.pullRequestsOf.of(id)])
    .filter((pull) => isConcerned(db, pull))
    .sort((a, b) => compareText(a.id, b.id));
  for (const { id } of told) {
    insertEvent(db, id, db.newId(), { kind: "pull_request_changed", hint: "standing" });
    wakePullRequest(db, id);
  }
}

function isConcerned(db: MemoryDatabase, { id, view }: PullRequestRow): boolean {
  if (view === undefined || view.state === "open") return true;
  if (db.tables.locksBy.one(id) !== undefined) return true;
  return [...db.tables.runsOf.of(id)].some((run) => run.state !== "ended");
}
