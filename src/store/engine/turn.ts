import { sql } from "kysely";
import { present } from "../../base/assert.ts";
import type { Instant } from "../../base/brand.ts";
import { compareText, type DirspaceKey } from "../../core/change/dirspace.ts";
import type { Decision } from "../../core/decision.ts";
import type { Happening, PullRequestEvent } from "../../core/event.ts";
import type { Answer } from "../../core/fact.ts";
import type { EventId, PullRequestId } from "../../core/ids.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import type { EngineStore, StoredPullRequest, Turn } from "../../ports/engine-store.ts";
import { RefusedWrite } from "../../ports/refused-write.ts";
import type { Database } from "../pool.ts";
import { isOfTheData } from "../sqlstate.ts";
import { inTransaction, type Tx } from "../transaction.ts";
import { holdDirspaces } from "./dirspaces.ts";
import { wantEffects } from "./outbox.ts";
import { pack } from "./packed.ts";
import { json, type PullRequestRow, SELECT_PULL_REQUEST, storedPullRequest } from "./rows.ts";
import { readSnapshot } from "./snapshot.ts";
import { storeWrites } from "./writes.ts";

type TurnStore = Pick<
  EngineStore,
  "takeTurn" | "knownAnswers" | "keepAnswers" | "dropAnswers" | "postpone" | "setAside"
>;

/** What is kept of an error. */
export const ERROR_CHARS_MAX = 2_000;

export function turnStore(database: Database): TurnStore {
  return {
    takeTurn: (pullRequest, use) =>
      refusedByName(
        inTransaction(database, async (tx) => {
          const locked = await lockPullRequest(tx, pullRequest);
          const next = locked === undefined ? undefined : await nextEvent(tx, pullRequest);
          if (locked === undefined || next === undefined) return { kind: "idle" };
          const value = await use(await openTurn(tx, locked, next));
          return { kind: "taken", value };
        }),
      ),
    async knownAnswers(repository, keys) {
      const { rows } = await sql<{ key: string; answer: Answer }>`
        select key, answer from commit_fact
        where repository_id = ${repository} and key = any(${keys})
      `.execute(database.statements);
      return new Map(rows.map((row) => [row.key, row.answer]));
    },
    keepAnswers: (event, { pullRequest, repository, observed }, answers) =>
      inTransaction(database, async (tx) => {
        const byKey = new Map(answers.map((one) => [one.key, one]));
        const sorted = [...byKey.values()].sort((a, b) => compareText(a.key, b.key));
        // Sorted, because two events may bring the same answers. Immutable ones are noted without their value:
        // which ones the decision used is part of its record. The row is held, so that no decision comes between.
        await sql`
          with given as (
            select * from jsonb_to_recordset(${json(sorted)}::jsonb)
              as given (key text, answer jsonb, immutable boolean)
          ), unmoved as (
            select from pull_request where id = ${pullRequest} and observed_seq = ${observed} for share
          ), kept as (
            insert into commit_fact (repository_id, key, answer)
            select ${repository}::uuid, key, answer from given where immutable
            order by key collate "C" on conflict do nothing
          )
          insert into event_fact (event_id, key, answer)
          select ${event}::uuid, key, case when immutable then 'null'::jsonb else answer end from given
          where immutable or exists (select from unmoved)
          on conflict (event_id, key) do update set answer = excluded.answer
        `.execute(tx);
      }),
    async dropAnswers(event) {
      await sql`delete from event_fact where event_id = ${event}`.execute(database.statements);
    },
    async postpone(event, error, pauseMs, whose) {
      const until = sql`now() + ${pauseMs} * interval '1 millisecond'`;
      await sql`
        with failed as (
          update event set attempts = attempts + 1, error = ${error.slice(0, ERROR_CHARS_MAX)},
            not_before = ${until}
          where id = ${event} and state = 'pending' returning id, pull_request_id
        )
        update event set not_before = ${until} from failed
        where ${whose === "pull_request"} and event.pull_request_id = failed.pull_request_id
          and event.state = 'pending' and event.id <> failed.id
          and coalesce(event.not_before, '-infinity') < ${until}
      `.execute(database.statements);
    },
    async setAside(event, error) {
      await sql`
        update event set state = 'dead', attempts = attempts + 1,
          error = ${error.slice(0, ERROR_CHARS_MAX)}
        where id = ${event} and state = 'pending'
      `.execute(database.statements);
    },
  };
}

/** L36: what the database will not have is told apart from a database that is away. */
async function refusedByName<T>(decided: Promise<T>): Promise<T> {
  try {
    return await decided;
  } catch (error) {
    throw isOfTheData(error) ? new RefusedWrite(String(error), { cause: error }) : error;
  }
}

/** Decisions about one pull request are made one after the other: whoever holds the row decides. */
async function lockPullRequest(tx: Tx, id: PullRequestId): Promise<Locked | undefined> {
  const { rows } = await sql<
    PullRequestRow & { readonly observed_seq: string; readonly view_age_ms: number | null }
  >`
    ${SELECT_PULL_REQUEST} where pull_request.id = ${id} for update of pull_request
  `.execute(tx);
  return rows.map((row) => ({
    pullRequest: storedPullRequest(row),
    observed: Number(row.observed_seq),
    viewAgeMs: row.view_age_ms ?? undefined,
  }))[0];
}

type Locked = Pick<Turn, "pullRequest" | "observed" | "viewAgeMs">;

interface NextEvent {
  readonly event: PullRequestEvent;
  readonly seq: string;
  readonly attempts: number;
}

/**
 * The oldest event that waits and is due: one that could not be decided lets the others pass. Sequence numbers are
 * given before commit, so a slower transaction may bring an older one in later; order does not matter to the outcome
 * (S23). Its row is held: a report that comes after the snapshot was read must not count on this event (`wakeRun`).
 */
async function nextEvent(tx: Tx, id: PullRequestId): Promise<NextEvent | undefined> {
  const { rows } = await sql<{
    seq: string;
    id: EventId;
    received_at: Date;
    happening: Happening;
    attempts: number;
  }>`
    select seq, id, received_at, happening, attempts from event
    where pull_request_id = ${id} and state = 'pending'
      and (not_before is null or not_before <= now())
    order by seq limit 1 for update
  `.execute(tx);
  const first = rows[0];
  if (first === undefined) return undefined;
  const event = {
    id: first.id,
    at: first.received_at.getTime() as Instant,
    what: first.happening,
  };
  return { event, seq: first.seq, attempts: first.attempts };
}

/** What was taken from the store is as old as it was. */
function isLookedAt(facts: ReadonlyMap<string, Answer>): boolean {
  const seen = facts.get("pull_request");
  return seen?.kind === "pull_request" && seen.stored !== true;
}

async function openTurn(tx: Tx, locked: Locked, next: NextEvent): Promise<Turn> {
  const { pullRequest, observed, viewAgeMs } = locked;
  const held = new Map<DirspaceKey, string>();
  const { facts, keys } = await readFacts(tx, pullRequest, next.event.id);
  return {
    pullRequest,
    event: next.event,
    observed,
    viewAgeMs,
    attempts: next.attempts,
    facts,
    snapshot: await readSnapshot(tx, pullRequest, held),
    async hold(dirspaces) {
      for (const [key, id] of await holdDirspaces(tx, pullRequest, dirspaces)) held.set(key, id);
      return readSnapshot(tx, pullRequest, held);
    },
    save: (snapshot, decision) => save(tx, pullRequest, next, { facts, keys }, snapshot, decision),
  };
}

async function readFacts(tx: Tx, pullRequest: StoredPullRequest, event: EventId) {
  const { rows } = await sql<{ key: string; answer: Answer | null; kept: Answer | null }>`
    select event_fact.key, event_fact.answer, commit_fact.answer as kept
    from event_fact
    left join commit_fact on commit_fact.repository_id = ${pullRequest.repository.id}
      and commit_fact.key = event_fact.key
    where event_fact.event_id = ${event} order by event_fact.key collate "C"
  `.execute(tx);
  const facts = new Map<string, Answer>();
  const keys: string[] = [];
  for (const row of rows) {
    const answer = row.answer ?? row.kept;
    if (answer === null) continue;
    facts.set(row.key, answer);
    if (row.answer === null) keys.push(row.key);
  }
  return { facts, keys };
}

async function save(
  tx: Tx,
  pullRequest: StoredPullRequest,
  next: NextEvent,
  used: { readonly facts: ReadonlyMap<string, Answer>; readonly keys: readonly string[] },
  snapshot: Snapshot,
  decision: Decision,
): Promise<void> {
  await storeWrites(tx, pullRequest, next.event, decision.writes);
  await wantEffects(tx, pullRequest.id, decision.effects);
  const kept = new Set(used.keys);
  const facts = Object.fromEntries([...used.facts].filter(([key]) => !kept.has(key)));
  const { event } = next;
  const packed = await pack({ at: event.at, snapshot, writes: decision.writes });
  await sql`
    insert into decision (event_id, event_seq, pull_request_id, kind, happening, snapshot, facts,
      commit_facts, writes, effects, reasons, packed)
    values (${event.id}, ${next.seq}, ${pullRequest.id}, ${event.what.kind}, ${json(event.what)}::jsonb,
      '{}', ${json(facts)}::jsonb, ${used.keys}::text[], '[]', ${json(decision.effects)}::jsonb,
      ${json(decision.reasons)}::jsonb, ${packed})
  `.execute(tx);
  const { rows } = await sql`
    update event set state = 'decided' where id = ${event.id} and state = 'pending' returning 1
  `.execute(tx);
  present(rows[0], "an event is decided once");
  const isNews = decision.writes.some(({ kind }) => kind === "observe");
  // What others that wait were told before is older than what is stored now (S24).
  const others = sql`array(
    select id from event where pull_request_id = ${pullRequest.id} and state = 'pending'
  )`;
  await sql`
    delete from event_fact
    where event_id = any(${isNews ? others : sql`'{}'::uuid[]`} || ${event.id}::uuid)
      and (event_id = ${event.id} or answer <> 'null'::jsonb)
  `.execute(tx);
  await sql`
    update pull_request set change_seq = nextval('change_seq'), updated_at = now(),
      observed_at = case when ${isNews && isLookedAt(used.facts)} then now() else observed_at end
    where id = ${pullRequest.id}
  `.execute(tx);
}
