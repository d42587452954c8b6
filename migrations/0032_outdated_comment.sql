-- A comment of ours that a newer one replaces: people see one line of it. Servers that do not know this show all of it.
alter table forge_comment add column outdated_at timestamptz;
