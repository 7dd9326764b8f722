import type { ColumnType, Generated } from 'kysely';

/** Rows of product instances, what they report and what lets them in. */
export interface InstanceTables {
  registration_tokens: RegistrationTokensTable;
  product_instances: ProductInstancesTable;
  product_instance_counts: ProductInstanceCountsTable;
  instance_contacts: InstanceContactsTable;
  instance_usage: InstanceUsageTable;
  usage_changes: UsageChangesTable;
  usage_measurements: UsageMeasurementsTable;
  device_messages: DeviceMessagesTable;
}

interface RegistrationTokensTable {
  account_id: string;
  token_id: string;
  virtual_account_id: string;
  description: string;
  prefix: string;
  secret_hash: Buffer;
  export_controlled_allowed: boolean;
  address_range: string | null;
  created_by: string;
  created_at: Temporal.Instant;
  expires_at: Temporal.Instant;
  maximum_uses: number | null;
  uses: Generated<number>;
  last_used_at: Temporal.Instant | null;
  revoked_at: Temporal.Instant | null;
}

interface ProductInstancesTable {
  account_id: string;
  instance_id: string;
  virtual_account_id: string;
  state: string;
  product_id: string;
  serial_number: string;
  version_id: string | null;
  uuid: string | null;
  host_name: string | null;
  software_tag: string | null;
  software_version: string | null;
  display_name: string;
  token_id: string | null;
  export_controlled_allowed: boolean;
  registered_at: Temporal.Instant;
  ended_at: Temporal.Instant | null;
  certificate_serial: string;
  public_key: Buffer;
  certificate_expires_at: Temporal.Instant;
  renew_after: Temporal.Instant;
  previous_certificate_serial: string | null;
  previous_public_key: Buffer | null;
  previous_certificate_expires_at: Temporal.Instant | null;
}

interface ProductInstanceCountsTable {
  account_id: string;
  virtual_account_id: string;
  state: string;
  change_number: Generated<number>;
  change: number;
}

interface InstanceContactsTable {
  account_id: string;
  instance_id: string;
  last_sequence: number;
  last_contact_at: Temporal.Instant;
  next_contact_by: Temporal.Instant;
  deadline_at: Temporal.Instant;
  /** Kept by the database; the index is on it, because it rarely changes. */
  deadline_day: ColumnType<string, never, never>;
}

interface InstanceUsageTable {
  account_id: string;
  instance_id: string;
  tag: string;
  license_id: string | null;
  virtual_account_id: string;
  count: number;
  changed_at: Temporal.Instant;
}

interface UsageChangesTable {
  account_id: string;
  change_id: string;
  at: Temporal.Instant;
  instance_id: string;
  license_id: string;
  virtual_account_id: string;
  from_count: number;
  to_count: number;
  reason: string;
}

/** Partitioned by month of starts_at. */
interface UsageMeasurementsTable {
  account_id: string;
  instance_id: string;
  license_id: string;
  starts_at: Temporal.Instant;
  count: number;
  samples: number;
}

interface DeviceMessagesTable {
  account_id: string;
  instance_id: string;
  message_id: string;
  kind: string;
  request: string;
  answer: string;
  at: Temporal.Instant;
}
