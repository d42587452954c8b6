import { sql } from "kysely";
import type { AttemptId } from "../../core/ids.ts";
import { codeTokenId, type RunnerStore } from "../../ports/runner-store.ts";
import type { Database } from "../pool.ts";

/** What is known of one-time codes; that one was used stands beside the used identity tokens. */
export function codeStore(database: Database): Pick<RunnerStore, "code"> {
  const db = database.statements;
  return {
    async code(codeHash) {
      const { rows } = await sql<Row>`
        select attempt.id, attempt.ci_run, attempt.code_expires_at <= now() as expired,
          (extract(epoch from attempt.code_expires_at) * 1000)::float8 as expires_at_ms,
          exists (select from used_token where token_id = ${codeTokenId(codeHash)}) as used
        from attempt where attempt.code_hash = ${Buffer.from(codeHash)}
      `.execute(db);
      return rows.map((row) => ({
        attempt: row.id,
        ciRun: row.ci_run ?? undefined,
        expired: row.expired,
        expiresAtMs: row.expires_at_ms,
        used: row.used,
      }))[0];
    },
  };
}

interface Row {
  readonly id: AttemptId;
  readonly ci_run: string | null;
  readonly expired: boolean;
  readonly expires_at_ms: number;
  readonly used: boolean;
}
