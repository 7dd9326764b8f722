import type { ColumnType, Generated } from 'kysely';
import type { AccessTables } from './access-tables.ts';
import type { AccountMoveTables } from './account-move-tables.ts';
import type {
  AccountRequestLinksTable,
  AccountRequestsTable,
  AwaitedAccountsTable,
  OrderContactsTable,
  ReviewSettingsTable,
} from './account-request-tables.ts';
import type { AgreementTables } from './agreement-tables.ts';
import type { InstanceTables } from './instance-tables.ts';
import type { NotificationTables } from './notification-tables.ts';
import type {
  OneTimeLinksTable,
  PasskeysTable,
  PasswordResetRequestsTable,
  PeopleTable,
  PlatformGrantsTable,
  RecoveryCodesTable,
  SessionsTable,
  SignInAccountsTable,
  SignInChallengesTable,
  TotpSecretsTable,
  VerificationsTable,
} from './people-tables.ts';
import type { ProvisioningTables } from './provisioning-tables.ts';
import type { SingleSignOnTables } from './single-sign-on-tables.ts';
import type { SupportTables } from './support-tables.ts';
import type { TagTables } from './tag-tables.ts';
import type { WebhookTables } from './webhook-tables.ts';

/*
 * Rows of every table, in the order of the migrations; those of some subjects have files of their own beside this.
 * Instants are read and written as `Temporal.Instant`, 64-bit counts as numbers (all below 2^53), dates as text; JSON is
 * written as text, so that no driver guesses at arrays.
 */

export type Json = ColumnType<unknown, string, string>;
export type NullableJson = ColumnType<unknown, string | null, string | null>;

export interface AccountsTable {
  account_id: string;
  kind: Generated<string>;
  name: string;
  domain_identifier: string;
  status: string;
  merged_into: Generated<string | null>;
  export_category: string;
  sequence_policy: Generated<string>;
  created_at: Temporal.Instant;
  status_since: Temporal.Instant | null;
  status_reason: string | null;
  creator_id: Generated<string | null>;
}

export interface VirtualAccountsTable {
  account_id: string;
  virtual_account_id: string;
  parent_id: string | null;
  name: string;
  description: Generated<string>;
  access_level: Generated<string>;
  is_default: Generated<boolean>;
  depth: number;
  created_at: Temporal.Instant;
  deleted_at: Temporal.Instant | null;
  deleted_path: string[] | null;
}

export interface VirtualAccountAncestryTable {
  account_id: string;
  ancestor_id: string;
  descendant_id: string;
  distance: number;
}

export interface GrantsTable {
  account_id: string;
  grant_id: string;
  person_id: string;
  role: string;
  scope_kind: string;
  until: Temporal.Instant | null;
  granted_by: string;
  granted_at: Temporal.Instant;
}

export interface GrantVirtualAccountsTable {
  account_id: string;
  grant_id: string;
  virtual_account_id: string;
  nested: boolean;
}

export interface ApiKeysTable {
  api_key_id: string;
  account_id: string | null;
  name: string;
  role: string;
  scope: NullableJson;
  prefix: string;
  secret_hash: Buffer;
  created_by: string;
  made_by_person: string | null;
  created_at: Temporal.Instant;
  expires_at: Temporal.Instant | null;
  last_used_at: Temporal.Instant | null;
  last_used_from: Generated<string | null>;
  revoked_at: Temporal.Instant | null;
  previous_secret_hash: Buffer | null;
  previous_made_by_person: string | null;
  previous_until: Temporal.Instant | null;
  previous_last_used_at: Temporal.Instant | null;
}

export interface LicensesTable {
  license_id: string;
  tag: string;
  name: string;
  description: string;
  family: string;
  version: string;
  enforcement: string;
  metric: string;
  overage: Json;
  created_at: Temporal.Instant;
}

export interface SubstitutionsTable {
  substitution_id: string;
  upper_license_id: string;
  lower_license_id: string;
  upper_quantity: number;
  lower_quantity: number;
  priority: number;
}

export interface ProductsTable {
  product_id: string;
  sku: string;
  name: string;
  term: Json;
  billing: string;
  created_at: Temporal.Instant;
}

export interface ProductGrantsTable {
  product_id: string;
  license_id: string;
  quantity_per_unit: number;
}

export interface OrdersTable {
  order_id: string;
  order_number: string;
  buyer: string;
  ordered_at: Temporal.Instant;
  created_at: Temporal.Instant;
}

export interface OrderLinesTable {
  order_id: string;
  line_number: number;
  product_id: string;
  quantity: number;
  account_id: string;
  virtual_account_id: string;
  start_date: string | null;
  state: string;
  booked_at: Temporal.Instant;
  shipped_at: Temporal.Instant | null;
  delivered_at: Temporal.Instant | null;
  cancelled_at: Temporal.Instant | null;
  delivery_rule: Json | null;
  named_place: Generated<string | null>;
}

export interface DeliveryRulesTable {
  account_id: string;
  rule_id: string;
  position: number;
  sku: string | null;
  tag: string | null;
  buyer: string | null;
  virtual_account_id: string;
}

export interface LotsTable {
  account_id: string;
  lot_id: string;
  license_id: string;
  source_kind: string;
  order_id: string | null;
  order_number: string | null;
  line_number: number | null;
  sku: string | null;
  subscription_id: string | null;
  billing: string;
  term_kind: string;
  starts_at: Temporal.Instant | null;
  ends_at: Temporal.Instant | null;
  delivered: number;
  turns_at: Temporal.Instant | null;
  created_at: Temporal.Instant;
}

export interface HoldingsTable {
  account_id: string;
  virtual_account_id: string;
  lot_id: string;
  state: string;
  license_id: string;
  quantity: number;
}

export interface MovementsTable {
  account_id: string;
  movement_id: string;
  kind: string;
  at: Temporal.Instant;
  reason: string;
  actor_kind: string;
  actor_id: string | null;
  actor_name: string;
  request_id: string | null;
  order_number: string | null;
  hold_id: string | null;
  hold_purpose: string | null;
  undo_of: string | null;
  undone_by: string | null;
}

export interface MovementEntriesTable {
  account_id: string;
  movement_id: string;
  entry_number: number;
  lot_id: string;
  license_id: string;
  virtual_account_id: string | null;
  state: string;
  delta: number;
}

export interface PoolsTable {
  account_id: string;
  virtual_account_id: string;
  license_id: string;
  pending: Generated<number>;
  available: Generated<number>;
  reserved: Generated<number>;
  held: Generated<number>;
  expired: Generated<number>;
  in_use: Generated<number>;
  lent: Generated<number>;
  borrowed: Generated<number>;
  state: Generated<string>;
  short_since: Temporal.Instant | null;
}

export interface AlertsTable {
  account_id: string;
  alert_id: string;
  kind: string;
  severity: string;
  cause: string;
  virtual_account_id: string | null;
  license_id: string | null;
  instance_id: string | null;
  lot_id: string | null;
  quantity: number | null;
  facts: Json;
  opened_at: Temporal.Instant;
  action_due_at: Temporal.Instant | null;
  resolved_at: Temporal.Instant | null;
  snoozed_until: Temporal.Instant | null;
  noted: Generated<string | null>;
}

export interface EventsTable {
  account_id: string;
  event_id: string;
  at: Temporal.Instant;
  actor_kind: string;
  actor_id: string | null;
  actor_name: string;
  operation: string;
  message: string;
  object_kind: string;
  object_id: string;
  virtual_account_id: string | null;
  other_virtual_account_id: string | null;
  before: NullableJson;
  after: NullableJson;
  from_address: string | null;
  request_id: string | null;
  batch_number: number | null;
  hash: Buffer | null;
  salt: Generated<Buffer | null>;
  rewritten_at: Generated<Temporal.Instant | null>;
  /** Where the sentence names virtual accounts; null where it names none, or where that was not noted. */
  places: NullableJson;
  behalf_kind: string | null;
  behalf_id: string | null;
  behalf_name: string | null;
  /** How it was sealed: 1 without on whose behalf it was; of no meaning before. */
  chain_version: Generated<number>;
}

export interface EventBatchesTable {
  account_id: string;
  batch_number: number;
  events: number;
  previous_hash: Buffer;
  hash: Buffer;
  sealed_at: Temporal.Instant;
  /** The installation's epoch when it was sealed: 1 until a backup was restored. */
  epoch: Generated<number>;
}

export interface IdempotencyKeysTable {
  caller: string;
  key: string;
  operation: string;
  fingerprint: Buffer;
  status: number;
  answer: string;
  created_at: Temporal.Instant;
}

export interface InstallationTable {
  only_row: Generated<boolean>;
  installation_id: string;
  epoch: Generated<number>;
  created_at: Temporal.Instant;
}

export interface SigningKeysTable {
  kid: string;
  purpose: string;
  certificate: Buffer | null;
  public_key: Json;
  private_key_sealed: string;
  created_at: Temporal.Instant;
  sign_until: Temporal.Instant;
  verify_until: Temporal.Instant;
}

export interface MailsTable {
  mail_id: string;
  kind: string;
  recipient: string;
  account_id: string | null;
  subject: string;
  content_sealed: string | null;
  state: string;
  attempts: Generated<number>;
  next_attempt_at: Temporal.Instant | null;
  problem: string | null;
  created_at: Temporal.Instant;
  done_at: Temporal.Instant | null;
}

export interface GroupsTable {
  account_id: string;
  group_id: string;
  name: string;
  name_key: string;
  role: string;
  scope_kind: string;
  until: Temporal.Instant | null;
  made_by: string;
  made_at: Temporal.Instant;
  provisioned: Generated<boolean>;
  external_id: Generated<string | null>;
}

export interface GroupVirtualAccountsTable {
  account_id: string;
  group_id: string;
  virtual_account_id: string;
  nested: boolean;
}

export interface GroupPeopleTable {
  account_id: string;
  group_id: string;
  person_id: string;
  added_by: string;
  added_at: Temporal.Instant;
}

/** A view: grants of people, their own and those by groups. */
export interface HeldGrantsView extends GrantsTable {
  group_id: string | null;
  group_name: string | null;
}

export interface Tables
  extends AccessTables,
    AccountMoveTables,
    AgreementTables,
    InstanceTables,
    NotificationTables,
    ProvisioningTables,
    SingleSignOnTables,
    SupportTables,
    TagTables,
    WebhookTables {
  people: PeopleTable;
  sessions: SessionsTable;
  sign_in_accounts: SignInAccountsTable;
  verifications: VerificationsTable;
  platform_grants: PlatformGrantsTable;
  one_time_links: OneTimeLinksTable;
  accounts: AccountsTable;
  virtual_accounts: VirtualAccountsTable;
  virtual_account_ancestry: VirtualAccountAncestryTable;
  grants: GrantsTable;
  grant_virtual_accounts: GrantVirtualAccountsTable;
  api_keys: ApiKeysTable;
  licenses: LicensesTable;
  substitutions: SubstitutionsTable;
  products: ProductsTable;
  product_grants: ProductGrantsTable;
  orders: OrdersTable;
  order_lines: OrderLinesTable;
  delivery_rules: DeliveryRulesTable;
  lots: LotsTable;
  holdings: HoldingsTable;
  movements: MovementsTable;
  movement_entries: MovementEntriesTable;
  pools: PoolsTable;
  alerts: AlertsTable;
  events: EventsTable;
  event_batches: EventBatchesTable;
  idempotency_keys: IdempotencyKeysTable;
  mails: MailsTable;
  password_reset_requests: PasswordResetRequestsTable;
  account_requests: AccountRequestsTable;
  account_request_links: AccountRequestLinksTable;
  order_contacts: OrderContactsTable;
  review_settings: ReviewSettingsTable;
  awaited_accounts: AwaitedAccountsTable;
  groups: GroupsTable;
  group_virtual_accounts: GroupVirtualAccountsTable;
  group_people: GroupPeopleTable;
  held_grants: HeldGrantsView;
  held_grant_virtual_accounts: GrantVirtualAccountsTable;
  totp_secrets: TotpSecretsTable;
  recovery_codes: RecoveryCodesTable;
  passkeys: PasskeysTable;
  sign_in_challenges: SignInChallengesTable;
  installation: InstallationTable;
  signing_keys: SigningKeysTable;
}
