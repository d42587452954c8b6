-- What the hooks of a job did, and which approvals those after the dirspaces asked for. Null until the job said so.
alter table attempt add column gates jsonb, add column hooks jsonb;
