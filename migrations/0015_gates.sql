-- Who let which gates of the plans pass, and for which commit: [{"token", "headSha", "by": {"id", "login"}}].
alter table pull_request add column gate_approvals jsonb not null default '[]';
