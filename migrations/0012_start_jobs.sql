-- A claim among a hundred thousand queued jobs spends its time on starting statements, not on rows. So these are few and
-- small, planned once for each connection, and one call stores what is to be dispatched as well: a statement that a
-- client sends is planned every time, because behind a pooler it can have no name.

-- How many CI jobs of the installation have a place. Kept and not counted: whoever admits holds this row, and nobody else
-- gives or takes a place. Null until the first admission after this migration has counted.
alter table ci_gate add column admitted bigint;

-- What is blocked on a dirspace, its plans and one apply's job, without going through the other applies that wait there.
create index ci_job_blocked_by_kind on ci_job (blocked_on, kind, run_id) where state = 'blocked';
drop index ci_job_blocked;

-- A row that is opened and served in one transaction would have both looked up again for each claim. They are those of the
-- jobs, whose runs refer to them.
alter table ci_share drop constraint ci_share_repository_id_fkey, drop constraint ci_share_installation_id_fkey;

-- Gives CI jobs of an installation their places, in one round trip: between two statements of a client the gate would
-- be held for as long as the client waits for a processor. `src/core/schedule/choose.ts` is what it is tested against.
-- Answers {"started": [{"attempt", "run", "pullRequest"}], "more": something was left for the next call}. Servers from
-- before this migration call it by itself.
create or replace function ci_admit(
  of_installation uuid, caps jsonb, starts_max integer, looks_max integer, news_max integer
) returns jsonb language plpgsql as $$
declare
  served_now bigint;
  served_before bigint;
  admitted_now bigint;
  admitted_before bigint;
  installation_name text;
  news record;
  room bigint;
  looks integer := 0;
  share record;
  job record;
  became text;
  started jsonb := '[]';
begin
  -- Each statement sees what was committed before it began, so all after this one see what the last holder did (S9).
  select ci_gate.served, ci_gate.admitted, installation.external_id
  into served_before, admitted_before, installation_name from ci_gate join installation on installation.id = ci_gate.installation_id
  where ci_gate.installation_id = of_installation for update of ci_gate;
  if not found then
    insert into ci_gate (installation_id) select id from installation where id = of_installation
    on conflict do nothing;
    select ci_gate.served, ci_gate.admitted, installation.external_id
    into strict served_before, admitted_before, installation_name from ci_gate join installation on installation.id = ci_gate.installation_id
    where ci_gate.installation_id = of_installation for update of ci_gate;
  end if;
  served_now := served_before;

  news := ci_hear(of_installation, served_now, news_max);
  admitted_now := admitted_before - news.places;
  if admitted_now is null then
    admitted_now := (select count(*) from ci_job where installation_id = of_installation and state = 'admitted');
  end if;
  room := coalesce(
    (caps #>> array['installation', 'of', installation_name])::bigint, (caps #>> '{installation,max}')::bigint
  ) - admitted_now;

  while room > 0 and looks < looks_max and jsonb_array_length(started) < starts_max loop
    looks := looks + 1;
    select ci_share.repository_id, ci_share.served, ci_share.starts, repository.full_name as name into share
    from ci_share join repository on repository.id = ci_share.repository_id
    where ci_share.installation_id = of_installation and ci_share.open
    order by ci_share.served, ci_share.repository_id limit 1;
    exit when not found;

    -- Of each lane that has room its head, by one of the two indexes: the other branch is not run.
    select head.* into job from ci_lane lane cross join lateral (
      (
        select attempt_id, run_id, pull_request_id, expected_ms, kind, remaining_ms, seq from ci_job
        where share.starts % 4 <> 3 and state = 'waiting'
          and repository_id = lane.repository_id and environment = lane.environment
        order by kind, remaining_ms desc, seq limit 1
      ) union all (
        select attempt_id, run_id, pull_request_id, expected_ms, '', 0, seq from ci_job
        where share.starts % 4 = 3 and state = 'waiting'
          and repository_id = lane.repository_id and environment = lane.environment
        order by seq limit 1
      )
    ) head
    where lane.repository_id = share.repository_id and lane.open
      and (lane.environment = '' or ci_lane_has_room(of_installation, share.repository_id, lane.environment, share.name, caps))
      and (
        select count(*) from ci_job running
        where running.installation_id = of_installation and running.repository_id = share.repository_id
          and running.state = 'admitted'
      ) < coalesce((caps #>> array['repository', 'of', share.name])::bigint, (caps #>> '{repository,max}')::bigint)
    order by head.kind, head.remaining_ms desc, head.seq limit 1;
    if not found then
      -- Closed until something changes: the repository, and of its lanes those without room or without jobs.
      update ci_lane lane set open = false
      where lane.repository_id = share.repository_id and lane.open and (
        not exists (
          select from ci_job where state = 'waiting'
            and repository_id = lane.repository_id and environment = lane.environment
        ) or lane.environment <> '' and not ci_lane_has_room(
          of_installation, share.repository_id, lane.environment, share.name, caps
        )
      );
      update ci_share set open = false where repository_id = share.repository_id;
      continue;
    end if;

    update ci_job set
      state = case when now.over then 'ended' when now.busy is null then 'admitted' else 'blocked' end,
      blocked_on = case when not now.over then now.busy end,
      blocked_at = case when not now.over and now.busy is not null then now() end,
      admitted_at = case when not now.over and now.busy is null then now() end
    from (
      select run.state = 'ended' as over, (
        -- The first dirspace for which it has to wait: an apply of another run has it, or, for an apply, is before it
        -- there. The order is that of the dirspace, given when the works were made (S8).
        select mine.dirspace_id from work mine
        where mine.run_id = run.id and (exists (
          select from work busy
          where busy.dirspace_id = mine.dirspace_id and busy.op = 'apply' and busy.state in ('granted', 'unknown')
            and busy.run_id <> run.id
        ) or mine.op = 'apply' and exists (
          select from work busy
          where busy.dirspace_id = mine.dirspace_id and busy.op = 'apply' and busy.ended_at is null
            and busy.seq < mine.seq and busy.run_id <> run.id
        ))
        order by mine.dirspace_id limit 1
      ) as busy
      from run where run.id = job.run_id
      -- Looked at once, and not again for each column that it decides.
      offset 0
    ) now
    where ci_job.attempt_id = job.attempt_id returning ci_job.state into strict became;
    continue when became <> 'admitted';

    served_now := greatest(served_now, share.served);
    update ci_share set served = served_now + greatest(1, job.expected_ms), starts = starts + 1
    where repository_id = share.repository_id;
    started := started || jsonb_build_object(
      'attempt', job.attempt_id, 'run', job.run_id, 'pullRequest', job.pull_request_id
    );
    room := room - 1;
    admitted_now := admitted_now + 1;
  end loop;

  if served_now <> served_before or admitted_now is distinct from admitted_before then
    update ci_gate set served = served_now, admitted = admitted_now where installation_id = of_installation;
  end if;
  return jsonb_build_object('started', started, 'more', news.heard >= news_max
    or (room > 0 and (looks >= looks_max or jsonb_array_length(started) >= starts_max)));
end $$;

-- Whether an environment of a repository has a free place.
create function ci_lane_has_room(
  of_installation uuid, of_repository uuid, of_environment text, name text, caps jsonb
) returns boolean language sql stable as $$
  select count(*) < coalesce(
    (caps #>> array['environment', 'of', name || ':' || of_environment])::bigint, (caps #>> '{environment,max}')::bigint
  )
  from ci_job where installation_id = of_installation and repository_id = of_repository
    and environment = of_environment and state = 'admitted'
$$;
drop function ci_next, ci_busy;

drop function ci_hear;
-- Hears what happened since: new jobs wait, places come free, what waited for the dirspaces of ended applies may start.
-- Exactly these are touched, and the queues that they are in are looked at again. Answers how much there was, at most, and
-- how many places came free.
create function ci_hear(
  of_installation uuid, served_now bigint, news_max integer, out heard integer, out places bigint
) language plpgsql as $$
declare
  attempts text[];
  dirspaces bigint[];
  fresh text[];
  repositories uuid[];
  environments text[];
begin
  places := 0;
  with heard as (
    delete from ci_news where id = any (array(
      select id from ci_news where installation_id = of_installation order by id limit news_max
    )) returning attempt_id, dirspace_id
  )
  select array_agg(attempt_id) filter (where attempt_id is not null),
    array_agg(distinct dirspace_id) filter (where dirspace_id is not null), count(*)
  into attempts, dirspaces, heard from heard;
  fresh := array(
    select attempt_id from ci_job where installation_id = of_installation and state = 'new' order by seq limit news_max
  );
  if dirspaces is not null then attempts := attempts || ci_freed(dirspaces); end if;
  attempts := attempts || fresh;
  if cardinality(attempts) > 0 then
    with moved as (
      update ci_job set blocked_on = null, blocked_at = null, state = case
          when ci_job.state = 'admitted' then case when exists (
            select from attempt where id = ci_job.attempt_id and (ended_at is not null or finished_at is not null)
          ) then 'ended' else 'admitted' end
          when exists (select from run where id = ci_job.run_id and state = 'ended') then 'ended'
          else 'waiting'
        end
      where ci_job.attempt_id = any (attempts) and ci_job.state <> 'ended'
      returning ci_job.repository_id, ci_job.environment, ci_job.state = 'ended' and ci_job.admitted_at is not null as left_it
    )
    select array_agg(repository_id), array_agg(environment), coalesce(sum(gone), 0) into repositories, environments, places
    from (select repository_id, environment, count(*) filter (where left_it) as gone from moved group by 1, 2) queue;
    if repositories is not null then
      with lanes as (
        insert into ci_lane (repository_id, environment)
        select * from unnest(repositories, environments)
        on conflict (repository_id, environment) do update set open = true where not ci_lane.open
      )
      insert into ci_share (repository_id, installation_id, served)
      select distinct repository, of_installation, served_now from unnest(repositories) repository
      on conflict (repository_id) do update set open = true where not ci_share.open;
    end if;
  end if;
  heard := greatest(heard, cardinality(fresh));
end $$;

-- Of what is blocked on dirspaces whose applies have ended, only what these let start: the plans, unless another apply has
-- the dirspace by now, and the apply that comes next there. Those behind it would only be found to be blocked again.
create function ci_freed(dirspaces bigint[]) returns text[] language sql stable as $$
  select array(
    select job.attempt_id from unnest(dirspaces) free (id) cross join lateral (
      select attempt_id from ci_job
      where state = 'blocked' and blocked_on = free.id and kind = 'plan' and not exists (
        select from work where dirspace_id = free.id and op = 'apply' and state in ('granted', 'unknown')
      )
      union all
      select attempt_id from (
        select run_id from work where dirspace_id = free.id and op = 'apply' and ended_at is null
        order by seq limit 1
      ) next join ci_job on ci_job.run_id = next.run_id
      where ci_job.state = 'blocked' and ci_job.blocked_on = free.id and ci_job.kind = 'apply'
    ) job
  )
$$;

-- Admits, and stores what is to be dispatched: outside, once it is committed, idempotent by its key (S25). Called again
-- it starts no more than there is room for. Answers {"started": [attempt], "more"}.
create function ci_start(
  of_installation uuid, caps jsonb, starts_max integer, looks_max integer, news_max integer,
  task text, effect_priority integer, tries_max integer
) returns jsonb language plpgsql
-- Whatever the statistics say: no statement may read a table, or all that is blocked, to find a few rows.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
set plan_cache_mode = force_generic_plan
as $$
declare
  admitted jsonb := ci_admit(of_installation, caps, starts_max, looks_max, news_max);
  started text[] := array(select one ->> 'attempt' from jsonb_array_elements(admitted -> 'started') one);
begin
  if cardinality(started) > 0 then
    insert into outbox (key, pull_request_id, effect, priority)
    select 'dispatch:' || (one ->> 'attempt'), (one ->> 'pullRequest')::uuid, jsonb_build_object(
      'kind', 'dispatch', 'key', 'dispatch:' || (one ->> 'attempt'), 'runId', one ->> 'run', 'attemptId', one ->> 'attempt'
    ), effect_priority
    from jsonb_array_elements(admitted -> 'started') with ordinality as list (one, place) order by place
    on conflict (key) do nothing;
    -- A job is dispatched once, so that its key is never wanted a second time: the cheapest of the modes will do.
    perform graphile_worker.add_job(
      task, json_build_object('key', 'dispatch:' || attempt), max_attempts := tries_max,
      job_key := 'perform:dispatch:' || attempt, job_key_mode := 'unsafe_dedupe', priority := effect_priority
    ) from unnest(started) attempt;
  end if;
  return jsonb_build_object('started', started, 'more', admitted -> 'more');
end $$;
