-- Platform roles may end, and say who gave them.
alter table platform_grants add column granted_by text;
alter table platform_grants add column until timestamptz;

-- What holds for the publisher's staff, and for their support accesses.
create table staff_settings (
  only_row boolean primary key default true check (only_row),
  second_factor_required boolean not null default false,
  support_most_minutes smallint not null default 480 check (support_most_minutes between 15 and 480)
);
insert into staff_settings default values;

-- What an account says about support that wants to open it; an account without a row is opened with notice.
create table support_rules (
  account_id uuid primary key,
  rule text not null check (rule in ('forbidden', 'ask', 'notice'))
);

-- Each time somebody of the publisher's staff asked to open an account. Kept as long as the account is, because the customer
-- may look at it for ever; people are named by their ids alone, so that a removed one is known by the pseudonym.
create table support_accesses (
  account_id uuid not null,
  access_id uuid not null,
  person_id text not null,
  mode text not null check (mode in ('read', 'act')),
  reason text not null,
  case_number text not null,
  minutes smallint not null check (minutes between 15 and 480),
  state text not null check (state in ('asked', 'open', 'declined', 'expired', 'withdrawn', 'ended')),
  asked_at timestamptz not null,
  begun_at timestamptz,
  -- While it is asked for: when the question expires. While it is open: when it ends by itself.
  ends_at timestamptz,
  ended_at timestamptz,
  ended_how text check (ended_how in ('customer', 'staff', 'time', 'setting', 'role')),
  -- Who of the customer approved or declined it.
  decided_by_person text,
  primary key (account_id, access_id),
  check ((state in ('asked', 'open')) = (ends_at is not null)),
  check ((state = 'ended') = (ended_how is not null))
);
-- Nobody has two of one account at once.
create unique index support_accesses_of_person on support_accesses (account_id, person_id) where state in ('asked', 'open');
create index support_accesses_living on support_accesses (ends_at) where state in ('asked', 'open');
create index support_accesses_reading on support_accesses (asked_at desc, access_id desc);

-- What was looked at under a support access: one row and one event for each thing, however often it was read again.
create table support_reads (
  account_id uuid not null,
  access_id uuid not null,
  -- SHA-256 of the operation and all it was asked with.
  read_hash bytea not null,
  operation text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  times integer not null,
  primary key (account_id, access_id, read_hash)
);

-- Ways back in for an account without an administrator, or for a person who has lost everything of their second factor. One
-- operator asks and another approves. Kept for ever; people are named by their ids.
create table recoveries (
  recovery_id uuid primary key,
  kind text not null check (kind in ('administrator', 'second-factors')),
  -- Of the first kind: the account, and who is to administer it.
  account_id uuid,
  email text not null,
  -- Of the second kind: whose second factors go.
  person_id text,
  reason text not null,
  state text not null check (state in ('asked', 'waiting', 'done', 'declined', 'cancelled', 'expired')),
  asked_by_person text not null,
  asked_at timestamptz not null,
  decided_by_person text,
  -- While it is asked for: when the question expires. While it waits: when it is done.
  ends_at timestamptz,
  ended_at timestamptz,
  -- SHA-256 of what the person's mail says, with which they stop it.
  cancel_hash bytea unique,
  check ((kind = 'administrator') = (account_id is not null)),
  check ((kind = 'second-factors') = (person_id is not null)),
  check ((state in ('asked', 'waiting')) = (ends_at is not null))
);
create index recoveries_living on recoveries (ends_at) where state in ('asked', 'waiting');
create index recoveries_reading on recoveries (asked_at desc, recovery_id desc);
create index recoveries_of_account on recoveries (account_id) where account_id is not null;
