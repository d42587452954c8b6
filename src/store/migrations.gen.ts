// Generated from migrations/*.sql by `npm run codegen`.
import type { Migration } from "./migrate.ts";

export const migrations: readonly Migration[] = [
  {
    number: 1,
    name: "0001_init",
    sha256: "bd617cedbbe360b1821e77ec0c70b2ad8b9ced644abe6922335397867814e472",
    sql: `-- The engine's tables. Order of row locks, everywhere the same: pull_request, then dirspace by id, then run.
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
-- Asking again for a key that shows state re-arms the row: \`wanted\` grows, and what was wanted meanwhile is done again.
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
`,
  },
  {
    number: 2,
    name: "0002_forge",
    sha256: "82051aff4391c8a9d4e7908208ff1b782643937651164fbe84be30ff681642db",
    sql: `-- The local forge: pull requests on bare git repositories on disk. Branches and commits live in git;
-- everything people say about them lives here. A server that uses no local forge leaves it empty.

create table forge_repository (
  -- Ours, and for ever: a repository keeps its id when its name changes.
  id text primary key,
  full_name text not null,
  bare_dir text not null,
  -- The next pull request gets this number. Taken inside the transaction that opens it, so a
  -- refused pull request leaves no gap.
  next_number integer not null default 1 check (next_number > 0),
  -- Grows with every change of forge_branch. A server reads it before it reads git, and writes what
  -- it saw only if it still stands: an older look at git never overwrites a newer one (S24).
  branches_version integer not null default 0,
  created_at timestamptz not null,
  constraint forge_repository_full_name_key unique (full_name),
  -- Two repositories on one directory would each report the other's pushes.
  constraint forge_repository_bare_dir_key unique (bare_dir)
);

create table forge_account (
  id text primary key,
  login text not null,
  -- What the person may do where forge_permission says nothing.
  permission text not null
    check (permission in ('none', 'read', 'triage', 'write', 'maintain', 'admin')),
  created_at timestamptz not null
);

-- People type logins in any case.
create unique index forge_account_login on forge_account (lower(login));

create table forge_permission (
  repository_id text not null references forge_repository (id) on delete cascade,
  account_id text not null references forge_account (id) on delete cascade,
  permission text not null
    check (permission in ('none', 'read', 'triage', 'write', 'maintain', 'admin')),
  primary key (repository_id, account_id)
);

-- Where each branch pointed when a server last looked. The difference to git is what was pushed
-- since, also while no server was running.
create table forge_branch (
  repository_id text not null references forge_repository (id) on delete cascade,
  name text not null,
  commit_sha text not null,
  primary key (repository_id, name)
);

create table forge_pull_request (
  repository_id text not null references forge_repository (id) on delete cascade,
  number integer not null check (number > 0),
  title text not null,
  body text not null,
  author_id text not null references forge_account (id),
  state text not null check (state in ('open', 'merged', 'closed')),
  draft boolean not null,
  head_ref text not null,
  base_ref text not null,
  -- Last known: git knows better while the branches exist and the pull request is open.
  head_sha text not null,
  base_sha text not null,
  merge_sha text,
  -- Null: Terrane itself, or somebody who pushed the merge without asking us.
  merged_by text references forge_account (id),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  ended_at timestamptz,
  primary key (repository_id, number),
  check ((state = 'merged') = (merge_sha is not null)),
  check ((state = 'open') = (ended_at is null))
);

-- One open pull request for the same pair of branches; the index decides between two that race.
create unique index forge_pull_request_open_pair
  on forge_pull_request (repository_id, head_ref, base_ref) where state = 'open';

-- Commits that a merge is about to put on the base branch, written before git moves. A crash between
-- the two is found by looking for them on the branch. Intents are added and never replaced: the
-- owner of an older one may still be about to move the branch, and whoever merges next must see it.
create table forge_merge_intent (
  repository_id text not null,
  number integer not null,
  commit_sha text not null,
  head_sha text not null,
  -- Null: Terrane itself.
  merged_by text references forge_account (id),
  primary key (repository_id, number, commit_sha),
  foreign key (repository_id, number)
    references forge_pull_request (repository_id, number) on delete cascade
);

create table forge_comment (
  id bigint generated always as identity primary key,
  repository_id text not null,
  number integer not null,
  -- A comment has a person as author, or it is one of Terrane's own and has a key.
  author_id text references forge_account (id),
  key text,
  body text not null,
  edits integer not null default 0,
  acknowledged_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  foreign key (repository_id, number)
    references forge_pull_request (repository_id, number) on delete cascade,
  check ((author_id is null) = (key is not null)),
  -- The same key again is an edit, also when the answer to the first call was lost (S25).
  constraint forge_comment_key unique (repository_id, number, key)
);

create index forge_comment_of on forge_comment (repository_id, number, id);

create table forge_review (
  id bigint generated always as identity primary key,
  repository_id text not null,
  number integer not null,
  reviewer_id text not null references forge_account (id),
  verdict text not null check (verdict in ('approved', 'changes_requested')),
  -- The head that the reviewer saw. An approval says nothing about later commits (S14).
  commit_sha text not null,
  body text not null,
  created_at timestamptz not null,
  dismissed_at timestamptz,
  dismissed_by text references forge_account (id),
  foreign key (repository_id, number)
    references forge_pull_request (repository_id, number) on delete cascade,
  check ((dismissed_at is null) = (dismissed_by is null))
);

create index forge_review_of on forge_review (repository_id, number, id);

create table forge_check (
  id bigint generated always as identity primary key,
  repository_id text not null references forge_repository (id) on delete cascade,
  commit_sha text not null,
  name text not null,
  status text not null check (status in ('queued', 'in_progress', 'completed')),
  conclusion text
    check (conclusion in ('success', 'failure', 'neutral', 'cancelled', 'action_required')),
  title text not null,
  summary text not null,
  details_url text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint forge_check_name unique (repository_id, commit_sha, name)
);

-- What happened, written in the transaction that made it happen, and handed to the engine after it
-- at least once. The delivery id never changes, so handing it over again changes nothing (S22).
create table forge_event (
  -- Order within one repository: every writer of an event holds the repository's row.
  seq bigint generated always as identity primary key,
  delivery_id text not null,
  repository_id text not null references forge_repository (id) on delete cascade,
  -- The event as the engine gets it. json, not jsonb: kept exactly as written.
  event json not null,
  created_at timestamptz not null,
  attempts integer not null default 0,
  not_before timestamptz not null,
  handed_over_at timestamptz,
  constraint forge_event_delivery_id_key unique (delivery_id)
);

create index forge_event_waiting on forge_event (seq) where handed_over_at is null;
create index forge_event_of on forge_event (repository_id, seq);
create index forge_event_handed_over on forge_event (handed_over_at) where handed_over_at is not null;
`,
  },
  {
    number: 3,
    name: "0003_attempt_asked",
    sha256: "2b57eefff0bc7c9dcd8fde44ae655d5bd6708f409ed9025bfebf90a8f72aeb94",
    sql: `-- When the CI system was last asked about the job: many servers ask about many jobs, each of them seldom (L37).
alter table attempt add column asked_at timestamptz;
`,
  },
  {
    number: 4,
    name: "0004_access",
    sha256: "61ed74053c6d80b7cd6356890b74574f1f1e947a3c72f99f31469464c1a086ec",
    sql: `-- Who asked for a run is judged again before each of its applies, by id: logins change hands (S14, S15).
alter table run add column actor_id text;
-- Of runs from before, and of those that an older server still makes beside a newer one, only the login is known. It
-- is read as an id that nobody has, so that such an actor has no role and no team.
alter table run add constraint run_actor check (actor_id is null or actor is not null);

-- Asked for with \`apply-force\`: apply requirements do not count.
alter table run add column forced boolean not null default false;

-- Teams of the local forge, known to all of its repositories. Slugs are in lower case.
create table forge_team_member (
  team text not null check (team = lower(team)),
  account_id text not null references forge_account (id) on delete cascade,
  primary key (team, account_id)
);
`,
  },
  {
    number: 5,
    name: "0005_prepare",
    sha256: "3b4bd1b4a0390109ace05eae05a888c8bafcf443bd85d92f9e602e61b720da9a",
    sql: `-- A job can read the code first: which dirspaces the run works on is known, and filled in, after that. Servers that
-- do not know of this see a run without dirspaces, and leave it to its job to end.
alter table run add column prepares text[] not null default '{}';
-- Those that are stored; written together with the fact itself.
alter table run add column prepared text[] not null default '{}';
-- The command that goes on once everything is there: {text, actor}.
alter table run add column command jsonb;
alter table run add constraint run_prepared check (prepared <@ prepares);
`,
  },
  {
    number: 6,
    name: "0006_lock_queue",
    sha256: "cd205b1e3adcfd791ea57400d2d885a6d0a2098555abbbb84ff64c39c6046238",
    sql: `-- Who waits for a dirspace, and in which order. One number orders everybody who owns or waits: taken from a sequence
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

-- An apply without contact that somebody gave up with \`force-unlock\` (S3). Rows from before have none of it, so they
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
`,
  },
  {
    number: 7,
    name: "0007_ci_queue",
    sha256: "98da4a14de2e9ccf1daab5c7a629042929d86fa6d4ccd45e9b74b9a56f777f7a",
    sql: `-- CI jobs wait here until there is room for them. Whoever admits jobs of an installation holds its row of \`ci_gate\`, so
-- that no two servers count the same room (S9), and nobody else writes \`ci_share\`, \`ci_lane\`, or changes a row of
-- \`ci_job\`. Everybody else only inserts, so that no decision ever waits for an admission.
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
`,
  },
  {
    number: 8,
    name: "0008_durability",
    sha256: "ccbc4c5388e9c6827710154540784f03a2153c5b00ccc8a3f755de9c24be43e3",
    sql: `-- Events that are due are found by when they are, however many there are: the sweep of a server that crashed
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

-- The moves of a run, as \`src/core/run/run.ts\` has them.
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
`,
  },
  {
    number: 9,
    name: "0009_explain",
    sha256: "5b90aaf06c7dc406bb51b85b8f1ed1a4229ebb8099b86475b0aaff5a4126b86c",
    sql: `-- What a delivery that nothing follows from was about, so that the page of its pull request can say so.
alter table ignored_delivery add column repository text, add column number integer;
create index ignored_delivery_about on ignored_delivery (repository, number, received_at) where number is not null;

-- What a decision was made from and what it wrote, packed: {snapshot, writes} as canonical JSON, gzipped. For a thousand
-- dirspaces these are megabytes that say nearly the same over and over. Where it is set, \`snapshot\` and \`writes\` are
-- empty. Servers from before leave it null and write those two; both are read.
alter table decision add column packed bytea;

-- Events that could not be decided are shown with their pull request; there are hardly ever any.
create index event_set_aside on event (pull_request_id, seq) where state = 'dead';
`,
  },
  {
    number: 10,
    name: "0010_quarantine",
    sha256: "b12a48d49f6bd17d390b47b80819dd1f532b54a35e90cf86f36912623f5bef57",
    sql: `-- Which database cluster the rows were written by. A promoted standby goes on under another timeline, a restored backup
-- under another timeline or system identifier: either may lack the last commits that were acknowledged.
create table cluster (
  single boolean primary key default true check (single),
  -- Null: this PostgreSQL does not tell.
  system_identifier text,
  timeline bigint,
  -- Since when nothing may be applied, and the least time it takes; null: no quarantine.
  quarantined_at timestamptz,
  quarantined_until timestamptz,
  quarantine_because text,
  quarantines integer not null default 0,
  check ((quarantined_at is null) = (quarantined_until is null))
);
`,
  },
  {
    number: 11,
    name: "0011_ci_admit",
    sha256: "a529bcc60926d8e3c12ee88c19d2bec474b27dc92e3c675f44c2736be8dc43ba",
    sql: `-- Gives CI jobs of an installation their places, in one round trip: between two statements of a client the gate would
-- be held for as long as the client waits for a processor. \`src/core/schedule/choose.ts\` is what it is tested against.
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
`,
  },
  {
    number: 12,
    name: "0012_start_jobs",
    sha256: "74ea3df8b868305b4528eb557053c167ccde47cc886c18939bcfe961c50b38af",
    sql: `-- A claim among a hundred thousand queued jobs spends its time on starting statements, not on rows. So these are few and
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
-- be held for as long as the client waits for a processor. \`src/core/schedule/choose.ts\` is what it is tested against.
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
`,
  },
  {
    number: 13,
    name: "0013_run_settings",
    sha256: "c0df2fd500ff299d6faf20605289972169c236273fa3fb62827ee8cb8929e763",
    sql: `-- What the configuration said about a run as a whole when it started: hooks, plan storage, how to check out.
-- Null in runs of older servers, and while it is not known what to work on.
alter table run add column settings jsonb;
`,
  },
  {
    number: 14,
    name: "0014_compatible",
    sha256: "c9af2eeffb820bfacb738b537e7da81a653a65669ac8cf68da275ad287d24fd5",
    sql: `-- Jobs of existing runners come through a door of their own, unless somebody closes it for an installation.
alter table installation add column compatible_runners boolean not null default true;
-- SHA-256 of the token that went with the dispatch. Null: the job comes through the native door, and no other is open to it.
alter table attempt add column work_token_hash bytea;
create unique index attempt_work_token on attempt (work_token_hash) where work_token_hash is not null;
-- What was handed to such a job last: reading the code comes first, and is followed by work once.
alter table attempt add column manifest text check (manifest in ('index', 'work'));
`,
  },
  {
    number: 15,
    name: "0015_gates",
    sha256: "6aacd9f6ad014819a337550f1d7dbf368a36517de803725cfdfb8e9b759c779a",
    sql: `-- Who let which gates of the plans pass, and for which commit: [{"token", "headSha", "by": {"id", "login"}}].
alter table pull_request add column gate_approvals jsonb not null default '[]';
`,
  },
  {
    number: 16,
    name: "0016_hook_gates",
    sha256: "f478da8e9bf992ad3e15b9b261d541ac5dfe7465da5b7f670edce66151778265",
    sql: `-- What the hooks of a job did, and which approvals those after the dirspaces asked for. Null until the job said so.
alter table attempt add column gates jsonb, add column hooks jsonb;
`,
  },
  {
    number: 17,
    name: "0017_issues",
    sha256: "d512d714ae2e95d89d96e6c03649f7fe4200d246b2abe9955f32f241ece4beb7",
    sql: `-- The issues that a job left to be opened, as it said them. Null until the job said so.
alter table attempt add column issues jsonb;

-- Issues of the local forge. Terrane alone opens them; people close them.
create table forge_issue (
  repository_id text not null references forge_repository (id) on delete cascade,
  number integer not null check (number > 0),
  title text not null,
  body text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  closed_at timestamptz,
  primary key (repository_id, number)
);
`,
  },
  {
    number: 18,
    name: "0018_reviewers",
    sha256: "87856a245064b187ff405980dfc9dad5e902d2ae7f5301d16ea3a0407482c3fb",
    sql: `-- Whom the gates of the plans asked for a review, and for which commit: {"headSha", "terms": ["user:ann"]}.
alter table pull_request add column reviewers_asked jsonb;

-- In the local forge: who was asked to look at a pull request, an account by its login or a team by its name.
create table forge_review_request (
  repository_id text not null,
  number integer not null,
  kind text not null check (kind in ('user', 'team')),
  name text not null,
  asked_at timestamptz not null,
  primary key (repository_id, number, kind, name),
  foreign key (repository_id, number)
    references forge_pull_request (repository_id, number) on delete cascade
);
`,
  },
  {
    number: 19,
    name: "0019_build",
    sha256: "047dbfbb35e1ae43b4def432254fa0908192757e0d421d7bfc6d46c693c06967",
    sql: `-- A job can run the builders of the configuration before it reads the code, one after the other: \`prepares\` grows while
-- it works. Servers that do not know of this see a run without dirspaces, and leave it to its job to end.
-- What the one that comes next is run with, {script, input}.
alter table run add column build jsonb;
alter table attempt drop constraint if exists attempt_manifest_check;
alter table attempt add constraint attempt_manifest_check
  check (manifest in ('index', 'tree', 'config', 'work')) not valid;
alter table attempt validate constraint attempt_manifest_check;
`,
  },
  {
    number: 20,
    name: "0020_one_time_code",
    sha256: "236aba31c06f05c79812fa07e7b79426790b25b48df2082f4a68bc0d06628b46",
    sql: `-- Where the CI system gives its jobs no identity tokens: SHA-256 of the code that went to the job of this attempt, and
-- until when it opens the attempt. Null: none was given out. That it was used stands in used_token.
alter table attempt add column code_hash bytea, add column code_expires_at timestamptz;
create unique index attempt_code on attempt (code_hash) where code_hash is not null;
`,
  },
  {
    number: 21,
    name: "0021_autoapprove",
    sha256: "f9c76697ff5becec62c9b8c10b17a5c78b24f52a26c75bed1557c51c8f5432d1",
    sql: `-- \`apply-autoapprove\`: its dirspaces are applied without a plan that was reviewed.
alter table run add column auto_approve boolean not null default false;

-- Such a grant points at no plan; what allowed it is its evidence (S18).
alter table apply_grant alter column plan_run_id drop not null, alter column plan_digest drop not null;
alter table apply_grant add constraint apply_grant_plan
  check (plan_digest is not null and plan_run_id is not null or evidence @> '{"autoApproved": true}') not valid;
`,
  },
  {
    number: 22,
    name: "0022_apps",
    sha256: "9b26d4321023685ac3cfe7952aa855d145f661df62ab8d119987eae22205b44a",
    sql: `-- Apps that were registered with a forge while the server ran; those of the environment are not here. Every server looks
-- after \`revision\` every few seconds, so that an app that came through one of them is on all of them.
create table app (
  -- What stored installations have as their VCS, and the last part of the webhook's address. It is never given to another
  -- host: the ids of two hosts would be taken for each other's.
  key text primary key check (key ~ '^[a-z][a-z0-9-]{0,39}$'),
  -- Which adapter speaks with it.
  vcs text not null,
  web_url text not null,
  api_url text not null,
  app_id text not null,
  slug text not null,
  name text not null,
  owner text,
  html_url text,
  -- Sealed with a key that is outside the database; \`sealed_by\` says which. Null once it was removed.
  sealed_by text not null,
  private_key bytea,
  webhook_secrets bytea,
  -- What is not secret and differs between apps: workflow files, issuer, which upgrades were wanted.
  settings jsonb not null,
  revision bigint not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  removed_at timestamptz
);
create unique index app_known on app (api_url, app_id) where removed_at is null;
create sequence app_revision;

-- Registrations that were begun in a browser. The state is in the browser's hands; here is only its hash.
create table app_setup (
  state_hash bytea primary key,
  -- Whose session began it: nobody else's may end it.
  caller_hash bytea not null,
  key text not null unique,
  wish jsonb not null,
  expires_at timestamptz not null
);
`,
  },
  {
    number: 23,
    name: "0023_automerge",
    sha256: "d9f4540eb262531515e5083dfa94245ab09e17a4e4895213132ccbb25d9412f5",
    sql: `-- Why the VCS did not merge it when it was asked to: {"head", "why", "said", "at"}; null once it is tried again.
alter table pull_request add column unmerged jsonb;
`,
  },
  {
    number: 24,
    name: "0024_heard",
    sha256: "28873690e3b5a64ce73a67923625b9a9c943f63c85d46ec460d5fa54d8af0e80",
    sql: `-- When a webhook last told something of a repository, to the minute: whoever sets one up sees whether they arrive. Older
-- servers leave it as it is.
alter table repository add column heard_at timestamptz;
`,
  },
  {
    number: 25,
    name: "0025_open_publication",
    sha256: "bb087893c525569567c7b891f1c65be0e0f1312955bc6065867dfb8d11c61553",
    sql: `-- What is shown and does not stay so: a check that has not ended, a comment that a later one replaces. Whoever publishes
-- next brings it to an end.
alter table publication add column open boolean not null default false;

create index publication_open on publication (pull_request_id) where open;
`,
  },
  {
    number: 26,
    name: "0026_merge_group",
    sha256: "7a5e6764c3825a1c62b1815a8f3cbdd60a0c791fb3fd3f5aadbe2244134f77ae",
    sql: `-- The last group of a merge queue that ended with the pull request, and what its checks say:
-- {"head", "base", "baseRef", "state", "verdict"}.
alter table pull_request add column merge_group jsonb;
`,
  },
  {
    number: 27,
    name: "0027_standing",
    sha256: "8f490deca42fe2e8e2ba38ac54d55c825339fb31312da33c88ecc472e8a16eae",
    sql: `-- How we stand with what we are installed on. Webhooks only raise a doubt; what the VCS itself says is kept here.
-- Servers of before write none of it, and their rows are served as before.
alter table installation
  add column state text not null default 'active' check (state in ('active', 'suspended', 'removed')),
  add column state_since timestamptz,
  -- Due to be looked at; whoever looks moves it a little into the future first.
  add column doubted_at timestamptz,
  add column stood_at timestamptz;
alter table repository
  add column state text not null default 'served' check (state in ('served', 'archived', 'removed')),
  add column state_since timestamptz,
  add column doubted_at timestamptz,
  add column stood_at timestamptz;

create index installation_doubted on installation (doubted_at) where doubted_at is not null or state <> 'active';
create index repository_doubted on repository (doubted_at) where doubted_at is not null or state <> 'served';
-- A repository that moved to another installation is found by its own id.
create index repository_external_id on repository (external_id);
`,
  },
  {
    number: 28,
    name: "0028_fewer_calls",
    sha256: "426092e2b278461365a52495b48d1b063b0a52521af1ae3c19552eff7765c397",
    sql: `-- When the stored view of the pull request was read: what only continues our own work need not read it again.
alter table pull_request add column observed_at timestamptz;

-- When the CI system was first asked to start the job: only after that somebody has to look for one that is there already.
alter table attempt add column tried_at timestamptz;
`,
  },
  {
    number: 29,
    name: "0029_session",
    sha256: "aecdc476799d968b69cc806bc353fd22228960c897f2efb5af7b22c3f244b8b5",
    sql: `-- Signed-in browsers, by the hash of their secret. Here and not in a server's memory: whichever server answers next knows them.
create table session (
  hash bytea primary key,
  opened_at timestamptz not null default now(),
  used_at timestamptz not null default now()
);
`,
  },
  {
    number: 30,
    name: "0030_resting",
    sha256: "b73c6449d2d92eec34cdad026c4550d928cccff1a01119b547a146ac44f57765",
    sql: `-- Put off for want of news, and not because somebody outside asked to wait: the next wish brings it up at once.
alter table outbox add column rests boolean not null default false;
`,
  },
  {
    number: 31,
    name: "0031_promoted_at",
    sha256: "e8c2b674f3ccdfbb7bf2bf101060b3f43887e7287afcab93765c77703fad314c",
    sql: `-- When the rows last turned out to be those of another cluster: what was done outside before may have been forgotten.
alter table cluster add column promoted_at timestamptz;
update cluster set promoted_at = coalesce(quarantined_at, now()) where quarantines > 0;
`,
  },
  {
    number: 32,
    name: "0032_outdated_comment",
    sha256: "7a671c6fad0045d00f18c2e21706ff872a4a37adf1a8b15954b0d5f75565351a",
    sql: `-- A comment of ours that a newer one replaces: people see one line of it. Servers that do not know this show all of it.
alter table forge_comment add column outdated_at timestamptz;
`,
  },
  {
    number: 33,
    name: "0033_output_chars",
    sha256: "8242b8ab4927bc75bf8b2e5965e9d03af9cbdebf913f4fea94c60853ea9037cd",
    sql: `-- How much output of a unit was taken, so that one that never stops ends here. Servers that do not know this keep all of theirs.
alter table work add column output_chars bigint not null default 0;
`,
  },
];
