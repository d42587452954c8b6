import { sql } from "kysely";
import { present } from "../../base/assert.ts";
import type { Happening } from "../../core/event.ts";
import type { EventId, PullRequestId } from "../../core/ids.ts";
import type { Bell } from "../../ports/bell.ts";
import type { EngineStore, Intake } from "../../ports/engine-store.ts";
import type { Database } from "../pool.ts";
import { isOfTheData } from "../sqlstate.ts";
import { inStatement, type Statements, type Tx } from "../transaction.ts";
import { batched } from "./batch.ts";
import { type Noted, noteDeliveries } from "./deliveries.ts";
import { noteHeard } from "./heard.ts";
import { thenRing, type Wake } from "./ring.ts";
import { json } from "./rows.ts";

type IntakeStore = Pick<EngineStore, "intake" | "intakeCiEnded" | "noteIgnored" | "append">;

/** Why the end of a CI job means nothing. */
export const CI_UNKNOWN = "no open job of ours has this CI run";

/** Together they fill one round trip; more would make the first of them wait. */
const BATCH_MAX = 64;
/** One is on its way to the disk while the next is prepared. */
const BATCHES_MAX = 2;

/** How events come in. `newId` gives random 128-bit ids; the store owns no randomness of its own. */
export function intakeStore(database: Database, newId: () => EventId, bell: Bell): IntakeStore {
  const note = batched<Intake, Noted>({
    itemsMax: BATCH_MAX,
    runningMax: BATCHES_MAX,
    keyOf: ({ vcs, deliveryId }) => `${vcs} ${deliveryId}`,
    isOfOne: isOfTheData,
    perform: (intakes) => inStatement(database, (db) => noteDeliveries(db, intakes, newId)),
  });
  return {
    async intake(intake) {
      // Nearly always the pull request is known: one insert, shared with whatever else arrives at this moment.
      const noted = intake.target.kind === "pull_request" ? await note(intake) : NOT_KNOWN;
      if (noted.kind !== "not_known") {
        if (noted.kind === "stored") bell.ring(noted.pullRequest);
        return noted.kind;
      }
      return thenRing(database, bell, (tx, wake) => take(tx, intake, newId, wake));
    },
    async intakeCiEnded(vcs, deliveryId, ciRun) {
      const { rows } = await sql<{ known: boolean }>`
        with known as (
          select attempt.id from attempt
          join run on run.id = attempt.run_id
          join pull_request on pull_request.id = run.pull_request_id
          join repository on repository.id = pull_request.repository_id
          join installation on installation.id = repository.installation_id
          where attempt.ended_at is null and installation.vcs = ${vcs}
            and (attempt.ci_run = ${ciRun} or attempt.claimed_ci_run = ${ciRun})
        ), due as (
          update attempt set asked_at = null from known where attempt.id = known.id returning attempt.id
        ), kept as (
          insert into delivery (source, delivery_id) select ${vcs}, ${deliveryId}
          where exists (select from due) on conflict do nothing
        ), ignored as (
          insert into ignored_delivery (source, delivery_id, because)
          select ${vcs}, ${deliveryId}, ${CI_UNKNOWN} where not exists (select from due)
          on conflict do nothing
        )
        select exists (select from due) as known
      `.execute(database.statements);
      return rows[0]?.known === true ? "stored" : "no_target";
    },
    async noteIgnored(vcs, deliveryId, because, about) {
      const known = sql`
        select repository.id from repository
        join installation on installation.id = repository.installation_id
        where installation.vcs = ${vcs} and repository.external_id = ${about?.repository ?? null}
      `;
      await sql`
        with heard as (${noteHeard(known)})
        insert into ignored_delivery (source, delivery_id, because, repository, number)
        values (
          ${vcs}, ${deliveryId}, ${because}, ${about?.repository ?? null}, ${about?.number ?? null}
        ) on conflict do nothing
      `.execute(database.statements);
    },
    async append(pullRequest, id, happening) {
      await inStatement(database, (db) => insertEvent(db, pullRequest, id, happening));
      bell.ring(pullRequest);
    },
  };
}

const NOT_KNOWN: Noted = { kind: "not_known" };

/** What names a repository or pull request for the first time, or every pull request on a branch. */
async function take(
  tx: Tx,
  intake: Intake,
  newId: () => EventId,
  wake: Wake,
): Promise<"stored" | "duplicate"> {
  const { vcs, deliveryId } = intake;
  // The same delivery at the same time waits here and then finds itself a duplicate.
  const { rows: fresh } = await sql`
    insert into delivery (source, delivery_id) values (${vcs}, ${deliveryId})
    on conflict do nothing returning 1
  `.execute(tx);
  if (fresh.length === 0) return "duplicate";
  const repositoryId = await upsertRepository(tx, intake);
  await noteHeard(sql`select ${repositoryId}::uuid`).execute(tx);
  for (const pullRequest of await targets(tx, repositoryId, intake)) {
    await insertEvent(tx, pullRequest, newId(), intake.happening);
    wake(pullRequest);
  }
  await tellOwner(tx, repositoryId, intake, newId, wake);
  return "stored";
}

/** What the central repository of an owner says counts for all open pull requests of the owner's other repositories. */
async function tellOwner(
  tx: Tx,
  repositoryId: string,
  { target }: Intake,
  newId: () => EventId,
  wake: Wake,
): Promise<void> {
  if (target.kind !== "based_on" || target.tellOwner === undefined) return;
  const { rows } = await sql<{ id: PullRequestId }>`
    select pull_request.id from repository central
    join repository on repository.installation_id = central.installation_id and repository.id <> central.id
      and regexp_replace(repository.full_name, '[^/]*$', '') = regexp_replace(central.full_name, '[^/]*$', '')
    join pull_request on pull_request.repository_id = repository.id
    where central.id = ${repositoryId} and (
      view is null or view ->> 'state' = 'open' or pull_request.id in (select pull_request_id from lock)
    )
    order by pull_request.id
  `.execute(tx);
  if (rows.length === 0) return;
  const { kind } = target.tellOwner;
  const told = json(rows.map(({ id }) => ({ event: newId(), pull_request: id })));
  await sql`
    insert into event (id, repository_id, pull_request_id, kind, happening)
    select told.event, pull_request.repository_id, pull_request.id, ${kind}, ${json(target.tellOwner)}::jsonb
    from jsonb_to_recordset(${told}::jsonb) as told (event uuid, pull_request uuid)
    join pull_request on pull_request.id = told.pull_request order by pull_request.id
  `.execute(tx);
  for (const { id } of rows) wake(id);
}

export async function upsertRepository(
  tx: Tx,
  intake: Pick<Intake, "vcs" | "repository" | "defaultBranch">,
): Promise<string> {
  const { installation, id, fullName } = intake.repository;
  // Read first: an upsert that changes nothing still locks its row until the commit, and all deliveries meet there.
  const { rows: known } = await sql<{ id: string }>`
    select repository.id from repository
    join installation on installation.id = repository.installation_id
    where installation.vcs = ${intake.vcs} and installation.external_id = ${installation}
      and repository.external_id = ${id} and repository.full_name = ${fullName}
      and repository.default_branch = ${intake.defaultBranch}
  `.execute(tx);
  if (known[0] !== undefined) return known[0].id;
  const elsewhere = await doubtElsewhere(tx, intake);
  if (elsewhere !== undefined) return elsewhere;
  const { rows: installations } = await sql<{ id: string }>`
    insert into installation (vcs, external_id) values (${intake.vcs}, ${installation})
    on conflict (vcs, external_id) do update set external_id = excluded.external_id returning id
  `.execute(tx);
  const { rows } = await sql<{ id: string }>`
    insert into repository (installation_id, external_id, full_name, default_branch)
    values (${present(installations[0], "the installation row exists").id}, ${id}, ${fullName}, ${intake.defaultBranch})
    on conflict (installation_id, external_id)
    do update set full_name = excluded.full_name, default_branch = excluded.default_branch, doubted_at = now()
    returning id
  `.execute(tx);
  return present(rows[0], "the repository row exists").id;
}

/**
 * It is known under another installation: it moved, or was installed anew, or somebody says so. Who is right is looked up,
 * and until then nothing but the doubt changes (T16); its history stays one.
 */
async function doubtElsewhere(
  tx: Tx,
  { vcs, repository }: Pick<Intake, "vcs" | "repository">,
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    with known as (
      select repository.id, installation.external_id as installation from repository
      join installation on installation.id = repository.installation_id
      where installation.vcs = ${vcs} and repository.external_id = ${repository.id}
    )
    update repository set doubted_at = now()
    where id = (select id from known order by id limit 1)
      and not exists (select from known where known.installation = ${repository.installation})
    returning id
  `.execute(tx);
  return rows[0]?.id;
}

async function targets(
  tx: Tx,
  repositoryId: string,
  intake: Intake,
): Promise<readonly PullRequestId[]> {
  const { target } = intake;
  const { rows } =
    target.kind === "pull_request"
      ? await sql<{ id: PullRequestId }>`
          insert into pull_request (repository_id, number) values (${repositoryId}, ${target.number})
          on conflict (repository_id, number) do update set number = excluded.number returning id
        `.execute(tx)
      : // What nobody has seen yet may be looked at just now, on the base as it was before.
        await sql<{ id: PullRequestId }>`
          select id from pull_request
          where repository_id = ${repositoryId} and (
            view is null or (view ->> 'baseRef' = ${target.branch} or ${target.branch === intake.defaultBranch})
              and (view ->> 'state' = 'open' or id in (select pull_request_id from lock))
          )
          order by id
        `.execute(tx);
  return rows.map((row) => row.id);
}

/** The same id again changes nothing. */
export async function insertEvent(
  tx: Statements,
  pullRequest: string,
  id: string,
  happening: Happening,
): Promise<void> {
  await sql`
    insert into event (id, repository_id, pull_request_id, kind, happening)
    select ${id}, repository_id, id, ${happening.kind}, ${json(happening)}::jsonb
    from pull_request
    where id = ${pullRequest} and not exists (select from event where event.id = ${id})
  `.execute(tx);
}
