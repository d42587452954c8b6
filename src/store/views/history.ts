import { sql } from "kysely";
import type { Instant } from "../../base/brand.ts";
import type { RepositoryId } from "../../core/ids.ts";
import type { Reason } from "../../core/reason.ts";
import type { ViewStore } from "../../ports/view-store.ts";
import type { Database } from "../pool.ts";
import { CHANGES_MAX, DECISIONS_MAX } from "./limits.ts";

type HistoryViews = Pick<ViewStore, "decisions" | "changesAfter" | "newestChange">;

export function historyViews(database: Database): HistoryViews {
  const db = database.statements;
  return {
    async decisions(pullRequest) {
      const { rows } = await sql<{
        id: string;
        decided_at: Date;
        kind: string;
        reasons: readonly Reason[];
      }>`
        select id::text, decided_at, kind, reasons from decision
        where pull_request_id = ${pullRequest} order by decision.id desc limit ${DECISIONS_MAX}
      `.execute(db);
      return rows.map((row) => ({
        id: row.id,
        at: row.decided_at.getTime() as Instant,
        event: row.kind,
        reasons: row.reasons,
      }));
    },
    async changesAfter(seq) {
      const { rows } = await sql<{ seq: string; repository_id: RepositoryId; number: number }>`
        select change_seq as seq, repository_id, number from pull_request
        where change_seq > ${seq} order by change_seq limit ${CHANGES_MAX}
      `.execute(db);
      return rows.map((row) => ({
        seq: Number(row.seq),
        repositoryId: row.repository_id,
        number: row.number,
      }));
    },
    async newestChange() {
      const { rows } = await sql<{ seq: string | null }>`
        select max(change_seq) as seq from pull_request
      `.execute(db);
      return Number(rows[0]?.seq ?? 0);
    },
  };
}
