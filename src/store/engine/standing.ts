import { sql } from "kysely";
import type { EventId, InstallationId, PullRequestId } from "../../core/ids.ts";
import { type InstallationState, STANDING_HINT } from "../../core/standing.ts";
import type { Bell } from "../../ports/bell.ts";
import {
  type Doubt,
  type RepositoryStanding,
  type StandingStore,
  stateOf,
} from "../../ports/standing-store.ts";
import type { Database } from "../pool.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { insertEvent } from "./intake.ts";
import { holdGates, moveQueue } from "./move-queue.ts";
import { thenRing, type Wake } from "./ring.ts";
import { type RepositoryRow, storedRepository, UNSERVED } from "./rows.ts";

/** Why a doubt means nothing. */
export const NOTHING_DOUBTED = "nothing of ours is on that installation";
/** A look that brought no answer is tried again after this long. */
export const LOOK_AGAIN_SECONDS = 60;
/** What is not served is looked at so often, whether or not a webhook says something: it could have been lost. */
export const UNSERVED_AGAIN_MINUTES = 60;
/** Calls that are refused cast doubt at most this often. */
export const REFUSED_AGAIN_MINUTES = 5;

export function standingStore(database: Database, newId: () => EventId, bell: Bell): StandingStore {
  return {
    intakeDoubt: (vcs, deliveryId, doubt) =>
      inTransaction(database, (tx) => takeDoubt(tx, vcs, deliveryId, doubt)),
    async doubtRepository(repository) {
      await sql`
        update repository set doubted_at = coalesce(doubted_at, now()) where id = ${repository}
          and (stood_at is null or stood_at < now() - ${REFUSED_AGAIN_MINUTES} * interval '1 minute')
      `.execute(database.statements);
    },
    async takeDoubted(limit) {
      const installations = await takeInstallations(database, limit);
      return { installations, repositories: await takeRepositories(database, limit) };
    },
    keepInstallation: (installation, state) =>
      thenRing(database, bell, (tx, wake) =>
        keepInstallation(tx, installation, state, newId, wake),
      ),
    keepRepository: (repository, standing) =>
      thenRing(database, bell, (tx, wake) => keepRepository(tx, repository, standing, newId, wake)),
  };
}

async function takeDoubt(
  tx: Tx,
  vcs: string,
  deliveryId: string,
  { installation, whole, repositories }: Doubt,
): Promise<"stored" | "duplicate" | "no_target"> {
  const { rows: fresh } = await sql`
    insert into delivery (source, delivery_id) values (${vcs}, ${deliveryId})
    on conflict do nothing returning 1
  `.execute(tx);
  if (fresh.length === 0) return "duplicate";
  const { rows } = await sql<{ doubted: number }>`
    with whole as (
      update installation set doubted_at = now()
      where vcs = ${vcs} and external_id = ${installation} and ${whole} returning id
    ), known as (
      select repository.id from repository join installation on installation.id = repository.installation_id
      where installation.vcs = ${vcs} and repository.external_id = any(${repositories}::text[])
    ), parts as (
      update repository set doubted_at = now() from known where repository.id = known.id returning repository.id
    )
    select ((select count(*) from whole) + (select count(*) from parts))::integer as doubted
  `.execute(tx);
  if ((rows[0]?.doubted ?? 0) > 0) return "stored";
  await sql`
    insert into ignored_delivery (source, delivery_id, because)
    values (${vcs}, ${deliveryId}, ${NOTHING_DOUBTED}) on conflict do nothing
  `.execute(tx);
  return "no_target";
}

async function takeInstallations(
  database: Database,
  limit: number,
): Promise<Awaited<ReturnType<StandingStore["takeDoubted"]>>["installations"]> {
  const { rows } = await sql<{ id: InstallationId; vcs: string; external_id: string }>`
    with due as (
      select id from installation
      where doubted_at <= now() or (
        state <> 'active' and doubted_at is null
        and coalesce(stood_at, created_at) < now() - ${UNSERVED_AGAIN_MINUTES} * interval '1 minute'
      )
      order by doubted_at nulls last, id limit ${limit} for update skip locked
    )
    update installation set doubted_at = now() + ${LOOK_AGAIN_SECONDS} * interval '1 second'
    from due where installation.id = due.id
    returning installation.id, installation.vcs, installation.external_id
  `.execute(database.statements);
  return rows.map((row) => ({ id: row.id, vcs: row.vcs, installation: row.external_id }));
}

async function takeRepositories(
  database: Database,
  limit: number,
): Promise<Awaited<ReturnType<StandingStore["takeDoubted"]>>["repositories"]> {
  const { rows } = await sql<RepositoryRow>`
    with due as (
      select id from repository
      where (
        doubted_at <= now() or (
          state <> 'served' and doubted_at is null
          and coalesce(stood_at, created_at) < now() - ${UNSERVED_AGAIN_MINUTES} * interval '1 minute'
        )
      ) and not exists (
        select from installation where installation.id = installation_id and installation.state = 'suspended'
      )
      order by doubted_at nulls last, id limit ${limit} for update skip locked
    ), taken as (
      update repository set doubted_at = now() + ${LOOK_AGAIN_SECONDS} * interval '1 second'
      from due where repository.id = due.id returning repository.*
    )
    select repository.id as repository_id, repository.external_id as repository_external_id,
      repository.full_name, repository.default_branch, installation.vcs,
      installation.external_id as installation_external_id, ${UNSERVED} as unserved
    from taken repository join installation on installation.id = repository.installation_id
    order by repository.id
  `.execute(database.statements);
  return rows.map(storedRepository);
}

/** What was doubted while somebody looked stays doubted. */
const LOOKED = sql`
  doubted_at = case when doubted_at <= now() then doubted_at end, stood_at = now()
`;

async function keepInstallation(
  tx: Tx,
  installation: InstallationId,
  state: InstallationState,
  newId: () => EventId,
  wake: Wake,
): Promise<boolean> {
  const { rows } = await sql<{ before: InstallationState }>`
    with old as (select id, state from installation where id = ${installation} for update)
    update installation set state = ${state}, ${LOOKED},
      state_since = case when old.state = ${state} then installation.state_since else now() end
    from old where installation.id = old.id returning old.state as before
  `.execute(tx);
  if (rows[0] === undefined || rows[0].before === state) return false;
  if (state === "active") {
    // What it covers may be other than it was.
    await sql`
      update repository set doubted_at = coalesce(doubted_at, now())
      where installation_id = ${installation} and state <> 'served'
    `.execute(tx);
  }
  await tell(tx, sql`repository.installation_id = ${installation}`, newId, wake);
  return true;
}

async function keepRepository(
  tx: Tx,
  repository: string,
  standing: RepositoryStanding,
  newId: () => EventId,
  wake: Wake,
): Promise<boolean> {
  const state = stateOf(standing);
  const moved =
    standing.kind === "here" ? await move(tx, repository, standing.installation) : false;
  const name = standing.kind === "here" ? standing.fullName : null;
  const branch = standing.kind === "here" ? standing.defaultBranch : null;
  const { rows } = await sql<{ before: string; branch: string }>`
    with old as (select id, state, default_branch from repository where id = ${repository} for update)
    update repository set state = ${state}, ${LOOKED},
      full_name = coalesce(${name}, full_name), default_branch = coalesce(${branch}, repository.default_branch),
      state_since = case when old.state = ${state} then repository.state_since else now() end
    from old where repository.id = old.id returning old.state as before, old.default_branch as branch
  `.execute(tx);
  const [row] = rows;
  if (row === undefined) return false;
  const changed = moved || row.before !== state || (branch !== null && row.branch !== branch);
  if (changed) await tell(tx, sql`repository.id = ${repository}`, newId, wake);
  return changed;
}

/** Its history goes with it, and what it has in the queue: the row is the same, and so are its pull requests, locks and runs. */
async function move(tx: Tx, repository: string, installation: string): Promise<boolean> {
  const { rows } = await sql<{ from: string; to: string }>`
    with old as (
      select installation.id, installation.vcs from repository
      join installation on installation.id = repository.installation_id
      where repository.id = ${repository} and installation.external_id <> ${installation}
    ), target as (
      insert into installation (vcs, external_id) select vcs, ${installation} from old
      on conflict (vcs, external_id) do update set external_id = excluded.external_id returning id
    )
    select old.id as from, target.id as to from old, target
  `.execute(tx);
  const [leap] = rows;
  if (leap === undefined) return false;
  await holdGates(tx, [leap.from, leap.to]);
  const { rows: moved } = await sql`
    update repository set installation_id = ${leap.to}
    where id = ${repository} and installation_id = ${leap.from} and not exists (
      select from repository other
      where other.installation_id = ${leap.to} and other.external_id = repository.external_id
    )
    returning 1
  `.execute(tx);
  if (moved.length === 0) return false;
  await moveQueue(tx, { repository, ...leap });
  return true;
}

/** Whatever is open, holds something or works there looks where it stands now. */
async function tell(
  tx: Tx,
  which: ReturnType<typeof sql>,
  newId: () => EventId,
  wake: Wake,
): Promise<void> {
  const { rows } = await sql<{ id: PullRequestId }>`
    select pull_request.id from pull_request join repository on repository.id = pull_request.repository_id
    where ${which} and (
      view is null or view ->> 'state' = 'open'
      or exists (select from lock where lock.pull_request_id = pull_request.id)
      or exists (select from run where run.pull_request_id = pull_request.id and run.state <> 'ended')
    )
    order by pull_request.id
  `.execute(tx);
  for (const { id } of rows) {
    await insertEvent(tx, id, newId(), { kind: "pull_request_changed", hint: STANDING_HINT });
    wake(id);
  }
}
