-- Apps that were registered with a forge while the server ran; those of the environment are not here. Every server looks
-- after `revision` every few seconds, so that an app that came through one of them is on all of them.
create table app (
  -- What stored installations have as their VCS, and the last part of the webhook's address. It is never given to another
  -- host: the ids of two hosts would be taken for each other's.
  key text primary key check (key ~ '^[a-z][a-z0-9-]{0,39}$'),
  -- Which adapter speaks with it.
  vcs text not null,
  web_url text not null,
  api_url text not null,
  app_id text not null,
  slug text not null,
  name text not null,
  owner text,
  html_url text,
  -- Sealed with a key that is outside the database; `sealed_by` says which. Null once it was removed.
  sealed_by text not null,
  private_key bytea,
  webhook_secrets bytea,
  -- What is not secret and differs between apps: workflow files, issuer, which upgrades were wanted.
  settings jsonb not null,
  revision bigint not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  removed_at timestamptz
);
create unique index app_known on app (api_url, app_id) where removed_at is null;
create sequence app_revision;

-- Registrations that were begun in a browser. The state is in the browser's hands; here is only its hash.
create table app_setup (
  state_hash bytea primary key,
  -- Whose session began it: nobody else's may end it.
  caller_hash bytea not null,
  key text not null unique,
  wish jsonb not null,
  expires_at timestamptz not null
);
