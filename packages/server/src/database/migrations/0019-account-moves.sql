-- An account that was merged into another one stays, read-only, and says where it went.
alter table accounts drop constraint accounts_status_check;
alter table accounts
  add constraint accounts_status_check check (status in ('pending', 'active', 'suspended', 'closed', 'merged')),
  add column merged_into uuid,
  add check ((status = 'merged') = (merged_into is not null));

-- Merges of two accounts and splits of one, from the proposal on. They belong to both sides, so their key is their own.
-- They hold names of people and a mail address: those that came to nothing are removed after 90 days; those that were
-- carried out are kept as long as the accounts, because they say who agreed to it.
create table account_moves (
  move_id uuid primary key,
  kind text not null check (kind in ('merge', 'split')),
  state text not null check (state in ('proposed', 'declined', 'withdrawn', 'expired', 'done', 'undone')),
  -- Whose virtual accounts go.
  from_account_id uuid not null,
  -- Who gets them; null for a split until its account is made.
  into_account_id uuid,
  proposed_side text not null check (proposed_side in ('from', 'into')),
  proposed_by text not null,
  proposed_by_name text not null,
  proposed_at timestamptz not null,
  state_since timestamptz not null,
  -- Until when somebody may consent; once it is done, until when it may be undone.
  ends_at timestamptz,
  reason text not null,
  -- Who consented, declined, withdrew or undid it last, and why.
  answered_by_name text,
  answer text,
  -- Who consents for an account that is not there yet.
  first_administrator_email text,
  -- What is wanted, and what was done: undoing it needs both.
  plan jsonb not null,
  done jsonb,
  check ((kind = 'split') = (first_administrator_email is not null)),
  check ((done is not null) = (state in ('done', 'undone')))
);
create index account_moves_from on account_moves (from_account_id, move_id);
create index account_moves_into on account_moves (into_account_id, move_id);
create index account_moves_for_person on account_moves (first_administrator_email)
  where first_administrator_email is not null;
create index account_moves_waiting on account_moves (ends_at) where state = 'proposed';

-- Product instances whose certificate names another account than the one they are in now: they go on reporting with
-- the identity they have. account_id is the account they know. Kept as long as the instance.
create table forwarded_instances (
  account_id uuid not null,
  instance_id uuid not null,
  to_account_id uuid not null,
  -- The merge or split it went with last.
  move_id uuid not null,
  primary key (account_id, instance_id)
);
create index forwarded_instances_now on forwarded_instances (to_account_id, instance_id);

-- The same for registration tokens, whose secret names the account it was made in.
create table forwarded_tokens (
  account_id uuid not null,
  secret_hash bytea not null,
  to_account_id uuid not null,
  primary key (account_id, secret_hash)
);
create index forwarded_tokens_now on forwarded_tokens (to_account_id, secret_hash);
