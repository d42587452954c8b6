-- Jobs of existing runners come through a door of their own, unless somebody closes it for an installation.
alter table installation add column compatible_runners boolean not null default true;
-- SHA-256 of the token that went with the dispatch. Null: the job comes through the native door, and no other is open to it.
alter table attempt add column work_token_hash bytea;
create unique index attempt_work_token on attempt (work_token_hash) where work_token_hash is not null;
-- What was handed to such a job last: reading the code comes first, and is followed by work once.
alter table attempt add column manifest text check (manifest in ('index', 'work'));
