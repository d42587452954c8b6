import { sql } from "kysely";
import { present } from "../../base/assert.ts";
import type { Happening } from "../../core/event.ts";
import type { EventId, PullRequestId } from "../../core/ids.ts";
import type { EngineStore, Intake } from "../../ports/engine-store.ts";
import type { Database } from "../pool.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { advanceCall, wakePullRequest } from "./jobs.ts";
import { json } from "./rows.ts";

type IntakeStore = Pick<EngineStore, "intake" | "noteIgnored" | "append">;

/** How events come in. `newId` gives random 128-bit ids; the store owns no randomness of its own. */
export function intakeStore(database: Database, newId: () => EventId): IntakeStore {
  return {
    intake: (intake) => inTransaction(database, (tx) => take(tx, intake, newId)),
    async noteIgnored(vcs, deliveryId, because) {
      await sql`
        insert into ignored_delivery (source, delivery_id, because)
        values (${vcs}, ${deliveryId}, ${because}) on conflict do nothing
      `.execute(database.statements);
    },
    append: (pullRequest, id, happening) =>
      inTransaction(database, async (tx) => {
        await insertEvent(tx, pullRequest, id, happening);
        await wakePullRequest(tx, pullRequest);
      }),
  };
}

async function take(tx: Tx, intake: Intake, newId: () => EventId): Promise<"stored" | "duplicate"> {
  const noted = await noteForKnown(tx, intake, newId());
  if (noted !== "unknown") return noted;
  const repositoryId = await upsertRepository(tx, intake);
  for (const pullRequest of await targets(tx, repositoryId, intake)) {
    await insertEvent(tx, pullRequest, newId(), intake.happening);
    await wakePullRequest(tx, pullRequest);
  }
  return "stored";
}

/**
 * Takes the delivery's id, and where its pull request is known, which is nearly always, stores the event as well:
 * all in one round trip, and without locking a row that other deliveries or a running decision need. With
 * upserts instead, the deliveries of an installation waited for each other's commits.
 */
async function noteForKnown(
  tx: Tx,
  { vcs, deliveryId, repository, defaultBranch, target, happening }: Intake,
  id: EventId,
): Promise<"stored" | "duplicate" | "unknown"> {
  const number = target.kind === "pull_request" ? target.number : null;
  // The same delivery at the same time waits at the first insert and then finds itself a duplicate.
  const { rows } = await sql<{ fresh: boolean; noted: boolean }>`
    with fresh as (
      insert into delivery (source, delivery_id) values (${vcs}, ${deliveryId})
      on conflict do nothing returning 1
    ), noted as (
      insert into event (id, repository_id, pull_request_id, kind, happening)
      select ${id}::uuid, repository.id, pull_request.id, ${happening.kind}, ${json(happening)}::jsonb
      from fresh
      join installation on installation.vcs = ${vcs} and installation.external_id = ${repository.installation}
      join repository on repository.installation_id = installation.id
        and repository.external_id = ${repository.id} and repository.full_name = ${repository.fullName}
        and repository.default_branch = ${defaultBranch}
      join pull_request on pull_request.repository_id = repository.id
        and pull_request.number = ${number}::integer
      returning pull_request_id
    ), woken as (
      select ${advanceCall(sql`noted.pull_request_id`)} from noted
    )
    select exists (select from fresh) as fresh, (select count(*) from woken) > 0 as noted
  `.execute(tx);
  const row = present(rows[0], "the outcome of a delivery");
  if (!row.fresh) return "duplicate";
  return row.noted ? "stored" : "unknown";
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
  const { rows: installations } = await sql<{ id: string }>`
    insert into installation (vcs, external_id) values (${intake.vcs}, ${installation})
    on conflict (vcs, external_id) do update set external_id = excluded.external_id returning id
  `.execute(tx);
  const { rows } = await sql<{ id: string }>`
    insert into repository (installation_id, external_id, full_name, default_branch)
    values (${present(installations[0], "the installation row exists").id}, ${id}, ${fullName}, ${intake.defaultBranch})
    on conflict (installation_id, external_id)
    do update set full_name = excluded.full_name, default_branch = excluded.default_branch
    returning id
  `.execute(tx);
  return present(rows[0], "the repository row exists").id;
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
      : await sql<{ id: PullRequestId }>`
          select id from pull_request
          where repository_id = ${repositoryId} and view ->> 'baseRef' = ${target.branch}
            and (view ->> 'state' = 'open' or id in (select pull_request_id from lock))
          order by id
        `.execute(tx);
  return rows.map((row) => row.id);
}

/** The same id again changes nothing. */
export async function insertEvent(
  tx: Tx,
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
