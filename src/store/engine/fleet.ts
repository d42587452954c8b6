import { sql } from "kysely";
import { present } from "../../base/assert.ts";
import type { FleetStore } from "../../ports/fleet-store.ts";
import { migrations } from "../migrations.gen.ts";
import type { Database } from "../pool.ts";
import { forgetOld } from "./retention.ts";

/** A server that has not been seen for this long is forgotten. */
const FORGET_MINUTES = 10;

export const NEWEST_MIGRATION = present(migrations.at(-1), "there are migrations").number;

export function fleetStore(database: Database): FleetStore {
  const db = database.statements;
  return {
    async beat({ id, version, draining, advancing }) {
      const { rows } = await sql<{ oldest: number }>`
        with gone as (
          delete from server
          where id <> ${id} and seen_at < now() - ${FORGET_MINUTES} * interval '1 minute'
        ), seen as (
          insert into server (id, version, knows, draining, advancing)
          values (${id}, ${version}, ${NEWEST_MIGRATION}, ${draining}, ${advancing}::uuid[])
          on conflict (id) do update set seen_at = now(), draining = excluded.draining,
            advancing = excluded.advancing
        )
        select oldest from compatibility
      `.execute(db);
      const oldest = rows[0]?.oldest ?? 0;
      if (oldest <= NEWEST_MIGRATION) return { kind: "welcome" };
      const message =
        `The database has gone on: servers have to know its migration ${oldest}, and this version of Terrane ends ` +
        `at ${NEWEST_MIGRATION}. Start the version that the other servers run.`;
      return { kind: "too_old", message };
    },
    async leave(id) {
      await sql`delete from server where id = ${id}`.execute(db);
    },
    async takeDuty(name, everyMs) {
      // Of many who try at the same moment the row lets one through: the others find it taken just now.
      const { rows } = await sql<{ cursor: string | null; now: Date }>`
        insert into duty (name, taken_at) values (${name}, now())
        on conflict (name) do update set taken_at = now()
        where duty.taken_at <= now() - ${everyMs} * interval '1 millisecond'
        returning cursor, now() as now
      `.execute(db);
      const row = rows[0];
      if (row === undefined) return { kind: "done_by_others" };
      return { kind: "taken", cursor: row.cursor ?? undefined, nowMs: row.now.getTime() };
    },
    async keepCursor(name, cursor) {
      await sql`update duty set cursor = ${cursor} where name = ${name}`.execute(db);
    },
    forgetOld: (retention) => forgetOld(database, retention),
    async heardOf(vcs, deliveryIds) {
      const { rows } = await sql<{ delivery_id: string }>`
        select delivery_id from delivery where source = ${vcs} and delivery_id = any(${deliveryIds})
        union select delivery_id from ignored_delivery
        where source = ${vcs} and delivery_id = any(${deliveryIds})
      `.execute(db);
      return new Set(rows.map((row) => row.delivery_id));
    },
  };
}
