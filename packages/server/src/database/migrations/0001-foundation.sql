-- Tenant tables begin their primary key with account_id and no foreign key crosses accounts, so that the schema can be
-- distributed by account. The catalog and people are reference tables. Ids are UUIDv7 from the server.

-- People and sign-in. Column names of people, sessions and sign_in_accounts follow the sign-in library's model.

create table people (
  id text primary key,
  name text not null,
  email text not null unique check (email = lower(email)),
  email_verified boolean not null default false,
  image text,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table sessions (
  id text primary key,
  person_id text not null references people (id) on delete cascade,
  token text not null unique,
  expires_at timestamptz not null,
  ip_address text,
  user_agent text,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index sessions_by_person on sessions (person_id);

create table sign_in_accounts (
  id text primary key,
  person_id text not null references people (id) on delete cascade,
  account_id text not null,
  provider_id text not null,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  password text,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index sign_in_accounts_by_person on sign_in_accounts (person_id);

create table verifications (
  id text primary key,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);

create table platform_grants (
  person_id text not null references people (id) on delete cascade,
  role text not null,
  granted_at timestamptz not null,
  primary key (person_id, role)
);

-- One-time links: the set-up of the installation and invitations. Only hashes are kept.
create table one_time_links (
  link_id uuid primary key,
  kind text not null check (kind in ('set-up', 'invitation')),
  person_id text references people (id) on delete cascade,
  secret_hash bytea not null unique,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);

-- Accounts

create table accounts (
  account_id uuid primary key,
  kind text not null default 'customer' check (kind in ('customer')),
  name text not null,
  domain_identifier text not null unique,
  status text not null check (status in ('active', 'suspended', 'closed')),
  export_category text not null check (export_category in ('A', 'B', 'C', 'D')),
  sequence_policy text not null default 'flag' check (sequence_policy in ('flag', 'refuse')),
  created_at timestamptz not null
);

create table virtual_accounts (
  account_id uuid not null,
  virtual_account_id uuid not null,
  parent_id uuid,
  name text not null,
  description text not null default '',
  access_level text not null default 'restricted' check (access_level in ('restricted', 'unrestricted')),
  is_default boolean not null default false,
  depth smallint not null check (depth between 1 and 10),
  created_at timestamptz not null,
  -- A deleted virtual account keeps its row, so that orders and movements of the past still name it.
  deleted_at timestamptz,
  deleted_path text[],
  primary key (account_id, virtual_account_id),
  check ((deleted_at is null) = (deleted_path is null))
);
create unique index virtual_accounts_sibling_names
  on virtual_accounts (account_id, parent_id, lower(name)) nulls not distinct where deleted_at is null;
create unique index virtual_accounts_one_default on virtual_accounts (account_id) where is_default;

-- Every ancestor of every virtual account, itself at distance 0.
create table virtual_account_ancestry (
  account_id uuid not null,
  ancestor_id uuid not null,
  descendant_id uuid not null,
  distance smallint not null check (distance >= 0),
  primary key (account_id, ancestor_id, descendant_id)
);
create index virtual_account_ancestry_up on virtual_account_ancestry (account_id, descendant_id, distance);

-- Names from the top down to the virtual account.
create function virtual_account_path(account uuid, virtual_account uuid) returns text[] language sql stable as $$
  select coalesce(
    v.deleted_path,
    (select array_agg(up.name order by a.distance desc)
       from virtual_account_ancestry a
       join virtual_accounts up on up.account_id = a.account_id and up.virtual_account_id = a.ancestor_id
      where a.account_id = account and a.descendant_id = virtual_account))
  from virtual_accounts v where v.account_id = account and v.virtual_account_id = virtual_account
$$;

-- Roles of people and API keys. A grant to the whole account has no rows in grant_virtual_accounts.

create table grants (
  account_id uuid not null,
  grant_id uuid not null,
  person_id text not null,
  role text not null,
  scope_kind text not null check (scope_kind in ('account', 'virtual-accounts')),
  until timestamptz,
  granted_by text not null,
  granted_at timestamptz not null,
  primary key (account_id, grant_id)
);
create index grants_by_person on grants (person_id);

create table grant_virtual_accounts (
  account_id uuid not null,
  grant_id uuid not null,
  virtual_account_id uuid not null,
  nested boolean not null,
  primary key (account_id, grant_id, virtual_account_id),
  foreign key (account_id, grant_id) references grants (account_id, grant_id) on delete cascade
);

-- Keys of accounts, and of the platform (account_id null).
create table api_keys (
  api_key_id uuid primary key,
  account_id uuid,
  name text not null,
  role text not null,
  scope jsonb,
  prefix text not null,
  secret_hash bytea not null unique,
  created_by text not null,
  -- The person who knows the secret, also where they made the key with another key of theirs.
  made_by_person text,
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index api_keys_by_account on api_keys (account_id, api_key_id);
create index api_keys_by_maker on api_keys (account_id, made_by_person) where revoked_at is null;

-- Catalog

create table licenses (
  license_id uuid primary key,
  tag text not null unique,
  name text not null,
  description text not null,
  family text not null,
  version text not null,
  enforcement text not null check (enforcement in ('unenforced', 'enforced', 'export-controlled')),
  metric text not null,
  overage jsonb not null,
  created_at timestamptz not null
);

create table substitutions (
  substitution_id uuid primary key,
  upper_license_id uuid not null references licenses,
  lower_license_id uuid not null references licenses,
  upper_quantity integer not null check (upper_quantity >= 1),
  lower_quantity integer not null check (lower_quantity >= 1),
  priority integer not null,
  unique (upper_license_id, lower_license_id),
  check (upper_license_id <> lower_license_id)
);
create index substitutions_by_lower on substitutions (lower_license_id);

create table products (
  product_id uuid primary key,
  sku text not null unique,
  name text not null,
  term jsonb not null,
  billing text not null check (billing in ('prepaid', 'usage')),
  created_at timestamptz not null
);

create table product_grants (
  product_id uuid not null references products,
  license_id uuid not null references licenses,
  quantity_per_unit integer not null check (quantity_per_unit >= 1),
  primary key (product_id, license_id)
);

-- Orders belong to the platform; their lines name the account that gets the licenses.

create table orders (
  order_id uuid primary key,
  order_number text not null unique,
  buyer text not null,
  ordered_at timestamptz not null,
  created_at timestamptz not null
);
create index orders_newest on orders (ordered_at desc, order_id desc);

create table order_lines (
  order_id uuid not null references orders,
  line_number integer not null check (line_number >= 1),
  product_id uuid not null references products,
  quantity integer not null check (quantity >= 1),
  account_id uuid not null,
  virtual_account_id uuid not null,
  start_date date,
  state text not null check (state in ('booked', 'on-hold', 'shipped', 'delivered', 'cancelled', 'returned')),
  booked_at timestamptz not null,
  shipped_at timestamptz,
  delivered_at timestamptz,
  cancelled_at timestamptz,
  primary key (order_id, line_number)
);
create index order_lines_by_account on order_lines (account_id, order_id);

-- The ledger

create table lots (
  account_id uuid not null,
  lot_id uuid not null,
  license_id uuid not null,
  source_kind text not null check (source_kind in ('order', 'conversion', 'correction', 'asset-transfer')),
  order_id uuid,
  order_number text,
  line_number integer,
  sku text,
  subscription_id text,
  billing text not null check (billing in ('prepaid', 'usage')),
  term_kind text not null check (term_kind in ('perpetual', 'term', 'demo')),
  starts_at timestamptz,
  ends_at timestamptz,
  delivered bigint not null check (delivered >= 0),
  -- When its term turns next: its start while it is pending, then its end, then never.
  turns_at timestamptz,
  created_at timestamptz not null,
  primary key (account_id, lot_id),
  check ((term_kind = 'perpetual') = (ends_at is null)),
  check ((term_kind = 'perpetual') = (starts_at is null))
);
create index lots_by_order on lots (order_id);
create index lots_turning on lots (turns_at) where turns_at is not null;
create index lots_ending on lots (ends_at) where ends_at is not null;

-- How much of a lot lies in a virtual account, by state. Rows at zero are kept: they are locked again.
create table holdings (
  account_id uuid not null,
  virtual_account_id uuid not null,
  lot_id uuid not null,
  state text not null check (state in ('pending', 'available', 'reserved', 'held', 'expired')),
  license_id uuid not null,
  quantity bigint not null check (quantity >= 0),
  primary key (account_id, virtual_account_id, lot_id, state),
  foreign key (account_id, lot_id) references lots (account_id, lot_id)
) with (fillfactor = 70);
create index holdings_by_license on holdings (account_id, license_id, virtual_account_id) where quantity > 0;
create index holdings_by_lot on holdings (account_id, lot_id);

create table movements (
  account_id uuid not null,
  movement_id uuid not null,
  kind text not null,
  at timestamptz not null,
  reason text not null,
  actor_kind text not null,
  actor_id text,
  actor_name text not null,
  request_id text,
  order_number text,
  hold_id uuid,
  hold_purpose text,
  undo_of uuid,
  undone_by uuid,
  primary key (account_id, movement_id)
);
create index movements_newest on movements (account_id, at desc, movement_id desc);
-- A hold begins once and ends once.
create unique index movements_one_hold on movements (account_id, hold_id) where kind = 'hold';
create unique index movements_one_end_of_hold on movements (account_id, hold_id) where kind in ('post', 'void');

-- The two outside places have no virtual account: 'delivered' is where deposits come from, 'withdrawn' where
-- corrections go. Entries of a movement sum to zero.
create table movement_entries (
  account_id uuid not null,
  movement_id uuid not null,
  entry_number smallint not null,
  lot_id uuid not null,
  license_id uuid not null,
  virtual_account_id uuid,
  state text not null check (state in ('delivered', 'withdrawn', 'pending', 'available', 'reserved', 'held', 'expired')),
  delta bigint not null check (delta <> 0),
  primary key (account_id, movement_id, entry_number),
  foreign key (account_id, movement_id) references movements (account_id, movement_id),
  check ((virtual_account_id is null) = (state in ('delivered', 'withdrawn')))
);
create index movement_entries_by_license on movement_entries (account_id, license_id, virtual_account_id);
create index movement_entries_by_lot on movement_entries (account_id, lot_id);

-- One row per license in one virtual account, changed with every movement and every change of use in the same
-- transaction: narrow and with free space, because it is the hottest row of all.
create table pools (
  account_id uuid not null,
  virtual_account_id uuid not null,
  license_id uuid not null,
  pending bigint not null default 0 check (pending >= 0),
  available bigint not null default 0 check (available >= 0),
  reserved bigint not null default 0 check (reserved >= 0),
  held bigint not null default 0 check (held >= 0),
  expired bigint not null default 0 check (expired >= 0),
  in_use bigint not null default 0 check (in_use >= 0),
  lent bigint not null default 0 check (lent >= 0),
  borrowed bigint not null default 0 check (borrowed >= 0),
  state text not null default 'in-compliance' check (state in ('in-compliance', 'overage', 'out-of-compliance')),
  short_since timestamptz,
  primary key (account_id, virtual_account_id, license_id)
) with (fillfactor = 50);
create index pools_by_license on pools (account_id, license_id);
create index pools_short on pools (account_id) where state = 'out-of-compliance';

-- Product instances

create table registration_tokens (
  account_id uuid not null,
  token_id uuid not null,
  virtual_account_id uuid not null,
  description text not null,
  prefix text not null,
  secret_hash bytea not null,
  export_controlled_allowed boolean not null,
  address_range cidr,
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  maximum_uses integer check (maximum_uses >= 1),
  uses integer not null default 0 check (uses >= 0 and (maximum_uses is null or uses <= maximum_uses)),
  last_used_at timestamptz,
  revoked_at timestamptz,
  primary key (account_id, token_id)
);
create unique index registration_tokens_by_hash on registration_tokens (account_id, secret_hash);

create table product_instances (
  account_id uuid not null,
  instance_id uuid not null,
  virtual_account_id uuid not null,
  state text not null check (state in
    ('registered', 'authorization-expired', 'certificate-ended', 'removed', 'deregistered', 'replaced')),
  product_id text not null,
  serial_number text not null,
  version_id text,
  uuid text,
  host_name text,
  software_tag text,
  software_version text,
  display_name text not null,
  token_id uuid,
  export_controlled_allowed boolean not null,
  registered_at timestamptz not null,
  ended_at timestamptz,
  certificate_serial text not null,
  public_key bytea not null,
  certificate_expires_at timestamptz not null,
  renew_after timestamptz not null,
  previous_certificate_serial text,
  previous_public_key bytea,
  previous_certificate_expires_at timestamptz,
  primary key (account_id, instance_id)
);
-- One living registration for an identity in an account.
create unique index product_instances_identity on product_instances (account_id, product_id, serial_number)
  where state in ('registered', 'authorization-expired');
create index product_instances_by_name on product_instances (account_id, display_name, instance_id);
create index product_instances_by_virtual_account on product_instances (account_id, virtual_account_id);
create index product_instances_certificate_end on product_instances (certificate_expires_at)
  where state in ('registered', 'authorization-expired');

-- What changes with every message, apart from what describes the instance.
create table instance_contacts (
  account_id uuid not null,
  instance_id uuid not null,
  last_sequence bigint not null,
  last_contact_at timestamptz not null,
  next_contact_by timestamptz not null,
  deadline_at timestamptz not null,
  primary key (account_id, instance_id)
) with (fillfactor = 60);
create index instance_contacts_deadline on instance_contacts (deadline_at);

-- How much of a license an instance last reported. license_id is null for a tag the catalog does not know.
create table instance_usage (
  account_id uuid not null,
  instance_id uuid not null,
  tag text not null,
  license_id uuid,
  virtual_account_id uuid not null,
  count bigint not null check (count >= 0),
  changed_at timestamptz not null,
  primary key (account_id, instance_id, tag)
) with (fillfactor = 70);
create index instance_usage_by_license on instance_usage (account_id, license_id, virtual_account_id) where count > 0;

-- Every change of use, append-only. A move of an instance between virtual accounts is a change in both.
create table usage_changes (
  account_id uuid not null,
  change_id uuid not null,
  at timestamptz not null,
  instance_id uuid not null,
  license_id uuid not null,
  virtual_account_id uuid not null,
  from_count bigint not null,
  to_count bigint not null,
  reason text not null check (reason in
    ('reported', 'registered', 'deregistered', 'removed', 'replaced', 'silent', 'certificate-ended', 'transferred')),
  primary key (account_id, change_id)
);
create index usage_changes_by_pool on usage_changes (account_id, license_id, virtual_account_id, at desc);
create index usage_changes_by_instance on usage_changes (account_id, instance_id, at desc);

-- Messages of product instances and their answers, so that the same message id gets the same answer. `request` is the
-- payload as it was signed; the token of a registration is replaced by its hash.
create table device_messages (
  account_id uuid not null,
  instance_id uuid not null,
  message_id uuid not null,
  kind text not null check (kind in ('register', 'authorize', 'renew-certificate', 'deregister')),
  request text not null,
  answer text not null,
  at timestamptz not null,
  primary key (account_id, instance_id, message_id)
);
-- Who registers again has no instance id yet.
create unique index device_messages_registrations on device_messages (account_id, message_id) where kind = 'register';
create index device_messages_age on device_messages (at);

-- Alerts: one open alert per cause.

create table alerts (
  account_id uuid not null,
  alert_id uuid not null,
  kind text not null,
  severity text not null check (severity in ('major', 'minor', 'informational')),
  cause text not null,
  virtual_account_id uuid,
  license_id uuid,
  instance_id uuid,
  lot_id uuid,
  quantity bigint,
  facts jsonb not null,
  opened_at timestamptz not null,
  action_due_at timestamptz,
  resolved_at timestamptz,
  snoozed_until timestamptz,
  primary key (account_id, alert_id)
);
create unique index alerts_one_open_per_cause on alerts (account_id, kind, cause) where resolved_at is null;
create index alerts_resolved on alerts (account_id, resolved_at desc) where resolved_at is not null;

-- Events, append-only. A job seals them in batches: batch_number, then a row in event_batches with the hash chain.
-- account_id is the nil UUID for events of the platform.

create table events (
  account_id uuid not null,
  event_id uuid not null,
  at timestamptz not null,
  actor_kind text not null,
  actor_id text,
  actor_name text not null,
  operation text not null,
  message text not null,
  object_kind text not null,
  object_id text not null,
  virtual_account_id uuid,
  -- The other end of what happens between two virtual accounts.
  other_virtual_account_id uuid,
  before jsonb,
  after jsonb,
  from_address text,
  request_id text,
  -- Both set once, when the event is sealed.
  batch_number bigint,
  hash bytea,
  primary key (account_id, event_id, at)
) partition by range (at);
create index events_newest on events (account_id, at desc, event_id desc);
create index events_by_object on events (account_id, object_kind, object_id, at desc);
create index events_unsealed on events (account_id) where batch_number is null;
create index events_by_batch on events (account_id, batch_number);

create table events_other partition of events default;

create table event_batches (
  account_id uuid not null,
  batch_number bigint not null,
  events integer not null check (events > 0),
  previous_hash bytea not null,
  hash bytea not null,
  sealed_at timestamptz not null,
  primary key (account_id, batch_number)
);

-- Makes the monthly partitions of events from the month of the given instant on. Rows that waited in the default
-- partition move along.
create function ensure_event_partitions(from_instant timestamptz, months integer) returns void language plpgsql as $$
declare
  month_start timestamptz;
  month_end timestamptz;
  partition_name text;
begin
  for i in 0..months - 1 loop
    month_start := (date_trunc('month', from_instant at time zone 'UTC') + make_interval(months => i)) at time zone 'UTC';
    month_end := (date_trunc('month', from_instant at time zone 'UTC') + make_interval(months => i + 1)) at time zone 'UTC';
    partition_name := 'events_' || to_char(month_start at time zone 'UTC', 'YYYY_MM');
    if to_regclass(partition_name) is null then
      execute format('create table %I (like events including defaults)', partition_name);
      execute format('with moved as (delete from events_other where at >= %L and at < %L returning *) insert into %I select * from moved',
        month_start, month_end, partition_name);
      execute format('alter table events attach partition %I for values from (%L) to (%L)', partition_name, month_start, month_end);
    end if;
  end loop;
end $$;

-- Idempotency of the API: the answer of a request, kept 30 days in the transaction of its effect. `answer` is
-- encrypted where it holds a secret.
create table idempotency_keys (
  caller text not null,
  key text not null,
  operation text not null,
  fingerprint bytea not null,
  status integer not null,
  answer text not null,
  created_at timestamptz not null,
  primary key (caller, key)
);
create index idempotency_keys_age on idempotency_keys (created_at);

-- The installation itself: certificate authority and signing keys, private parts encrypted.

create table installation (
  only_row boolean primary key default true check (only_row),
  installation_id uuid not null,
  epoch integer not null default 1,
  created_at timestamptz not null
);

create table signing_keys (
  kid text primary key,
  purpose text not null check (purpose in ('certificate-authority', 'documents')),
  certificate bytea,
  public_key jsonb not null,
  private_key_sealed text not null,
  created_at timestamptz not null,
  sign_until timestamptz not null,
  verify_until timestamptz not null
);
