-- The engine's tables. Order of row locks, everywhere the same: pull_request, then dirspace by id, then run.
-- Time-ordered tables (event, output_chunk) are partitioned, so that retention drops partitions and never deletes rows.

-- What we are installed on: an app installation, a group, this host. Tenants never share rows (S31).
create table installation (
  id uuid primary key default gen_random_uuid(),
  vcs text not null,
  external_id text not null,
  created_at timestamptz not null default now(),
  unique (vcs, external_id)
);

create table repository (
  id uuid primary key default gen_random_uuid(),
  installation_id uuid not null references installation,
  -- The VCS's own id; names change and are labels only.
  external_id text not null,
  full_name text not null,
  default_branch text not null,
  created_at timestamptz not null default now(),
  unique (installation_id, external_id)
);

create table pull_request (
  id uuid primary key default gen_random_uuid(),
  repository_id uuid not null references repository,
  number integer not null,
  -- The last view read from the VCS, and a counter that lets a slower reader lose (S24).
  view jsonb,
  observed_seq bigint not null default 0,
  change_set jsonb,
  notice jsonb,
  unlock_requested boolean not null default false,
  -- Unlocked since the last apply or merge.
  unlocked boolean not null default false,
  last_run_number integer not null default 0,
  -- Moves with every visible change; the dashboard's feed reads it.
  change_seq bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (repository_id, number)
);
create index pull_request_change_seq on pull_request (change_seq);
create sequence change_seq;

create table dirspace (
  id bigint generated always as identity primary key,
  repository_id uuid not null references repository,
  dir text not null,
  workspace text not null,
  -- The fence of the last grant; it only grows (S2).
  last_fence bigint not null default 0,
  -- Orders the works of the dirspace without clocks (S8).
  last_seq bigint not null default 0,
  unique (repository_id, dir, workspace)
);

-- The dirspaces of a pull request: its change set for the recorded head, and what it touched earlier.
create table pull_request_dirspace (
  pull_request_id uuid not null references pull_request,
  dirspace_id bigint not null references dirspace,
  -- Null: not in the change set of the recorded head any more.
  affected jsonb,
  primary key (pull_request_id, dirspace_id)
);
create index pull_request_dirspace_dirspace on pull_request_dirspace (dirspace_id);

-- A delivery's id is taken once; the same delivery again finds it here and is a no-op (S22).
create table delivery (
  source text not null,
  delivery_id text not null,
  received_at timestamptz not null default now(),
  primary key (source, delivery_id)
);
create index delivery_received_at on delivery (received_at);

create sequence event_seq;
create table event (
  seq bigint not null default nextval('event_seq'),
  received_at timestamptz not null default now(),
  id uuid not null,
  repository_id uuid not null,
  pull_request_id uuid not null,
  kind text not null,
  happening jsonb not null,
  state text not null default 'pending' check (state in ('pending', 'decided', 'dead')),
  attempts integer not null default 0,
  not_before timestamptz,
  error text,
  primary key (seq, received_at)
) partition by range (received_at);
create table event_default partition of event default;
-- The next event of a pull request is found without looking at history.
create index event_pending on event (pull_request_id, seq) where state = 'pending';
create index event_id on event (id);

-- Authentic deliveries that nothing acts on, with the reason (P4: also "nothing happened because …").
create table ignored_delivery (
  source text not null,
  delivery_id text not null,
  received_at timestamptz not null default now(),
  because text not null,
  primary key (source, delivery_id)
);

-- Answers that can never change, because they name commits.
create table commit_fact (
  repository_id uuid not null references repository,
  key text not null,
  answer jsonb not null,
  created_at timestamptz not null default now(),
  primary key (repository_id, key)
);

-- Answers looked up for one event; kept in the decision afterwards.
create table event_fact (
  event_id uuid not null,
  key text not null,
  answer jsonb not null,
  primary key (event_id, key)
);

-- Every decision with all that it was made from, so that it can be replayed (S30). Facts that name commits are
-- kept by key only; commit_fact has them.
create table decision (
  id bigint generated always as identity primary key,
  event_id uuid not null unique,
  event_seq bigint not null,
  pull_request_id uuid not null references pull_request,
  decided_at timestamptz not null default now(),
  kind text not null,
  happening jsonb not null,
  snapshot jsonb not null,
  facts jsonb not null,
  commit_facts text[] not null,
  writes jsonb not null,
  effects jsonb not null,
  reasons jsonb not null
);
create index decision_pull_request on decision (pull_request_id, id);

create table run (
  id text primary key,
  pull_request_id uuid not null references pull_request,
  number integer not null,
  kind text not null check (kind in ('plan', 'apply')),
  state text not null default 'queued' check (state in ('queued', 'dispatched', 'running', 'ended')),
  outcome text check (outcome in ('finished', 'failed', 'cancelled', 'superseded', 'lost')),
  head_sha text not null,
  base_sha text not null,
  checkout text not null check (checkout in ('merged', 'base')),
  actor text,
  parallel integer not null,
  event_id uuid not null,
  message text,
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  unique (pull_request_id, number),
  check ((state = 'ended') = (outcome is not null))
);
create index run_active on run (pull_request_id) where state <> 'ended';

-- One CI job that works on a run.
create table attempt (
  id text primary key,
  run_id text not null references run,
  -- What the CI system calls the job, once we know.
  ci_run text,
  ci_url text,
  dispatched_at timestamptz,
  -- First claim wins (S26): set once, by one statement.
  claimed_at timestamptz,
  claimed_ci_run text,
  credential_hash bytea,
  last_seen_at timestamptz,
  -- Set when it stopped answering; cleared by the next sign of life.
  silent_at timestamptz,
  cancel_requested_at timestamptz,
  finished_at timestamptz,
  -- What the runner said of the job as a whole.
  failure jsonb,
  ended_at timestamptz,
  created_at timestamptz not null default now()
);
create unique index attempt_credential on attempt (credential_hash) where credential_hash is not null;
create index attempt_run on attempt (run_id);
create index attempt_open on attempt (created_at) where ended_at is null;

-- Ids of CI identity tokens that were used; the second use is a replay (T6).
create table used_token (
  token_id text primary key,
  expires_at timestamptz not null
);

-- One dirspace inside one run.
create table work (
  run_id text not null references run,
  dirspace_id bigint not null references dirspace,
  pull_request_id uuid not null references pull_request,
  op text not null check (op in ('plan', 'apply')),
  state text not null default 'queued' check (state in
    ('queued', 'running', 'granted', 'unknown', 'planned', 'applied', 'waiting', 'failed', 'not_started')),
  seq bigint not null,
  unit jsonb not null,
  head_sha text not null,
  base_sha text not null,
  confirmed_base_sha text not null,
  fence_seen bigint not null,
  -- The fence of this work's own grant.
  fence bigint,
  plan_run_id text references run,
  plan_digest text,
  changed boolean,
  result jsonb,
  stale jsonb,
  because text,
  -- Made before the pull request's last unlock: counts no more.
  forgotten boolean not null default false,
  output_seq integer not null default 0,
  duration_ms integer,
  started_at timestamptz,
  ended_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (run_id, dirspace_id),
  check (op = 'apply' or state not in ('granted', 'unknown', 'applied')),
  check (op = 'plan' or state not in ('planned', 'waiting')),
  check ((fence is not null) or state not in ('granted', 'unknown', 'applied'))
);
-- S1: never two applies on one dirspace. No query decides this; the index refuses it (23505).
create unique index work_one_apply on work (dirspace_id) where op = 'apply' and state in ('granted', 'unknown');
-- The latest plan and apply of a pull request's dirspace, newest first.
create index work_latest on work (pull_request_id, dirspace_id, op, seq desc) where not forgotten;

-- S28: a state that has ended never changes; S3: only the listed moves exist.
create function work_moves() returns trigger language plpgsql as $$
begin
  if new.state is distinct from old.state and not (
    (old.state = 'queued' and new.state in ('running', 'granted', 'planned', 'waiting', 'failed', 'not_started')) or
    (old.state = 'running' and new.state in ('granted', 'planned', 'waiting', 'failed', 'not_started')) or
    (old.state = 'granted' and new.state in ('applied', 'failed', 'unknown')) or
    (old.state = 'unknown' and new.state in ('applied', 'failed'))
  ) then
    raise exception 'work of run % may not move from % to %', old.run_id, old.state, new.state
      using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger work_moves before update of state on work for each row execute function work_moves();

-- Permission to apply one dirspace once (S5); each points at what it was granted on (S18).
create table apply_grant (
  dirspace_id bigint not null references dirspace,
  fence bigint not null,
  run_id text not null references run,
  attempt_id text not null references attempt,
  plan_run_id text not null references run,
  plan_digest text not null,
  head_sha text not null,
  evidence jsonb not null,
  granted_at timestamptz not null default now(),
  primary key (dirspace_id, fence),
  -- A run gets a dirspace once.
  unique (run_id, dirspace_id)
);

-- S2: the fence of a dirspace only grows.
create function fence_grows() returns trigger language plpgsql as $$
begin
  if new.last_fence < old.last_fence then
    raise exception 'the fence of dirspace % may not shrink', old.id using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger fence_grows before update of last_fence on dirspace for each row execute function fence_grows();

-- Sealed plan files; opaque to the server (P5).
create table plan_file (
  run_id text not null references run,
  digest text not null,
  sealed bytea not null,
  created_at timestamptz not null default now(),
  primary key (run_id, digest)
);

-- A pull request's ownership of a dirspace between apply and merge, or merge and apply.
create table lock (
  dirspace_id bigint not null references dirspace,
  pull_request_id uuid not null references pull_request,
  because text not null check (because in ('applied', 'merged')),
  base_ref text not null,
  since timestamptz not null default now(),
  primary key (dirspace_id, pull_request_id)
);
create index lock_pull_request on lock (pull_request_id);

-- What must be done outside, stored with the decision that wants it, performed at least once.
-- Asking again for a key that shows state re-arms the row: `wanted` grows, and what was wanted meanwhile is done again.
create sequence outbox_seq;
create table outbox (
  key text primary key,
  pull_request_id uuid not null references pull_request,
  effect jsonb not null,
  -- Applies before checks before comments before cosmetics.
  priority smallint not null,
  seq bigint not null default nextval('outbox_seq'),
  wanted bigint not null default 1,
  done bigint not null default 0,
  attempts integer not null default 0,
  not_before timestamptz not null default now(),
  error text,
  dead boolean not null default false,
  created_at timestamptz not null default now(),
  performed_at timestamptz
);
create index outbox_waiting on outbox (priority, seq) where done < wanted and not dead;

-- What we keep one of on the VCS: the comment, the checks. Found again by key if this row is lost (S25).
create table publication (
  pull_request_id uuid not null references pull_request,
  key text not null,
  external_id text not null,
  -- SHA-256 of what was last sent; the same again is not sent.
  content_hash text not null,
  content text,
  updated_at timestamptz not null default now(),
  primary key (pull_request_id, key)
);

create table output_chunk (
  run_id text not null,
  dirspace_id bigint not null,
  seq integer not null,
  text text not null,
  at timestamptz not null default now(),
  primary key (run_id, dirspace_id, seq, at)
) partition by range (at);
create table output_chunk_default partition of output_chunk default;
