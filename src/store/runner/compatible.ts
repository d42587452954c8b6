import { sql } from "kysely";
import type { CompatibleAttempt, Manifest, RunnerStore } from "../../ports/runner-store.ts";
import type { Database } from "../pool.ts";
import { SELECT_SESSION, type SessionRow, sessionOf } from "./sessions.ts";

type CompatibleStore = Pick<RunnerStore, "compatibleAttempt" | "handOut">;

/** What the door of existing runners knows of their jobs. */
export function compatibleStore(database: Database): CompatibleStore {
  const db = database.statements;
  return {
    async compatibleAttempt(workTokenHash) {
      const { rows } = await sql<Row>`
        select asked.*, attempt.manifest, installation.compatible_runners as allowed
        from (${SELECT_SESSION}) asked
        join attempt on attempt.id = asked.attempt_id
        join pull_request pull on pull.id = asked.id
        join repository on repository.id = pull.repository_id
        join installation on installation.id = repository.installation_id
        where attempt.work_token_hash = ${Buffer.from(workTokenHash)}
      `.execute(db);
      return rows.map(compatibleAttempt)[0];
    },
    async handOut(attempt, manifest, credentialHash) {
      if (credentialHash === undefined) {
        await sql`update attempt set manifest = ${manifest} where id = ${attempt}`.execute(db);
        return;
      }
      // Nobody has shown the new credential yet: the same job may ask again until it does.
      await sql`
        update attempt set manifest = ${manifest}, last_seen_at = null,
          credential_hash = ${Buffer.from(credentialHash)}
        where id = ${attempt}
      `.execute(db);
    },
  };
}

interface Row extends SessionRow {
  readonly ci_run: string | null;
  readonly claimed_ci_run: string | null;
  readonly in_use: boolean;
  readonly closed: boolean;
  readonly manifest: Manifest | null;
  readonly allowed: boolean;
}

function compatibleAttempt(row: Row): CompatibleAttempt {
  return {
    session: sessionOf(row),
    allowed: row.allowed,
    closed: row.closed,
    ciRun: row.ci_run ?? undefined,
    claimedCiRun: row.claimed_ci_run ?? undefined,
    inUse: row.in_use,
    manifest: row.manifest ?? undefined,
  };
}
