-- How we stand with what we are installed on. Webhooks only raise a doubt; what the VCS itself says is kept here.
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
