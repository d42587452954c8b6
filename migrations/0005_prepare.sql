-- A job can read the code first: which dirspaces the run works on is known, and filled in, after that. Servers that
-- do not know of this see a run without dirspaces, and leave it to its job to end.
alter table run add column prepares text[] not null default '{}';
-- Those that are stored; written together with the fact itself.
alter table run add column prepared text[] not null default '{}';
-- The command that goes on once everything is there: {text, actor}.
alter table run add column command jsonb;
alter table run add constraint run_prepared check (prepared <@ prepares);
