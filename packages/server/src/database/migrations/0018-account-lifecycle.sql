-- The rest of an account's life (specification, Accounts). A pending account is a place for orders whose customer has not
-- said yet which account they are for; it goes as soon as they have.
alter table accounts drop constraint accounts_status_check;
alter table accounts
  add constraint accounts_status_check check (status in ('pending', 'active', 'suspended', 'closed')),
  add column status_since timestamptz,
  -- Why it was suspended or closed, for its people to read.
  add column status_reason text;

-- Who asks and what for, and the account it begins from: the partner's holding account, the pending account that orders
-- are booked for, or the account that is upgraded.
alter table account_requests
  add column purpose text not null default 'own' check (purpose in ('own', 'customer', 'order', 'upgrade')),
  add column origin_account_id uuid,
  add check ((purpose = 'own') = (origin_account_id is null));
create index account_requests_by_origin on account_requests (origin_account_id, requested_at desc, request_id desc)
  where origin_account_id is not null;

-- Whom the order desk asked which account orders are for. Names and mail addresses: a row goes with its pending account,
-- as soon as the orders have theirs. The link ends with the row, with a new one, and when a backup is restored.
create table order_contacts (
  account_id uuid primary key,
  contact_name text not null,
  contact_email text not null,
  secret_hash bytea unique,
  ends_at timestamptz not null,
  invited_by text not null,
  invited_at timestamptz not null
);
