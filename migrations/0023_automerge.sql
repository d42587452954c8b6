-- Why the VCS did not merge it when it was asked to: {"head", "why", "said", "at"}; null once it is tried again.
alter table pull_request add column unmerged jsonb;
