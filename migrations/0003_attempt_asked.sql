-- When the CI system was last asked about the job: many servers ask about many jobs, each of them seldom (L37).
alter table attempt add column asked_at timestamptz;
