import { sql } from "kysely";
import type { Instant } from "../../base/brand.ts";
import type { Decision } from "../../core/decision.ts";
import type { Happening } from "../../core/event.ts";
import type { Answer } from "../../core/fact.ts";
import type { EventId } from "../../core/ids.ts";
import type { Recorded } from "../../core/replay.ts";
import type { Snapshot } from "../../core/snapshot.ts";
import { unpack } from "../engine/packed.ts";
import type { Database } from "../pool.ts";

export interface WantedDecisions {
  /** `owner/name`, or its end; undefined for every repository. */
  readonly repository?: string | undefined;
  readonly number?: number | undefined;
  readonly since?: Date | undefined;
  readonly limit: number;
}

/** A stored decision, or why it cannot be put together any more. */
export interface StoredDecision {
  readonly id: string;
  readonly repository: string;
  readonly number: number;
  readonly decidedAt: Instant;
  readonly event: string;
  readonly recorded: Recorded | string;
}

const IDS_PAGE = 1_000;

/** Decisions with all that they were made from, newest first. One at a time: a single one can have megabytes. */
export async function* storedDecisions(
  database: Database,
  wanted: WantedDecisions,
): AsyncGenerator<StoredDecision> {
  let left = wanted.limit;
  for (let before: string | null = null; left > 0; ) {
    const page: readonly string[] = await idsBefore(
      database,
      wanted,
      before,
      Math.min(left, IDS_PAGE),
    );
    for (const id of page) {
      const found = await readOne(database, id);
      if (found !== undefined) yield found;
    }
    left -= page.length;
    before = page.at(-1) ?? null;
    if (page.length < IDS_PAGE) return;
  }
}

async function idsBefore(
  database: Database,
  { repository, number, since }: WantedDecisions,
  before: string | null,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select decision.id::text as id from decision
    join pull_request pull on pull.id = decision.pull_request_id
    join repository on repository.id = pull.repository_id
    where (${before}::bigint is null or decision.id < ${before}::bigint)
      and (${number ?? null}::integer is null or pull.number = ${number ?? null}::integer)
      and (${since ?? null}::timestamptz is null or decision.decided_at >= ${since ?? null}::timestamptz)
      and (${repository ?? null}::text is null or repository.full_name = ${repository ?? null}
        or repository.full_name like '%/' || ${repository ?? null})
    order by decision.id desc limit ${limit}
  `.execute(database.statements);
  return rows.map(({ id }) => id);
}

interface Row {
  readonly id: string;
  readonly full_name: string;
  readonly number: number;
  readonly decided_at: Date;
  readonly event_id: EventId;
  readonly received_at: Date | null;
  readonly happening: Happening;
  readonly snapshot: Omit<Snapshot, "held"> & { readonly held?: readonly string[] };
  readonly packed: Uint8Array | null;
  readonly facts: Readonly<Record<string, Answer>>;
  readonly commit_facts: readonly string[];
  readonly kept: Readonly<Record<string, Answer>> | null;
  readonly writes: Decision["writes"];
  readonly effects: Decision["effects"];
  readonly reasons: Decision["reasons"];
}

async function readOne(database: Database, id: string): Promise<StoredDecision | undefined> {
  const { rows } = await sql<Row>`
    select decision.id::text as id, repository.full_name, pull.number, decision.decided_at, decision.event_id,
      decision.happening, decision.snapshot, decision.packed, decision.facts, decision.commit_facts,
      decision.writes, decision.effects, decision.reasons,
      (select event.received_at from event where event.id = decision.event_id limit 1) as received_at,
      (
        select jsonb_object_agg(commit_fact.key, commit_fact.answer) from commit_fact
        where commit_fact.repository_id = pull.repository_id
          and commit_fact.key = any(decision.commit_facts)
      ) as kept
    from decision
    join pull_request pull on pull.id = decision.pull_request_id
    join repository on repository.id = pull.repository_id
    where decision.id = ${id}
  `.execute(database.statements);
  const row = rows[0];
  if (row === undefined) return undefined;
  return {
    id: row.id,
    repository: row.full_name,
    number: row.number,
    decidedAt: row.decided_at.getTime() as Instant,
    event: row.happening.kind,
    recorded: await recordedOf(row),
  };
}

async function recordedOf(row: Row): Promise<Recorded | string> {
  const missing = row.commit_facts.filter((key) => row.kept?.[key] === undefined);
  if (missing.length > 0) return `${missing[0] ?? ""} is not kept any more`;
  const facts = new Map(Object.entries({ ...row.kept, ...row.facts }));
  const { effects, reasons, happening: what, event_id: id } = row;
  if (row.packed !== null) {
    const { at, snapshot, writes } = await unpack(row.packed);
    return { snapshot, event: { id, at, what }, facts, writes, effects, reasons };
  }
  // Snapshots of servers from before lack what this one looks at.
  return "a server of an older version decided it, and kept another form";
}
