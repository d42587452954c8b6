-- What a delivery that nothing follows from was about, so that the page of its pull request can say so.
alter table ignored_delivery add column repository text, add column number integer;
create index ignored_delivery_about on ignored_delivery (repository, number, received_at) where number is not null;

-- What a decision was made from and what it wrote, packed: {snapshot, writes} as canonical JSON, gzipped. For a thousand
-- dirspaces these are megabytes that say nearly the same over and over. Where it is set, `snapshot` and `writes` are
-- empty. Servers from before leave it null and write those two; both are read.
alter table decision add column packed bytea;

-- Events that could not be decided are shown with their pull request; there are hardly ever any.
create index event_set_aside on event (pull_request_id, seq) where state = 'dead';
