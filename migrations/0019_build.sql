-- A job can run the builders of the configuration before it reads the code, one after the other: `prepares` grows while
-- it works. Servers that do not know of this see a run without dirspaces, and leave it to its job to end.
-- What the one that comes next is run with, {script, input}.
alter table run add column build jsonb;
alter table attempt drop constraint if exists attempt_manifest_check;
alter table attempt add constraint attempt_manifest_check
  check (manifest in ('index', 'tree', 'config', 'work')) not valid;
alter table attempt validate constraint attempt_manifest_check;
