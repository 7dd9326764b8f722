-- From where an API client was used last. The next use takes its place; it goes with the client.
alter table api_keys add column last_used_from text;

-- Groups whose people the account's identity provider may change (SCIM), and what it calls them.
alter table groups
  add column provisioned boolean not null default false,
  add column external_id text;

-- What an identity provider says about a person, for this account only. Kept until it deletes the person.
create table provisioned_people (
  account_id uuid not null,
  person_id text not null,
  external_id text,
  active boolean not null,
  given_name text,
  family_name text,
  formatted_name text,
  display_name text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (account_id, person_id)
);
create index provisioned_people_by_external_id on provisioned_people (account_id, external_id)
  where external_id is not null;
create index provisioned_people_by_person on provisioned_people (person_id);

-- Who would be in a provisioned group but is deactivated: they are no members and hold nothing by it until they are
-- activated. Kept until then, or until they or the group are deleted.
create table deactivated_group_people (
  account_id uuid not null,
  group_id uuid not null,
  person_id text not null,
  primary key (account_id, group_id, person_id),
  foreign key (account_id, group_id) references groups (account_id, group_id) on delete cascade,
  foreign key (account_id, person_id) references provisioned_people (account_id, person_id) on delete cascade
);
create index deactivated_group_people_by_person on deactivated_group_people (account_id, person_id);

-- When each client asked last as an identity provider, and what it was last refused. One row for each client; it goes
-- with the client.
create table provisioning_clients (
  account_id uuid not null,
  api_key_id uuid not null references api_keys (api_key_id) on delete cascade,
  last_request text not null,
  last_request_at timestamptz not null,
  last_error text,
  last_error_at timestamptz,
  primary key (account_id, api_key_id)
);
