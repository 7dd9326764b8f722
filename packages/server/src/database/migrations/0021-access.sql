-- Requests for access: a person asks, by an account's identifier, for a role there. Written without looking for the
-- account, so that neither the answer nor its time tells which accounts there are; a job brings it to the account, or to
-- none until it expires. They hold what people wrote: rows of requests that were answered, expired or taken back are
-- removed after 90 days; what came of them stays in the events.
create table access_requests (
  request_id uuid primary key,
  person_id text not null references people (id) on delete cascade,
  identifier text not null,
  role text not null,
  -- The path of a virtual account as it was typed; empty for the whole account.
  place text not null,
  reason text not null,
  state text not null check (state in ('waiting', 'approved', 'declined', 'expired', 'withdrawn')),
  asked_at timestamptz not null,
  ends_at timestamptz not null,
  state_since timestamptz not null,
  -- Where it was brought; null as long as no account has the identifier.
  account_id uuid,
  virtual_account_id uuid,
  answered_by text,
  answer text,
  grant_id uuid
);
create index access_requests_by_person on access_requests (person_id, asked_at);
create index access_requests_by_account on access_requests (account_id, asked_at);
create index access_requests_ending on access_requests (ends_at) where state = 'waiting';
create index access_requests_to_bring on access_requests (identifier) where state = 'waiting' and account_id is null;
