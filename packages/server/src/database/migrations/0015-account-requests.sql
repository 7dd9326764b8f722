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

-- Links of a request: the requester's serves until it is closed, the approver's once.
alter table one_time_links add column request_id uuid references account_requests (request_id) on delete cascade;
create index one_time_links_by_request on one_time_links (request_id) where request_id is not null;
alter table one_time_links drop constraint one_time_links_kind_check;
alter table one_time_links
  add constraint one_time_links_kind_check check (
    kind in ('set-up', 'invitation', 'password-reset', 'account-request', 'account-acceptance'));
