-- When a webhook last told something of a repository, to the minute: whoever sets one up sees whether they arrive. Older
-- servers leave it as it is.
alter table repository add column heard_at timestamptz;
