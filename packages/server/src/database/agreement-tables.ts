import type { Generated } from 'kysely';

/* Rows of agreements and of people who were removed; see `tables.ts` for how values are read. */

export interface AgreementVersionsTable {
  agreement: string;
  version: number;
  title: string;
  language: string | null;
  body: string;
  body_hash: Buffer;
  deadline_days: number;
  published_at: Temporal.Instant;
  published_by: string;
  told_until: string | null;
  told_at: Temporal.Instant | null;
}

export interface AgreementAcceptancesTable {
  account_id: string;
  agreement: string;
  version: number;
  how: string;
  person_id: string | null;
  role: string | null;
  body_hash: Buffer;
  from_address: string | null;
  accepted_at: Temporal.Instant;
}

export interface AgreementSettingsTable {
  only_row: Generated<boolean>;
  blocked: string[];
}

export interface RemovedPeopleTable {
  person_id: string;
  pseudonym: string;
  removed_at: Temporal.Instant;
  removed_by: string;
  names_sealed: string | null;
  account_ids: string[];
  texts_done_at: Temporal.Instant | null;
}

export interface AgreementTables {
  agreement_versions: AgreementVersionsTable;
  agreement_acceptances: AgreementAcceptancesTable;
  agreement_settings: AgreementSettingsTable;
  removed_people: RemovedPeopleTable;
}
