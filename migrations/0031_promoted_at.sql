-- When the rows last turned out to be those of another cluster: what was done outside before may have been forgotten.
alter table cluster add column promoted_at timestamptz;
update cluster set promoted_at = coalesce(quarantined_at, now()) where quarantines > 0;
