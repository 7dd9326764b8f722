-- On whose behalf somebody did something: of an API client whoever answers for it, of a partner the customer they ask for. It
-- is hashed with the event when that is sealed, as version 2; events that were sealed without it are of version 1, say nothing
-- of it, and hold as they did. A server of before this version may go on sealing while servers are replaced.
alter table events
  add column behalf_kind text,
  add column behalf_id text,
  add column behalf_name text,
  add column chain_version smallint not null default 1;
create index events_by_behalf on events (behalf_id, account_id, at desc, event_id desc) where behalf_id is not null;
