-- The secret of a person's authenticator app (RFC 6238), sealed. Kept until it is turned off; one that was never
-- confirmed counts for nothing after an hour, and the next one takes its place.
create table totp_secrets (
  person_id text primary key references people (id) on delete cascade,
  secret_sealed text not null,
  started_at timestamptz not null,
  confirmed_at timestamptz,
  -- The latest 30 seconds whose code was used: codes up to it are refused, so that each works once.
  last_step bigint not null default 0
);

-- Recovery codes, as keyed hashes: what is in the database alone opens nothing. New ones take the place of all.
create table recovery_codes (
  person_id text not null references people (id) on delete cascade,
  code_hash bytea not null,
  used_at timestamptz,
  primary key (person_id, code_hash)
);

create table passkeys (
  passkey_id uuid primary key,
  person_id text not null references people (id) on delete cascade,
  name text not null,
  credential_id text not null unique,
  public_key bytea not null,
  -- Counted by the authenticator; 0 where it does not count.
  counter bigint not null,
  transports text[] not null,
  created_at timestamptz not null,
  last_used_at timestamptz
);
create index passkeys_by_person on passkeys (person_id, passkey_id);

-- The first half of something that takes two requests: a sign-in that still needs a code, or what a passkey has to sign.
-- Only hashes are kept. Each is used once, within five minutes; a job removes what was left.
create table sign_in_challenges (
  challenge_hash bytea primary key,
  kind text not null check (kind in ('code', 'passkey-add', 'passkey-sign-in', 'passkey-step-up')),
  -- Null where the passkey will say who it is.
  person_id text references people (id) on delete cascade,
  tries smallint not null default 0,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index sign_in_challenges_by_end on sign_in_challenges (expires_at);
