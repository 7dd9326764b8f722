-- What there is to tell people, and when each of them hears of it.

-- Something to tell, once for each cause: it moves to the end of the order when it changes. Kept for 60 days.
create table notices (
  account_id uuid not null,
  cause text not null,
  -- A kind of the catalogue (domain, notifications).
  kind text not null,
  state text not null check (state in ('new', 'ended')),
  -- Null: told to those who see the whole account.
  virtual_account_id uuid,
  -- Told to this person and to nobody else.
  person_id text,
  -- Of the same subject each reader hears once, wherever it is: a delivery that lies in several virtual accounts.
  subject text,
  -- An alert is put into words when it is told; everything else has its sentence, and its page below the account's.
  alert_id uuid,
  message text,
  page text,
  at timestamptz not null,
  -- Where it is in the order in which things are told; null until a job has put it there, so that nothing that is written
  -- meanwhile comes before what was told already.
  position bigint,
  -- Where it was when it began.
  began_position bigint,
  primary key (account_id, cause),
  check ((alert_id is null) = (message is not null)),
  check ((alert_id is null) = (page is not null))
);
create index notices_to_order on notices (account_id, cause) where position is null;
create index notices_in_order on notices (account_id, position);
create index notices_by_subject on notices (account_id, subject) where subject is not null;

-- How far the order has come. Whoever moves it, or tells of what is in it, has the row.
create table notices_head (
  only_row boolean primary key default true check (only_row),
  position bigint not null
);
insert into notices_head (position) values (0);

-- Who is still to hear of a kind: all after `since_position`, at `due_at`. A reader is a person or an added address. The
-- row goes in the transaction that writes the mail.
create table notice_queue (
  account_id uuid not null,
  reader_id text not null,
  kind text not null,
  since_position bigint not null,
  due_at timestamptz not null,
  primary key (account_id, reader_id, kind)
);
create index notice_queue_due on notice_queue (due_at);
create index notice_queue_by_reader on notice_queue (reader_id);

-- What readers chose; where they chose nothing the catalogue says. Kept until they or their address are removed.
create table notification_choices (
  account_id uuid not null,
  reader_id text not null,
  kind text not null,
  cadence text not null check (cadence in ('immediate', 'daily', 'weekly', 'off')),
  primary key (account_id, reader_id, kind)
);
create index notification_choices_by_reader on notification_choices (reader_id);

-- When digests come to a person; without a row at 07:00 UTC, weekly ones on Mondays.
create table notification_hours (
  person_id text primary key references people (id) on delete cascade,
  time_zone text,
  hour smallint not null check (hour between 0 and 23),
  weekday smallint not null check (weekday between 1 and 7)
);

-- Addresses that an administrator added. Nothing but the question is sent there before it is confirmed. Kept until removed.
create table notification_addresses (
  account_id uuid not null,
  address_id uuid not null,
  email text not null,
  added_by text not null,
  added_at timestamptz not null,
  confirmed_at timestamptz,
  -- Hash of the link that confirms it; null once it did.
  confirm_hash bytea,
  confirm_until timestamptz,
  primary key (account_id, address_id),
  check ((confirm_hash is null) = (confirm_until is null))
);
create unique index notification_addresses_once on notification_addresses (account_id, lower(email));
create unique index notification_addresses_confirming on notification_addresses (confirm_hash);

-- Up to where somebody has looked at what is new in an account.
create table notices_seen (
  account_id uuid not null,
  person_id text not null references people (id) on delete cascade,
  position bigint not null,
  primary key (account_id, person_id)
);
