-- What the configuration said about a run as a whole when it started: hooks, plan storage, how to check out.
-- Null in runs of older servers, and while it is not known what to work on.
alter table run add column settings jsonb;
