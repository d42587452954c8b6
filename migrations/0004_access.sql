-- Who asked for a run is judged again before each of its applies, by id: logins change hands (S14, S15).
alter table run add column actor_id text;
-- Of runs from before, and of those that an older server still makes beside a newer one, only the login is known. It
-- is read as an id that nobody has, so that such an actor has no role and no team.
alter table run add constraint run_actor check (actor_id is null or actor is not null);

-- Asked for with `apply-force`: apply requirements do not count.
alter table run add column forced boolean not null default false;

-- Teams of the local forge, known to all of its repositories. Slugs are in lower case.
create table forge_team_member (
  team text not null check (team = lower(team)),
  account_id text not null references forge_account (id) on delete cascade,
  primary key (team, account_id)
);
