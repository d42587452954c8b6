import { sql } from "kysely";
import { unreachable } from "../../base/unreachable.ts";
import type { Effect } from "../../core/decision.ts";
import type { LeftIssue } from "../../core/run/issue.ts";
import type { EngineStore, PendingEffect } from "../../ports/engine-store.ts";
import type { Database } from "../pool.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { queueJob } from "./ci-queue.ts";
import { putOffEffect, rouseEffect, wakeEffect } from "./jobs.ts";
import { json, type PullRequestRow, SELECT_PULL_REQUEST, storedPullRequest } from "./rows.ts";

type OutboxStore = Pick<
  EngineStore,
  | "effect"
  | "effectDone"
  | "effectDropped"
  | "effectFailed"
  | "effectWaits"
  | "effectRests"
  | "leftIssues"
>;

/**
 * Stores what must be done outside; wishing for the same key again re-arms it. A job to dispatch is queued instead: its
 * effect is stored with its admission.
 */
export async function wantEffects(
  tx: Tx,
  pullRequestId: string,
  effects: readonly Effect[],
): Promise<void> {
  for (const effect of effects) {
    if (effect.kind === "dispatch") {
      await queueJob(tx, effect);
      continue;
    }
    const priority = priorityOf(effect);
    // What only rests has been put off for want of news, and here they are.
    const { rows } = await sql<{ rested: boolean }>`
      with before as (
        select rests and done < wanted as rested from outbox where key = ${effect.key}
      )
      insert into outbox (key, pull_request_id, effect, priority)
      values (${effect.key}, ${pullRequestId}, ${json(effect)}::jsonb, ${priority}::smallint)
      on conflict (key) do update
      set wanted = outbox.wanted + 1, effect = excluded.effect, attempts = 0, dead = false,
        not_before = case when outbox.rests then least(outbox.not_before, now()) else outbox.not_before end,
        rests = false
      returning coalesce((select rested from before), false) as rested
    `.execute(tx);
    const job = { key: effect.key, kind: effect.kind, priority };
    if (rows[0]?.rested === true) await rouseEffect(tx, job);
    else await wakeEffect(tx, job);
  }
}

/** Applies before checks before comments before cosmetics. */
export function priorityOf({ kind }: Pick<Effect, "kind">): number {
  switch (kind) {
    case "cancel":
      return 0;
    case "dispatch":
      return 1;
    case "tell_neighbours":
    case "forward_command":
      return 3;
    case "publish":
      return 5;
    case "ask_reviewers":
      return 4;
    // Whatever is shown comes first: the branch's rules may want it.
    case "merge":
    case "open_issues":
      return 6;
    // What the one comment says already, once more.
    case "publish_results":
      return 7;
    case "acknowledge":
      return 8;
    default:
      return unreachable(kind);
  }
}

export function outboxStore(database: Database): OutboxStore {
  const db = database.statements;
  return {
    async effect(key) {
      const { rows } = await sql<
        PullRequestRow & { effect: Effect; wanted: string; attempts: number }
      >`
        select wish.effect, wish.wanted, wish.attempts, owner.*
        from outbox wish
        join (${SELECT_PULL_REQUEST}) owner on owner.id = wish.pull_request_id
        where wish.key = ${key} and wish.done < wish.wanted and not wish.dead
      `.execute(db);
      return rows.map(
        (row): PendingEffect => ({
          key,
          effect: row.effect,
          pullRequest: storedPullRequest(row),
          wanted: Number(row.wanted),
          attempts: row.attempts,
        }),
      )[0];
    },
    async leftIssues(run) {
      const { rows } = await sql<{ issues: readonly LeftIssue[] | null }>`
        select issues from attempt where run_id = ${run}
      `.execute(db);
      return rows[0]?.issues ?? [];
    },
    async effectDone(key, wanted) {
      await sql`
        update outbox set done = greatest(done, ${wanted}), performed_at = now(), error = null
        where key = ${key}
      `.execute(db);
    },
    async effectDropped(key, wanted, because) {
      await sql`
        update outbox set done = greatest(done, ${wanted}), error = ${because} where key = ${key}
      `.execute(db);
    },
    async effectFailed(key, wanted, error, final) {
      // What was wished for meanwhile has not failed: it is tried by itself.
      await sql`
        update outbox set attempts = attempts + 1, error = ${error}, dead = ${final}
        where key = ${key} and wanted = ${wanted}
      `.execute(db);
    },
    effectRests: (key, wanted, pauseMs) =>
      inTransaction(database, async (tx) => {
        const { rows } = await sql<{ kind: string; priority: number }>`
          update outbox set not_before = now() + ${pauseMs} * interval '1 millisecond', rests = true
          where key = ${key} and wanted = ${wanted} and done < wanted and not dead
          returning effect ->> 'kind' as kind, priority
        `.execute(tx);
        const [row] = rows;
        if (row !== undefined) await putOffEffect(tx, { key, ...row }, pauseMs, []);
      }),
    effectWaits: (key, pauseMs, lanes) =>
      inTransaction(database, async (tx) => {
        const { rows } = await sql<{ kind: string; priority: number }>`
          update outbox set not_before = now() + ${pauseMs} * interval '1 millisecond', rests = false
          where key = ${key} and done < wanted and not dead
          returning effect ->> 'kind' as kind, priority
        `.execute(tx);
        const [row] = rows;
        if (row !== undefined) await putOffEffect(tx, { key, ...row }, pauseMs, lanes);
      }),
  };
}
