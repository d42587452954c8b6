-- Whom the gates of the plans asked for a review, and for which commit: {"headSha", "terms": ["user:ann"]}.
alter table pull_request add column reviewers_asked jsonb;

-- In the local forge: who was asked to look at a pull request, an account by its login or a team by its name.
create table forge_review_request (
  repository_id text not null,
  number integer not null,
  kind text not null check (kind in ('user', 'team')),
  name text not null,
  asked_at timestamptz not null,
  primary key (repository_id, number, kind, name),
  foreign key (repository_id, number)
    references forge_pull_request (repository_id, number) on delete cascade
);
