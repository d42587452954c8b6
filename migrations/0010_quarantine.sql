-- Which database cluster the rows were written by. A promoted standby goes on under another timeline, a restored backup
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
