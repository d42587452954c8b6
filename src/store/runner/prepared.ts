import { sql } from "kysely";
import { present } from "../../base/assert.ts";
import type { EventId, RunId } from "../../core/ids.ts";
import type { Preparation } from "../../core/run/preparing.ts";
import type { Run } from "../../core/run/run.ts";
import type { Bell } from "../../ports/bell.ts";
import type { RunnerStore, Session } from "../../ports/runner-store.ts";
import { insertEvent } from "../engine/intake.ts";
import { thenRing } from "../engine/ring.ts";
import { json } from "../engine/rows.ts";
import type { Database } from "../pool.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { claimedRun, SELECT_SESSION, type SessionRow } from "./sessions.ts";

type PreparedStore = Pick<RunnerStore, "keepPrepared" | "nextWork">;

/** What jobs find out about the code before there is something to work on, and what they then work on. */
export function preparedStore(database: Database, bell: Bell): PreparedStore {
  return {
    keepPrepared: (session, what, answer) =>
      thenRing(database, bell, async (tx, wake) => {
        const { run } = session;
        const { rows } = await sql<PreparingRow>`
          select state, prepares, prepared from run where id = ${run.runId} for update
        `.execute(tx);
        const row = rows[0];
        if (row === undefined || row.state === "ended") return "over";
        if (!row.prepares.includes(what)) return "not_asked";
        const same = await keepFact(tx, session, `${what}:${run.headSha}`, json(answer));
        if (row.prepared.includes(what)) return same ? "repeated" : "conflict";
        const { rows: kept } = await sql<{ event_id: EventId }>`
          update run set prepared = array_append(prepared, ${what}) where id = ${run.runId}
          returning gen_random_uuid() as event_id
        `.execute(tx);
        // Whatever waits to be decided may have been read before this, so it is told anew.
        const { id } = run.pullRequest;
        const { runId } = run;
        await insertEvent(tx, id, present(kept[0], "the run, which is held").event_id, {
          kind: "run_progressed",
          runId,
        });
        wake(id);
        return "recorded";
      }),
    nextWork: (run) => inTransaction(database, (tx) => nextWork(tx, run)),
  };
}

interface PreparingRow {
  readonly state: Run["state"];
  readonly prepares: readonly Preparation[];
  readonly prepared: readonly Preparation[];
}

/** The first that is said of a commit stays; says whether this is the same. */
async function keepFact(tx: Tx, { run }: Session, key: string, answer: string): Promise<boolean> {
  const { id } = run.pullRequest.repository;
  await sql`
    insert into commit_fact (repository_id, key, answer) values (${id}, ${key}, ${answer}::jsonb)
    on conflict do nothing
  `.execute(tx);
  const { rows } = await sql<{ same: boolean }>`
    select answer = ${answer}::jsonb as same from commit_fact
    where repository_id = ${id} and key = ${key}
  `.execute(tx);
  return rows[0]?.same === true;
}

async function nextWork(tx: Tx, run: RunId): ReturnType<RunnerStore["nextWork"]> {
  const { rows } = await sql<SessionRow & { readonly outcome: Run["outcome"] | null }>`
    select asked.*, run.outcome from (${SELECT_SESSION}) asked join run on run.id = asked.run_id
    where asked.run_id = ${run}
  `.execute(tx);
  const row = rows[0];
  if (row === undefined || row.over) return { kind: "over", outcome: row?.outcome ?? "lost" };
  const claimed = await claimedRun(tx, row);
  if (claimed.units.length > 0) return { kind: "filled", run: claimed };
  return claimed.next === undefined ? { kind: "wait" } : { kind: "preparing", run: claimed };
}
