import { sql } from "kysely";
import type { Instant } from "../../base/brand.ts";
import type { VcsEvent } from "../../core/vcs-event.ts";
import type { ForgeDelivery, ForgeStore } from "../../ports/forge-store.ts";
import type { Database } from "../pool.ts";
import type { Tx } from "../transaction.ts";
import { date } from "./rows.ts";

/**
 * Every change of a repository begins here. The row lock makes the order of the events the order in
 * which they happened: without it a later change could commit an earlier `seq`.
 */
export async function lockRepository(tx: Tx, repository: string): Promise<void> {
  await sql`select 1 from forge_repository where id = ${repository} for no key update`.execute(tx);
}

export async function writeEvents(tx: Tx, events: readonly VcsEvent[], at: Instant): Promise<void> {
  for (const event of events) {
    await sql`
      insert into forge_event (delivery_id, repository_id, event, created_at, not_before)
      values (
        ${event.deliveryId}, ${event.repository.id}, ${JSON.stringify(event)}, ${date(at)}, ${date(at)}
      )
    `.execute(tx);
  }
}

type Deliveries = Pick<
  ForgeStore,
  "deliveries" | "delivered" | "postpone" | "deliveryLog" | "forgetDeliveries"
>;

export function forgeDeliveries(database: Database): Deliveries {
  const db = database.statements;
  return {
    // Two servers may take the same event: handing it over twice changes nothing, losing it would.
    async deliveries(now, limit) {
      const { rows } = await sql<{ seq: string; attempts: number; event: VcsEvent }>`
        select seq, attempts, event from forge_event
        where handed_over_at is null and not_before <= ${date(now)}
        order by seq limit ${limit}
      `.execute(db);
      return rows satisfies readonly ForgeDelivery[];
    },
    async delivered(seq, at) {
      await sql`
        update forge_event set handed_over_at = ${date(at)}
        where seq = ${seq} and handed_over_at is null
      `.execute(db);
    },
    async postpone(seq, until) {
      await sql`
        update forge_event set not_before = ${date(until)}, attempts = attempts + 1
        where seq = ${seq} and handed_over_at is null
      `.execute(db);
    },
    async deliveryLog(repository, limit) {
      const { rows } = await sql<{ event: VcsEvent }>`
        select event from forge_event where repository_id = ${repository}
        order by seq desc limit ${limit}
      `.execute(db);
      return rows.map((row) => row.event);
    },
    async forgetDeliveries(before) {
      const { rows } = await sql<{ seq: string }>`
        delete from forge_event where handed_over_at < ${date(before)} returning seq
      `.execute(db);
      return rows.length;
    },
  };
}
