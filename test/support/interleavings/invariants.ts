import type pg from "pg";

/**
 * What must hold after every schedule, as statements that give a row for each violation. `saved` is the schema with the
 * rows from before.
 */
const INVARIANTS: Readonly<Record<string, string>> = {
  "S1 two applies on one dirspace": `
    select dirspace_id::text from work where op = 'apply' and state in ('granted', 'unknown')
    group by dirspace_id having count(*) > 1`,
  "S2 a fence shrank or was given twice": `
    select dirspace.id::text from dirspace left join saved.dirspace old on old.id = dirspace.id
    where dirspace.last_fence <> coalesce(old.last_fence, 0)
      + (select cluster.quarantines - before.quarantines from cluster, saved.cluster before) * 4294967296 + (
      select count(*) from apply_grant where apply_grant.dirspace_id = dirspace.id
        and apply_grant.fence > coalesce(old.last_fence, 0))`,
  "S5 a grant without its work, or a work without its grant": `
    select work.run_id from work left join apply_grant granted
      on granted.run_id = work.run_id and granted.dirspace_id = work.dirspace_id
    where work.fence is distinct from granted.fence`,
  "S8 the order within a dirspace has gaps or doubles": `
    select dirspace.id::text from dirspace join work on work.dirspace_id = dirspace.id
    group by dirspace.id having max(work.seq) <> dirspace.last_seq or count(*) <> count(distinct work.seq)
      or count(*) <> dirspace.last_seq`,
  "S24 an observation was lost": `
    select pull_request.id::text from pull_request join saved.pull_request old using (id)
    where pull_request.observed_seq < old.observed_seq`,
  "S25 a wish was lost": `
    select outbox.key from outbox left join saved.outbox old using (key, created_at)
    where outbox.effect ->> 'kind' <> 'dispatch' and outbox.wanted <> coalesce(old.wanted, 0) + (
      select count(*) from decision cross join lateral jsonb_array_elements(effects) each
      where each ->> 'key' = outbox.key and decision.id not in (select id from saved.decision))
    union all
    select each ->> 'key' from decision cross join lateral jsonb_array_elements(effects) each
    where each ->> 'kind' <> 'dispatch' and not exists (select from outbox where outbox.key = each ->> 'key')
      and decision.id not in (select id from saved.decision)
    union all
    select old.key from saved.outbox old
    where old.done < old.wanted and not exists (select from outbox where outbox.key = old.key)
    union all
    select each ->> 'key' from decision cross join lateral jsonb_array_elements(effects) each
    where each ->> 'kind' = 'dispatch'
      and not exists (select from ci_job where ci_job.attempt_id = each ->> 'attemptId')
    union all
    select outbox.key from outbox join saved.outbox old using (key, created_at) where outbox.done < old.done
      or outbox.done > outbox.wanted`,
  "S25 a wish waits and nobody is woken": `
    select outbox.key from outbox left join saved.outbox old using (key)
    where outbox.done < outbox.wanted and not outbox.dead
      and outbox.wanted > coalesce(old.wanted, 0)
      and not exists (select from graphile_worker.jobs where key = 'perform:' || outbox.key)`,
  "S28 an ended state changed": `
    select work.run_id from work join saved.work old using (run_id, dirspace_id)
    where old.ended_at is not null and (work.state, work.result) is distinct from (old.state, old.result)
    union all
    select run.id from run join saved.run old using (id)
    where old.state = 'ended' and (run.state, run.outcome) is distinct from (old.state, old.outcome)`,
  "S30 an event and its decision disagree": `
    select event.id::text from event left join decision on decision.event_id = event.id
    where (event.state = 'decided') <> (decision.id is not null)
    union all
    select event_id::text from decision group by event_id having count(*) > 1`,
  "S7 two pull requests own one dirspace by applying": `
    select dirspace_id::text from lock where because = 'applied'
      and not exists (select from saved.lock old where old.dirspace_id = lock.dirspace_id)
    group by dirspace_id having count(*) > 1`,
  "S7 a pull request owns a part of its dirspaces": `
    select lock.pull_request_id::text from lock join pull_request on pull_request.id = lock.pull_request_id
    where lock.because = 'applied' group by lock.pull_request_id
    having count(*) <> (
      select count(*) from pull_request_dirspace member
      where member.pull_request_id = lock.pull_request_id and member.affected is not null)`,
  "S22 the same event twice": `
    select id::text from event group by id having count(*) > 1`,
  "an ended run has open works, or an open one has none": `
    select run.id from run join work on work.run_id = run.id
    where run.state = 'ended' and work.ended_at is null`,
  "S26 a credential of nobody": `
    select id from attempt where (credential_hash is null) <> (claimed_ci_run is null)`,
};

/** Names of the invariants that do not hold, with what breaks them. */
export async function brokenInvariants(client: pg.Client): Promise<readonly string[]> {
  const all = Object.entries(INVARIANTS).map(
    ([name, statement]) => `select '${name}' as name, found.* from (${statement}) found (what)`,
  );
  const text = all.join(" union all ");
  const { rows } = await client.query<{ name: string; what: string }>({ name: "invariants", text });
  return rows.map(({ name, what }) => `${name}: ${what}`);
}

/** What of a table tells one outcome from another; ids that are random and numbers of sequences are left out. */
const STATE: Readonly<Record<string, string>> = {
  pull_request: "to_jsonb(t) - '{id,change_seq,updated_at}'::text[]",
  run: "to_jsonb(t) - '{event_id}'::text[]",
  attempt: "to_jsonb(t) - '{credential_hash}'::text[]",
  work: "to_jsonb(t)",
  // Places come from a sequence: only their order says anything.
  lock: `to_jsonb(t) - '{place}'::text[] || jsonb_build_object('before', (
    select count(*) from lock other where other.dirspace_id = t.dirspace_id and other.place < t.place))`,
  lock_wait: "to_jsonb(t) - '{place}'::text[]",
  lock_wait_dirspace: "to_jsonb(t)",
  dirspace: "to_jsonb(t) - '{id}'::text[]",
  apply_grant: "to_jsonb(t)",
  // The place in the queue comes from a sequence as well.
  ci_job: `to_jsonb(t) - '{seq}'::text[] || jsonb_build_object('before', (
    select count(*) from ci_job other where other.repository_id = t.repository_id and other.seq < t.seq))`,
  ci_news: "to_jsonb(t) - '{id}'::text[]",
  outbox: "to_jsonb(t) - '{seq,effect}'::text[]",
  delivery: "to_jsonb(t)",
  publication: "to_jsonb(t)",
  decision: "jsonb_build_array(t.pull_request_id, t.kind)",
  event: "jsonb_build_array(t.pull_request_id, t.kind, t.state, t.happening)",
};

const INSTANT = /\d{4}-\d\d-\d\d[T ][0-9:.]+(?:\+00:00|Z)?/g;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** The same for two outcomes that nobody could tell apart; times and doubled wake-ups do not count. */
export async function digestOfState(
  client: pg.Client,
  known: ReadonlySet<string>,
): Promise<string> {
  const all = Object.entries(STATE).map(
    ([table, row]) => `select distinct '${table} ' || (${row})::text as row from ${table} t`,
  );
  const text = `${all.join(" union all ")} order by 1`;
  const { rows } = await client.query<{ row: string }>({ name: "digest", text });
  const name = (id: string) => (known.has(id) ? id : "new");
  const told = rows.map(({ row }) => row.replaceAll(INSTANT, "T").replaceAll(UUID, name));
  return told.sort().join("\n");
}
