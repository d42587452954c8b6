-- How much output of a unit was taken, so that one that never stops ends here. Servers that do not know this keep all of theirs.
alter table work add column output_chars bigint not null default 0;
