-- What is shown and does not stay so: a check that has not ended, a comment that a later one replaces. Whoever publishes
-- next brings it to an end.
alter table publication add column open boolean not null default false;

create index publication_open on publication (pull_request_id) where open;
