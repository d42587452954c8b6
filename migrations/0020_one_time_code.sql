-- Where the CI system gives its jobs no identity tokens: SHA-256 of the code that went to the job of this attempt, and
-- until when it opens the attempt. Null: none was given out. That it was used stands in used_token.
alter table attempt add column code_hash bytea, add column code_expires_at timestamptz;
create unique index attempt_code on attempt (code_hash) where code_hash is not null;
