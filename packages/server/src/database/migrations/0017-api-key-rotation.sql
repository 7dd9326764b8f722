-- A key that is rotated has two secrets for a while, so that programs change over without an outage.
alter table api_keys
  add column previous_secret_hash bytea unique,
  -- Who knows the previous secret.
  add column previous_made_by_person text,
  add column previous_until timestamptz,
  add column previous_last_used_at timestamptz,
  add check ((previous_secret_hash is null) = (previous_until is null));
create index api_keys_by_previous_maker on api_keys (account_id, previous_made_by_person)
  where revoked_at is null and previous_made_by_person is not null;
