-- Mails to people: written in the transaction of what they tell of, sent after it. What a mail says lies sealed and is
-- forgotten as soon as it was sent, because it may hold a link that lets somebody in; without a mail server it is kept
-- for an operator to open. Rows are removed after 30 days.
create table mails (
  mail_id uuid primary key,
  kind text not null,
  recipient text not null,
  -- The account that the mail is about; null for the platform's.
  account_id uuid,
  subject text not null,
  content_sealed text,
  state text not null check (state in ('waiting', 'sent', 'kept', 'failed')),
  attempts smallint not null default 0,
  -- When it is due; while somebody sends it, when another one may try.
  next_attempt_at timestamptz,
  problem text,
  created_at timestamptz not null,
  done_at timestamptz,
  check ((state = 'waiting') = (next_attempt_at is not null))
);
create index mails_due on mails (next_attempt_at) where state = 'waiting';
create index mails_reading on mails (created_at desc, mail_id desc);

-- Who asked for a new password, known or not: whether there is such a person is found out afterwards, so that the answer
-- and the time it takes tell nothing. Removed as soon as that is done.
create table password_reset_requests (
  request_id uuid primary key,
  email text not null,
  created_at timestamptz not null
);

alter table one_time_links drop constraint one_time_links_kind_check;
alter table one_time_links
  add constraint one_time_links_kind_check check (kind in ('set-up', 'invitation', 'password-reset'));
