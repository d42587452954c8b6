-- When the stored view of the pull request was read: what only continues our own work need not read it again.
alter table pull_request add column observed_at timestamptz;

-- When the CI system was first asked to start the job: only after that somebody has to look for one that is there already.
alter table attempt add column tried_at timestamptz;
