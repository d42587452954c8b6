import { sql } from "kysely";
import type { EventId, PullRequestId } from "../../core/ids.ts";
import type { Intake } from "../../ports/engine-store.ts";
import type { Statements } from "../transaction.ts";
import { noteHeard } from "./heard.ts";
import { json } from "./rows.ts";

/** What became of one delivery. */
export type Noted =
  | { readonly kind: "stored"; readonly pullRequest: PullRequestId }
  | { readonly kind: "duplicate" }
  /** Nothing was stored: its repository or pull request was never heard of. */
  | { readonly kind: "not_known" };

/**
 * Takes the ids of deliveries whose pull requests are known and stores their events: one statement, one commit,
 * and no row is locked that other deliveries or a running decision need.
 */
export async function noteDeliveries(
  statements: Statements,
  intakes: readonly Intake[],
  newId: () => EventId,
): Promise<readonly Noted[]> {
  const given = intakes.map(
    ({ vcs, deliveryId, repository, defaultBranch, target, happening }) => ({
      id: newId(),
      vcs,
      delivery: deliveryId,
      installation: repository.installation,
      repository: repository.id,
      full_name: repository.fullName,
      default_branch: defaultBranch,
      number: target.kind === "pull_request" ? target.number : null,
      kind: happening.kind,
      happening,
    }),
  );
  // In one order, so that two statements with the same deliveries never wait for each other in a circle.
  const { rows } = await sql<{ id: EventId; pull_request_id: PullRequestId; fresh: boolean }>`
    with target as (
      select given.*, repository.id as repository_id, pull_request.id as pull_request_id
      from json_to_recordset(${json(given)}::json) as given (
        id uuid, vcs text, delivery text, installation text, repository text, full_name text,
        default_branch text, number integer, kind text, happening jsonb
      )
      join installation on installation.vcs = given.vcs
        and installation.external_id = given.installation
      join repository on repository.installation_id = installation.id
        and repository.external_id = given.repository and repository.full_name = given.full_name
        and repository.default_branch = given.default_branch
      join pull_request on pull_request.repository_id = repository.id
        and pull_request.number = given.number
    ), fresh as (
      insert into delivery (source, delivery_id)
      select vcs, delivery from target order by vcs collate "C", delivery collate "C"
      on conflict do nothing returning source, delivery_id
    ), noted as (
      insert into event (id, repository_id, pull_request_id, kind, happening)
      select target.id, target.repository_id, target.pull_request_id, target.kind, target.happening
      from target join fresh on fresh.source = target.vcs and fresh.delivery_id = target.delivery
    ), heard as (
      ${noteHeard(sql`select repository_id from target`)}
    )
    select target.id, target.pull_request_id, fresh.delivery_id is not null as fresh
    from target left join fresh on fresh.source = target.vcs and fresh.delivery_id = target.delivery
  `.execute(statements);
  const known = new Map(rows.map((row) => [row.id, row]));
  return given.map(({ id }): Noted => {
    const row = known.get(id);
    if (row === undefined) return { kind: "not_known" };
    if (!row.fresh) return { kind: "duplicate" };
    return { kind: "stored", pullRequest: row.pull_request_id };
  });
}
