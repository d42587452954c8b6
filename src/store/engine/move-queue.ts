import { sql } from "kysely";
import type { Tx } from "../transaction.ts";
import { wakeAdmission } from "./jobs.ts";

/**
 * Holds the gates of the installation that a repository leaves and of the one that it comes to, so that nobody counts
 * places meanwhile (S9). Before the repository's own row: whoever admits has a gate first and then looks at repositories.
 */
export async function holdGates(tx: Tx, installations: readonly string[]): Promise<void> {
  const list = sql`array[${sql.join(installations)}]::uuid[]`;
  await sql`
    insert into ci_gate (installation_id) select id from unnest(${list}) id order by id on conflict do nothing
  `.execute(tx);
  await sql`
    select from ci_gate where installation_id = any (${list}) order by installation_id for update
  `.execute(tx);
}

/**
 * What the repository has in the queue goes with it: it waits for room where it will run, and what works there takes a
 * place there. Its share starts level with the others of the installation, as for whoever comes back.
 */
export async function moveQueue(
  tx: Tx,
  {
    repository,
    from,
    to,
  }: { readonly repository: string; readonly from: string; readonly to: string },
): Promise<void> {
  await sql`
    update ci_job set installation_id = ${to} where repository_id = ${repository} and state <> 'ended'
  `.execute(tx);
  await sql`
    update ci_news set installation_id = ${to} where installation_id = ${from} and (
      attempt_id in (select attempt_id from ci_job where repository_id = ${repository} and installation_id = ${to})
      or dirspace_id in (select id from dirspace where repository_id = ${repository})
    )
  `.execute(tx);
  await sql`
    update ci_share set installation_id = ${to}, open = true,
      served = (select served from ci_gate where installation_id = ${to})
    where repository_id = ${repository}
  `.execute(tx);
  await sql`update ci_lane set open = true where repository_id = ${repository}`.execute(tx);
  // Counted anew by whoever admits next.
  await sql`
    update ci_gate set admitted = null where installation_id in (${from}, ${to})
  `.execute(tx);
  for (const id of [from, to]) await wakeAdmission(tx, id, `moved:${repository}:${id}`);
}
