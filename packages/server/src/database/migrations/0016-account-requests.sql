-- Accounts are of three kinds (specification, Accounts).
alter table accounts drop constraint accounts_kind_check;
alter table accounts
  add constraint accounts_kind_check check (kind in ('customer', 'holding', 'limited-use'));

-- Requests for accounts, by somebody who is nobody here yet. They hold names and mail addresses: rows of closed requests
-- are removed after 90 days; what came of them stays in the events. Identifiers are not unique: whoever accepts first has
-- the account.
create table account_requests (
  request_id uuid primary key,
  kind text not null check (kind in ('customer', 'holding', 'limited-use')),
  company_name text not null,
  domain_identifier text not null,
  has_prefix boolean not null,
  justification text not null,
  requester_name text not null,
  requester_email text not null,
  approver_email text not null,
  state text not null check (
    state in ('requested', 'under-review', 'awaiting-acceptance', 'active', 'declined', 'expired', 'withdrawn')),
  requested_at timestamptz not null,
  state_since timestamptz not null,
  -- When it expires; null where it waits for an operator or is closed.
  ends_at timestamptz,
  reviewed_by text,
  reason text,
  account_id uuid
);
create index account_requests_ending on account_requests (ends_at) where ends_at is not null;
create index account_requests_under_review on account_requests (request_id) where state = 'under-review';

-- Links of a request, in a table of their own because each serves a request and not a person: the requester's for as long
-- as the request is kept, the approver's until the account is accepted. A row that is gone is a link that has ended.
create table account_request_links (
  secret_hash bytea primary key,
  request_id uuid not null references account_requests (request_id) on delete cascade,
  link_of text not null check (link_of in ('requester', 'approver')),
  created_at timestamptz not null
);
create index account_request_links_by_request on account_request_links (request_id);
