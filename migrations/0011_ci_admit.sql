-- Gives CI jobs of an installation their places, in one round trip: between two statements of a client the gate would
-- be held for as long as the client waits for a processor. `src/core/schedule/choose.ts` is what it is tested against.
-- Answers {"started": [{"attempt", "run", "pullRequest"}], "more": something was left for the next call}.
create function ci_admit(
  of_installation uuid, caps jsonb, starts_max integer, looks_max integer, news_max integer
) returns jsonb language plpgsql
-- Whatever the statistics say: no statement here may read a table, or all that is blocked, to find a few rows.
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off set jit = off
as $$
declare
  served_now bigint;
  served_before bigint;
  installation_name text;
  heard integer;
  room bigint;
  looks integer := 0;
  share record;
  chosen text;
  job record;
  busy bigint;
  started jsonb := '[]';
begin
  -- Each statement sees what was committed before it began, so all after this one see what the last holder did (S9).
  select ci_gate.served, installation.external_id into served_before, installation_name
  from ci_gate join installation on installation.id = ci_gate.installation_id
  where ci_gate.installation_id = of_installation for update of ci_gate;
  if not found then
    insert into ci_gate (installation_id) select id from installation where id = of_installation
    on conflict do nothing;
    select ci_gate.served, installation.external_id into strict served_before, installation_name
    from ci_gate join installation on installation.id = ci_gate.installation_id
    where ci_gate.installation_id = of_installation for update of ci_gate;
  end if;
  served_now := served_before;

  heard := ci_hear(of_installation, served_now, news_max);

  select coalesce((caps #>> array['installation', 'of', installation_name])::bigint, (caps #>> '{installation,max}')::bigint)
    - (select count(*) from ci_job where installation_id = of_installation and state = 'admitted') into room;

  while room > 0 and looks < looks_max and jsonb_array_length(started) < starts_max loop
    looks := looks + 1;
    select ci_share.repository_id, ci_share.served, ci_share.starts, repository.full_name as name into share
    from ci_share join repository on repository.id = ci_share.repository_id
    where ci_share.installation_id = of_installation and ci_share.open
    order by ci_share.served, ci_share.repository_id limit 1;
    exit when not found;

    chosen := ci_next(of_installation, share.repository_id, share.name, share.starts % 4 = 3, caps);
    if chosen is null then
      update ci_share set open = false where repository_id = share.repository_id;
      continue;
    end if;

    select ci_job.*, run.state = 'ended' as over into strict job
    from ci_job join run on run.id = ci_job.run_id where ci_job.attempt_id = chosen;
    if job.over then
      update ci_job set state = 'ended' where attempt_id = job.attempt_id;
      continue;
    end if;
    busy := ci_busy(job.run_id);
    if busy is not null then
      update ci_job set state = 'blocked', blocked_on = busy, blocked_at = now() where attempt_id = job.attempt_id;
      continue;
    end if;

    served_now := greatest(served_now, share.served);
    update ci_job set state = 'admitted', admitted_at = now() where attempt_id = job.attempt_id;
    update ci_share set served = served_now + greatest(1, job.expected_ms), starts = starts + 1
    where repository_id = share.repository_id;
    started := started || jsonb_build_object(
      'attempt', job.attempt_id, 'run', job.run_id, 'pullRequest', job.pull_request_id
    );
    room := room - 1;
  end loop;

  if served_now <> served_before then
    update ci_gate set served = served_now where installation_id = of_installation;
  end if;
  return jsonb_build_object('started', started, 'more', heard >= news_max
    or (room > 0 and (looks >= looks_max or jsonb_array_length(started) >= starts_max)));
end $$;

-- Hears what happened since: new jobs wait, places come free, what waited for the dirspaces of ended applies may start.
-- Exactly these are touched, and the queues that they are in are looked at again. Answers how much there was, at most.
create function ci_hear(of_installation uuid, served_now bigint, news_max integer) returns integer language sql as $$
  with heard as (
    delete from ci_news where id in (
      select id from ci_news where installation_id = of_installation order by id limit news_max
    ) returning attempt_id, dirspace_id
  ), fresh as (
    select attempt_id from ci_job where installation_id = of_installation and state = 'new'
    order by seq limit news_max
  ), named as (
    select attempt_id from heard where attempt_id is not null
    union
    -- Lateral, so that what is blocked is never what is gone through.
    select freed.attempt_id from heard cross join lateral (
      select attempt_id from ci_job where state = 'blocked' and blocked_on = heard.dirspace_id offset 0
    ) freed
    union
    select attempt_id from fresh
  ), moved as (
    update ci_job set blocked_on = null, blocked_at = null, state = case
        when ci_job.state = 'admitted' and attempt.ended_at is null and attempt.finished_at is null then 'admitted'
        when ci_job.state = 'admitted' or run.state = 'ended' then 'ended'
        else 'waiting'
      end
    from named
    join attempt on attempt.id = named.attempt_id
    join run on run.id = attempt.run_id
    where ci_job.attempt_id = named.attempt_id and ci_job.state <> 'ended'
    returning ci_job.repository_id, ci_job.environment
  ), lanes as (
    insert into ci_lane (repository_id, environment)
    select distinct repository_id, environment from moved
    on conflict (repository_id, environment) do update set open = true where not ci_lane.open
  ), shares as (
    insert into ci_share (repository_id, installation_id, served)
    select distinct repository_id, of_installation, served_now from moved
    on conflict (repository_id) do update set open = true where not ci_share.open
  )
  select greatest((select count(*) from heard), (select count(*) from fresh))::integer
$$;

-- The job of a repository that is next, of the lanes that have room; null closes those in which nothing can start.
create function ci_next(
  of_installation uuid, of_repository uuid, name text, oldest boolean, caps jsonb
) returns text language plpgsql as $$
declare
  chosen text;
  crowded text[];
begin
  select array_agg(lane.environment) into crowded from ci_lane lane
  where lane.repository_id = of_repository and lane.open and lane.environment <> '' and (
    select count(*) from ci_job where ci_job.installation_id = of_installation
      and ci_job.repository_id = of_repository and ci_job.environment = lane.environment and ci_job.state = 'admitted'
  ) >= coalesce(
    (caps #>> array['environment', 'of', name || ':' || lane.environment])::bigint, (caps #>> '{environment,max}')::bigint
  );
  crowded := coalesce(crowded, '{}');

  if (
    select count(*) from ci_job where ci_job.installation_id = of_installation
      and ci_job.repository_id = of_repository and ci_job.state = 'admitted'
  ) < coalesce((caps #>> array['repository', 'of', name])::bigint, (caps #>> '{repository,max}')::bigint) then
    -- Of each lane its head by one of the two indexes: the other branch is not run.
    select head.attempt_id into chosen from ci_lane lane cross join lateral (
      (
        select attempt_id, kind, remaining_ms, seq from ci_job
        where not oldest and state = 'waiting' and repository_id = lane.repository_id and environment = lane.environment
        order by kind, remaining_ms desc, seq limit 1
      ) union all (
        select attempt_id, '', 0, seq from ci_job
        where oldest and state = 'waiting' and repository_id = lane.repository_id and environment = lane.environment
        order by seq limit 1
      )
    ) head
    where lane.repository_id = of_repository and lane.open and lane.environment <> all (crowded)
    order by head.kind, head.remaining_ms desc, head.seq limit 1;
  end if;

  if chosen is null then
    update ci_lane lane set open = false
    where lane.repository_id = of_repository and lane.open and (lane.environment = any (crowded) or not exists (
      select from ci_job where state = 'waiting'
        and repository_id = lane.repository_id and environment = lane.environment
    ));
  end if;
  return chosen;
end $$;

-- The first dirspace of a run for which it has to wait: an apply of another run has it, or, for an apply, is before it
-- there. The order is that of the dirspace, given when the works were made (S8).
create function ci_busy(of_run text) returns bigint language sql as $$
  select mine.dirspace_id from work mine
  where mine.run_id = of_run and coalesce((
    select true from work busy
    where busy.dirspace_id = mine.dirspace_id and busy.op = 'apply' and busy.state in ('granted', 'unknown')
      and busy.run_id <> of_run
    limit 1
  ), (
    select true from work busy
    where mine.op = 'apply' and busy.dirspace_id = mine.dirspace_id and busy.op = 'apply' and busy.ended_at is null
      and busy.seq < mine.seq and busy.run_id <> of_run
    order by busy.seq limit 1
  ), false)
  order by mine.dirspace_id limit 1
$$;
