-- Tags of virtual accounts: keys that an administrator defines, the values each allows, and which virtual account
-- carries which. Kept as long as the account; names are of departments and countries, not of people.
create table tag_keys (
  account_id uuid not null,
  tag_key_id uuid not null,
  name text not null,
  -- The name without regard to case, as the rule compares it.
  name_key text not null,
  created_at timestamptz not null,
  primary key (account_id, tag_key_id),
  unique (account_id, name_key)
);

create table tag_values (
  account_id uuid not null,
  tag_value_id uuid not null,
  tag_key_id uuid not null,
  name text not null,
  name_key text not null,
  primary key (account_id, tag_value_id),
  unique (account_id, tag_key_id, tag_value_id),
  -- Values may change names with each other in one step.
  unique (account_id, tag_key_id, name_key) deferrable initially deferred,
  foreign key (account_id, tag_key_id) references tag_keys (account_id, tag_key_id)
);

-- At most one value of each key.
create table virtual_account_tags (
  account_id uuid not null,
  virtual_account_id uuid not null,
  tag_key_id uuid not null,
  tag_value_id uuid not null,
  primary key (account_id, virtual_account_id, tag_key_id),
  foreign key (account_id, tag_key_id, tag_value_id) references tag_values (account_id, tag_key_id, tag_value_id)
);
create index virtual_account_tags_by_value on virtual_account_tags (account_id, tag_key_id, tag_value_id);
