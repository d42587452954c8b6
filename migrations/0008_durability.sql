-- Events that are due are found by when they are, however many there are: the sweep of a server that crashed
-- between storing and deciding, and of one that postponed what could not be decided yet.
create index event_due on event ((coalesce(not_before, received_at))) where state = 'pending';
create index event_dead on event (received_at) where state = 'dead';
create index outbox_dead on outbox (created_at) where dead;
-- Retention takes what was performed long ago.
create index outbox_performed on outbox (performed_at) where done >= wanted;

-- Comments whose command was answered. Told of again, whoever tells it, they do nothing (S22, T7).
alter table pull_request add column obeyed_comments text[] not null default '{}';

-- When the VCS was last asked which of the repository's pull requests are open (S21).
alter table repository add column looked_at timestamptz;

-- Every server says every few seconds that it lives and which pull requests it decides about, so that the others
-- leave those alone. Also the list that tells an operator which versions still run.
create table server (
  id uuid primary key,
  version text not null,
  -- The newest migration that it knows.
  knows integer not null,
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  draining boolean not null default false,
  advancing uuid[] not null default '{}'
);

-- Work that one of all servers does once in a while: whoever takes the row has it until the next time.
create table duty (
  name text primary key,
  taken_at timestamptz not null,
  -- How far the last one got; only that work can read it.
  cursor text
);

-- L38: a server that does not know this migration must not work on this database any more. Raised by the migration
-- that takes away what older servers need, and by nothing else.
create table compatibility (
  one boolean primary key default true check (one),
  oldest integer not null
);
insert into compatibility (oldest) values (1);

-- S27: results that came too late, of an older fence, or a second time with another outcome. Evidence: they change
-- nothing by themselves, and nobody deletes them.
create table late_result (
  id bigint generated always as identity primary key,
  -- No foreign keys: their checks take the rows of pull request and dirspace, out of the order in which all take them.
  run_id text not null,
  dirspace_id bigint not null,
  pull_request_id uuid not null,
  op text not null check (op in ('plan', 'apply')),
  -- What the work's state was, and stays.
  state text not null,
  why text not null check (why in ('ended', 'other_fence', 'no_move')),
  report jsonb not null,
  received_at timestamptz not null default now()
);
create index late_result_pull_request on late_result (pull_request_id, id);

-- The moves of a run, as `src/core/run/run.ts` has them.
create function run_moves() returns trigger language plpgsql as $$
begin
  if new.state is distinct from old.state and not (
    (old.state = 'queued' and new.state in ('dispatched', 'running', 'ended')) or
    (old.state = 'dispatched' and new.state in ('running', 'ended')) or
    (old.state = 'running' and new.state in ('ended'))
  ) then
    raise exception 'run % may not move from % to %', old.id, old.state, new.state
      using errcode = 'check_violation';
  end if;
  if old.state = 'ended' and new.outcome is distinct from old.outcome then
    raise exception 'run % has ended as % and stays so', old.id, old.outcome
      using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger run_moves before update of state, outcome on run for each row execute function run_moves();

-- Partitions of the tables that only grow. Each holds seven days; they are made ahead of time and dropped as a
-- whole. A week whose rows are in the default partition already stays there.
create function make_partitions(parent text, at timestamptz, ahead integer) returns integer language plpgsql as $$
declare
  made integer := 0;
  first date := date_trunc('week', at at time zone 'UTC')::date;
  starts date;
  name text;
  taken boolean;
begin
  for step in 0..ahead loop
    starts := first + step * 7;
    name := parent || '_' || to_char(starts, 'YYYYMMDD');
    continue when to_regclass(name) is not null;
    execute format(
      'select exists (select from %I where %I >= %L and %I < %L)', parent || '_default',
      case parent when 'event' then 'received_at' else 'at' end, starts::timestamp at time zone 'UTC',
      case parent when 'event' then 'received_at' else 'at' end, (starts + 7)::timestamp at time zone 'UTC'
    ) into taken;
    continue when taken;
    execute format(
      'create table %I partition of %I for values from (%L) to (%L)', name, parent,
      starts::timestamp at time zone 'UTC', (starts + 7)::timestamp at time zone 'UTC'
    );
    made := made + 1;
  end loop;
  return made;
end $$;
select make_partitions('event', now(), 2);
select make_partitions('output_chunk', now(), 2);
