import { sql } from "kysely";
import type { Instant } from "../../base/brand.ts";
import type { Happening } from "../../core/event.ts";
import type { Answer } from "../../core/fact.ts";
import type { Reason } from "../../core/reason.ts";
import type { StoryStore } from "../../ports/story-store.ts";
import type { Database } from "../pool.ts";
import { IGNORED_MAX, SET_ASIDE_MAX } from "./limits.ts";

/** The history of a pull request, on PostgreSQL. */
export function storyStore(database: Database): StoryStore {
  const db = database.statements;
  return {
    async moments(pullRequest, before, limit) {
      const { rows } = await sql<MomentRow>`
        select id::text, decided_at, happening, reasons from decision
        where pull_request_id = ${pullRequest} and (${before ?? null}::bigint is null or id < ${before ?? null}::bigint)
        order by decision.id desc limit ${limit}
      `.execute(db);
      return rows.map((row) => ({
        id: row.id,
        at: row.decided_at.getTime() as Instant,
        event: row.happening,
        reasons: row.reasons,
      }));
    },
    async looked(pullRequest) {
      // One of the newest: what follows a look is mostly reports of a run, which look at nothing.
      const { rows } = await sql<LookedRow>`
        with looked as (
          select decision.facts, decision.commit_facts, pull.repository_id
          from decision join pull_request pull on pull.id = decision.pull_request_id
          where decision.pull_request_id = ${pullRequest}
            and exists (select from unnest(decision.commit_facts) key where key like 'changes:%...%')
          order by decision.id desc limit 1
        )
        select looked.facts, looked.commit_facts as keys, (
          select jsonb_object_agg(commit_fact.key, commit_fact.answer) from commit_fact
          where commit_fact.repository_id = looked.repository_id
            and commit_fact.key = any(looked.commit_facts)
        ) as kept
        from looked
      `.execute(db);
      const row = rows[0];
      if (row === undefined) return undefined;
      const all = Object.entries({ ...row.kept, ...row.facts });
      return row.keys.every((key) => row.kept?.[key] !== undefined) ? new Map(all) : undefined;
    },
    async ignored(pullRequest) {
      const { rows } = await sql<{ received_at: Date; delivery_id: string; because: string }>`
        select ignored.received_at, ignored.delivery_id, ignored.because
        from pull_request pull
        join repository on repository.id = pull.repository_id
        join installation on installation.id = repository.installation_id
        join ignored_delivery ignored on ignored.source = installation.vcs
          and ignored.repository = repository.external_id and ignored.number = pull.number
        where pull.id = ${pullRequest}
        order by ignored.received_at desc, ignored.delivery_id limit ${IGNORED_MAX}
      `.execute(db);
      return rows.map((row) => ({
        at: row.received_at.getTime() as Instant,
        delivery: row.delivery_id,
        because: row.because,
      }));
    },
    async pending(pullRequest) {
      const { rows } = await sql<PendingRow>`
        (
          select received_at, kind, state, error from event
          where pull_request_id = ${pullRequest} and state = 'pending' limit ${SET_ASIDE_MAX}
        ) union all (
          select received_at, kind, state, error from event
          where pull_request_id = ${pullRequest} and state = 'dead'
          order by seq desc limit ${SET_ASIDE_MAX}
        )
      `.execute(db);
      const dead = rows.filter(({ state }) => state === "dead");
      return {
        undecided: rows.length - dead.length,
        setAside: dead.map((row) => ({
          at: row.received_at.getTime() as Instant,
          kind: row.kind,
          error: row.error ?? "",
        })),
      };
    },
  };
}

interface MomentRow {
  readonly id: string;
  readonly decided_at: Date;
  readonly happening: Happening;
  readonly reasons: readonly Reason[];
}

interface LookedRow {
  readonly facts: Readonly<Record<string, Answer>>;
  readonly keys: readonly string[];
  readonly kept: Readonly<Record<string, Answer>> | null;
}

interface PendingRow {
  readonly received_at: Date;
  readonly kind: string;
  readonly state: "pending" | "dead";
  readonly error: string | null;
}
