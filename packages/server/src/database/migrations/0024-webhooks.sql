-- Webhooks: where events of an account are sent to. Kept until they are deleted; secrets and private keys lie sealed.
create table webhooks (
  account_id uuid not null,
  webhook_id uuid not null,
  description text not null,
  -- May hold what lets somebody in at the receiver, so it is in no event and no log.
  url text not null,
  scope jsonb not null,
  -- Events of any of these are sent; both empty means all.
  operations text[] not null,
  object_kinds text[] not null,
  signing text not null check (signing in ('hmac', 'ed25519')),
  secret_sealed text not null,
  public_key text,
  -- What was before the last rotation signs as well until then.
  previous_secret_sealed text,
  previous_until timestamptz,
  -- Null while it is on.
  off_reason text check (off_reason in ('by-hand', 'failing', 'gone', 'rights')),
  off_since timestamptz,
  -- Who answers for it: it ends with their right to manage the account's settings.
  made_by text not null,
  made_by_person text,
  made_by_key uuid,
  created_at timestamptz not null,
  -- How far it has come in the account's chain of events: deliveries exist of all that were sealed up to this batch.
  sent_batch bigint not null,
  -- What happened before is not sent.
  sends_from timestamptz not null,
  failing_since timestamptz,
  primary key (account_id, webhook_id),
  check ((off_reason is null) = (off_since is null)),
  check ((previous_secret_sealed is null) = (previous_until is null)),
  check ((signing = 'ed25519') = (public_key is not null))
);

-- An event on its way to a webhook, or a test. Removed after 30 days, whatever became of it.
create table webhook_deliveries (
  account_id uuid not null,
  webhook_id uuid not null,
  -- The id of the event, or one of its own for a test.
  message_id uuid not null,
  kind text not null check (kind in ('event', 'test')),
  type text not null,
  at timestamptz not null,
  state text not null check (state in ('waiting', 'delivered', 'failed')),
  tries integer not null default 0,
  -- Tries before it was last sent again by hand, which begin the pauses anew.
  tries_before integer not null default 0,
  -- When it is due; while somebody sends it, when another one may try.
  next_try_at timestamptz,
  status smallint,
  problem text,
  created_at timestamptz not null,
  primary key (account_id, webhook_id, message_id),
  foreign key (account_id, webhook_id) references webhooks (account_id, webhook_id) on delete cascade,
  check ((state = 'waiting') = (next_try_at is not null))
);
create index webhook_deliveries_due on webhook_deliveries (account_id, webhook_id, next_try_at)
  where state = 'waiting';
create index webhook_deliveries_reading
  on webhook_deliveries (account_id, webhook_id, created_at desc, message_id desc);
create index webhook_deliveries_age on webhook_deliveries (created_at);

-- What came of each try: the beginning of the answer, without control characters. Removed with its delivery.
create table webhook_tries (
  account_id uuid not null,
  webhook_id uuid not null,
  message_id uuid not null,
  number integer not null,
  at timestamptz not null,
  milliseconds integer not null,
  status smallint,
  answer text not null,
  problem text,
  primary key (account_id, webhook_id, message_id, number),
  foreign key (account_id, webhook_id, message_id)
    references webhook_deliveries (account_id, webhook_id, message_id) on delete cascade
);
