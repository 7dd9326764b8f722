-- Groups: people who have one role and scope together, perhaps until an end. Who is in a group, and who put them there,
-- is kept until they are taken out or the group is deleted.
create table groups (
  account_id uuid not null,
  group_id uuid not null,
  name text not null,
  -- The name as it is compared: without regard to case, and to how accents are encoded.
  name_key text not null,
  role text not null,
  scope_kind text not null check (scope_kind in ('account', 'virtual-accounts')),
  until timestamptz,
  made_by text not null,
  made_at timestamptz not null,
  primary key (account_id, group_id)
);
create unique index groups_names on groups (account_id, name_key);

create table group_virtual_accounts (
  account_id uuid not null,
  group_id uuid not null,
  virtual_account_id uuid not null,
  nested boolean not null,
  primary key (account_id, group_id, virtual_account_id),
  foreign key (account_id, group_id) references groups (account_id, group_id) on delete cascade
);

create table group_people (
  account_id uuid not null,
  group_id uuid not null,
  person_id text not null,
  added_by text not null,
  added_at timestamptz not null,
  primary key (account_id, group_id, person_id),
  foreign key (account_id, group_id) references groups (account_id, group_id) on delete cascade
);
create index group_people_by_person on group_people (person_id);

-- What all rights come from: everybody's own grants, and for everybody in a group one more, under the id of the group.
create view held_grants as
  select account_id, grant_id, person_id, role, scope_kind, until, granted_by, granted_at,
         null::uuid as group_id, null::text as group_name
    from grants
  union all
  select p.account_id, p.group_id, p.person_id, g.role, g.scope_kind, g.until, p.added_by, p.added_at, g.group_id, g.name
    from group_people p join groups g on g.account_id = p.account_id and g.group_id = p.group_id;

create view held_grant_virtual_accounts as
  select account_id, grant_id, virtual_account_id, nested from grant_virtual_accounts
  union all
  select account_id, group_id, virtual_account_id, nested from group_virtual_accounts;
