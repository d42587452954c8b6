-- Put off for want of news, and not because somebody outside asked to wait: the next wish brings it up at once.
alter table outbox add column rests boolean not null default false;
