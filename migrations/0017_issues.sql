-- The issues that a job left to be opened, as it said them. Null until the job said so.
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
