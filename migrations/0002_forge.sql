-- The local forge: pull requests on bare git repositories on disk. Branches and commits live in git;
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
