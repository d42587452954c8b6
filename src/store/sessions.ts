import { sql } from "kysely";
import type { SessionStore } from "../ports/session-store.ts";
import type { Database } from "./pool.ts";

/** Whoever signs in beyond them ends the one that was not used for longest. */
const SESSIONS_MAX = 1_000;
/** T21: not used for so long, and however much it is used. */
const ALIVE = sql`used_at > now() - interval '12 hours' and opened_at > now() - interval '7 days'`;

export function sessionStore({ statements }: Database): SessionStore {
  return {
    async open(hash) {
      await sql`
        delete from session where not (${ALIVE}) or hash in (
          select hash from session order by used_at desc offset ${SESSIONS_MAX - 1}
        )
      `.execute(statements);
      await sql`insert into session (hash) values (${hash})`.execute(statements);
    },
    async isOpen(hash) {
      const { rows } = await sql<{ open: boolean }>`
        with alive as (select from session where hash = ${hash} and ${ALIVE}),
        used as (
          update session set used_at = now()
          where hash = ${hash} and ${ALIVE} and used_at < now() - interval '1 minute'
        )
        select exists (select from alive) as open
      `.execute(statements);
      return rows[0]?.open === true;
    },
    async close(hash) {
      await sql`delete from session where hash = ${hash}`.execute(statements);
    },
  };
}
