import type { Generated } from 'kysely';

/* Rows of staff settings, support accesses and recoveries; see `tables.ts` for how values are read. */

export interface StaffSettingsTable {
  only_row: Generated<boolean>;
  second_factor_required: boolean;
  support_most_minutes: number;
}

export interface SupportRulesTable {
  account_id: string;
  rule: string;
}

export interface SupportAccessesTable {
  account_id: string;
  access_id: string;
  person_id: string;
  mode: string;
  reason: string;
  case_number: string;
  minutes: number;
  state: string;
  asked_at: Temporal.Instant;
  begun_at: Temporal.Instant | null;
  ends_at: Temporal.Instant | null;
  ended_at: Temporal.Instant | null;
  ended_how: string | null;
  decided_by_person: string | null;
}

export interface SupportReadsTable {
  account_id: string;
  access_id: string;
  read_hash: Buffer;
  operation: string;
  first_at: Temporal.Instant;
  last_at: Temporal.Instant;
  times: number;
}

export interface RecoveriesTable {
  recovery_id: string;
  kind: string;
  account_id: string | null;
  email: string;
  person_id: string | null;
  reason: string;
  state: string;
  asked_by_person: string;
  asked_at: Temporal.Instant;
  decided_by_person: string | null;
  ends_at: Temporal.Instant | null;
  ended_at: Temporal.Instant | null;
  cancel_hash: Buffer | null;
}

export interface SupportTables {
  staff_settings: StaffSettingsTable;
  support_rules: SupportRulesTable;
  support_accesses: SupportAccessesTable;
  support_reads: SupportReadsTable;
  recoveries: RecoveriesTable;
}
