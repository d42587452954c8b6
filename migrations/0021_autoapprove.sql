-- `apply-autoapprove`: its dirspaces are applied without a plan that was reviewed.
alter table run add column auto_approve boolean not null default false;

-- Such a grant points at no plan; what allowed it is its evidence (S18).
alter table apply_grant alter column plan_run_id drop not null, alter column plan_digest drop not null;
alter table apply_grant add constraint apply_grant_plan
  check (plan_digest is not null and plan_run_id is not null or evidence @> '{"autoApproved": true}') not valid;
