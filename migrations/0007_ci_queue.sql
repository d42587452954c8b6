-- CI jobs wait here until there is room for them. Whoever admits jobs of an installation holds its row of `ci_gate`, so
-- that no two servers count the same room (S9), and nobody else writes `ci_share`, `ci_lane`, or changes a row of
-- `ci_job`. Everybody else only inserts, so that no decision ever waits for an admission.
create table ci_gate (
  installation_id uuid primary key references installation,
  -- What the repository that was served last had been served before; who comes back starts from here.
  served bigint not null default 0
);

-- What a repository has had of the installation's CI jobs, in milliseconds as expected: who had least is served next.
create table ci_share (
  repository_id uuid primary key references repository,
  installation_id uuid not null references installation,
  served bigint not null default 0,
  -- How many jobs were started: every fourth is the one that has waited longest (L42).
  starts bigint not null default 0,
  -- Something may be startable. Closed: nothing waits, or all its jobs are busy; only what changes that opens it again.
  open boolean not null default true
);
create index ci_share_open on ci_share (installation_id, served, repository_id) where open;

-- The jobs of one environment of a repository; '' for those without one.
create table ci_lane (
  repository_id uuid not null references repository,
  environment text not null,
  open boolean not null default true,
  primary key (repository_id, environment)
);

create table ci_job (
  attempt_id text primary key references attempt,
  run_id text not null references run,
  pull_request_id uuid not null,
  repository_id uuid not null,
  installation_id uuid not null,
  environment text not null,
  kind text not null check (kind in ('plan', 'apply')),
  -- How long it will take, and how long from its start until the last of what comes after it in the pull request.
  expected_ms bigint not null,
  remaining_ms bigint not null,
  -- The order of arrival, without clocks.
  seq bigint generated always as identity,
  -- new: not looked at yet; waiting: startable as far as is known; blocked: a dirspace of it is busy;
  -- admitted: has its place; ended: gave it back, or never got one.
  state text not null default 'new' check (state in ('new', 'waiting', 'blocked', 'admitted', 'ended')),
  blocked_on bigint references dirspace,
  blocked_at timestamptz,
  admitted_at timestamptz,
  created_at timestamptz not null default now(),
  check ((state = 'blocked') = (blocked_on is not null))
);
create index ci_job_new on ci_job (installation_id, seq) where state = 'new';
-- Only what may start is in these two, however much is blocked or long over.
create index ci_job_urgent on ci_job (repository_id, environment, kind, remaining_ms desc, seq) where state = 'waiting';
create index ci_job_oldest on ci_job (repository_id, environment, seq) where state = 'waiting';
create index ci_job_blocked on ci_job (blocked_on) where state = 'blocked';
create index ci_job_blocked_at on ci_job (blocked_at) where state = 'blocked';
create index ci_job_admitted on ci_job (installation_id, repository_id, environment) where state = 'admitted';
create index ci_job_pull_request on ci_job (pull_request_id) where state in ('new', 'waiting', 'blocked');

-- What happened that may let others start: an attempt is over, or an apply of a dirspace is.
create table ci_news (
  id bigint generated always as identity primary key,
  installation_id uuid not null,
  attempt_id text,
  dirspace_id bigint,
  created_at timestamptz not null default now(),
  check ((attempt_id is null) <> (dirspace_id is null))
);
create index ci_news_installation on ci_news (installation_id, id);

-- Applies that have not ended, of one dirspace in their order (S8).
create index work_open_apply on work (dirspace_id, seq) where op = 'apply' and ended_at is null;

-- Jobs that may still work, without those that wait for their turn.
create index attempt_at_work on attempt (asked_at) where dispatched_at is not null and ended_at is null;

-- How long the last plans and applies of a dirspace took: each new one counts for a quarter.
create table work_duration (
  dirspace_id bigint not null references dirspace,
  op text not null check (op in ('plan', 'apply')),
  ms bigint not null,
  primary key (dirspace_id, op)
);

alter table run add column expected_ms bigint;
alter table run add column remaining_ms bigint;
