-- Signed-in browsers, by the hash of their secret. Here and not in a server's memory: whichever server answers next knows them.
create table session (
  hash bytea primary key,
  opened_at timestamptz not null default now(),
  used_at timestamptz not null default now()
);
