-- Who waits for a dirspace, and in which order. One number orders everybody who owns or waits: taken from a sequence
-- while the dirspaces' rows are held, so that it orders as they were taken, whatever the clocks say (S8).
create sequence lock_place;

-- A pull request has one place for all of its dirspaces, so that no two can wait for each other. Servers that do not
-- know of this take one for each row; the lowest counts.
alter table lock add column place bigint not null default nextval('lock_place');
update lock set place = ranked.place
from (
  select pull_request_id, row_number() over (order by min(since), pull_request_id) as place
  from lock group by pull_request_id
) ranked
where ranked.pull_request_id = lock.pull_request_id;
-- As configured where the owner's lock was taken. Unknown on rows from before: whoever comes then reads its own.
alter table lock add column branch_target text check (branch_target in ('all', 'dest_branch'));

-- A pull request whose apply was refused because of others, and that is next after them. It holds nothing (no
-- partial holds): it is in the way of those with a later place.
create table lock_wait (
  pull_request_id uuid primary key references pull_request,
  place bigint not null,
  base_ref text not null,
  -- Who asked, and what for, as typed.
  actor text,
  command text not null,
  since timestamptz not null,
  -- Since when nobody is in its way. A turn that is not used lapses.
  turn_since timestamptz
);
create index lock_wait_turn on lock_wait (turn_since) where turn_since is not null;

create table lock_wait_dirspace (
  dirspace_id bigint not null references dirspace,
  pull_request_id uuid not null references lock_wait on delete cascade,
  branch_target text check (branch_target in ('all', 'dest_branch')),
  primary key (dirspace_id, pull_request_id)
);
create index lock_wait_dirspace_pull_request on lock_wait_dirspace (pull_request_id);

-- An apply without contact that somebody gave up with `force-unlock` (S3). Rows from before have none of it, so they
-- need not be looked at.
alter table work drop constraint work_state_check;
alter table work add constraint work_state_check check (state in ('queued', 'running', 'granted', 'unknown', 'planned',
  'applied', 'waiting', 'failed', 'not_started', 'abandoned')) not valid;

create or replace function work_moves() returns trigger language plpgsql as $$
begin
  if new.state is distinct from old.state and not (
    (old.state = 'queued' and new.state in ('running', 'granted', 'planned', 'waiting', 'failed', 'not_started')) or
    (old.state = 'running' and new.state in ('granted', 'planned', 'waiting', 'failed', 'not_started')) or
    (old.state = 'granted' and new.state in ('applied', 'failed', 'unknown')) or
    (old.state = 'unknown' and new.state in ('applied', 'failed', 'abandoned'))
  ) then
    raise exception 'work of run % may not move from % to %', old.run_id, old.state, new.state
      using errcode = 'check_violation';
  end if;
  return new;
end $$;
