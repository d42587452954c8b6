-- The last group of a merge queue that ended with the pull request, and what its checks say:
-- {"head", "base", "baseRef", "state", "verdict"}.
alter table pull_request add column merge_group jsonb;
