-- An event out of which the name of a removed person was taken keeps the hash it was sealed with; a sealed statement of the
-- same chain says what it reads since. The salt keeps what was erased from being found by guessing, and goes with it.
alter table events
  add column salt bytea,
  add column rewritten_at timestamptz;
create index events_rewritten on events (account_id, batch_number) where rewritten_at is not null;

-- What a person did, and what was done to them, in all accounts: for whoever asks what is stored about them.
create index events_by_person on events (actor_id, at desc) where actor_kind = 'person';
create index events_about_person on events (object_id, at desc) where object_kind = 'person';
