import type { Generated } from 'kysely';
import type { Json, NullableJson } from './tables.ts';

/* Rows of single sign-on and of proofs of mail addresses; see `tables.ts` for how values are read. */

export interface SingleSignOnTables {
  mail_domains: MailDomainsTable;
  single_sign_on: SingleSignOnTable;
  single_sign_on_exempt: SingleSignOnExemptTable;
  identities: IdentitiesTable;
  single_sign_on_flows: SingleSignOnFlowsTable;
  saml_assertions: SamlAssertionsTable;
  mail_proofs: MailProofsTable;
}

interface OfDomain {
  account_id: string;
  mail_domain_id: string;
}

export interface MailDomainsTable extends OfDomain {
  domain: string;
  proof_text: string;
  added_by: string;
  added_at: Temporal.Instant;
  checked_at: Temporal.Instant | null;
  proved_at: Temporal.Instant | null;
}

export interface SingleSignOnTable extends OfDomain {
  protocol: string;
  connection: Json;
  secret_sealed: string | null;
  is_on: Generated<boolean>;
  is_required: Generated<boolean>;
  manages_people: Generated<boolean>;
  group_id: string | null;
  tested_at: Temporal.Instant | null;
  changed_by: string;
  changed_at: Temporal.Instant;
}

export interface SingleSignOnExemptTable extends OfDomain {
  person_id: string;
}

export interface IdentitiesTable extends OfDomain {
  identity_id: string;
  issuer: string;
  subject: string;
  person_id: string;
  linked_at: Temporal.Instant;
  last_used_at: Temporal.Instant | null;
}

export interface SingleSignOnFlowsTable extends OfDomain {
  state_hash: Buffer;
  purpose: string;
  browser_hash: Buffer | null;
  session_id: string | null;
  person_id: string | null;
  email: string | null;
  next_path: string | null;
  outcome: NullableJson;
  created_at: Temporal.Instant;
  expires_at: Temporal.Instant;
}

export interface SamlAssertionsTable extends OfDomain {
  assertion_id: string;
  taken_at: Temporal.Instant;
}

export interface MailProofsTable {
  secret_hash: Buffer;
  purpose: string;
  person_id: string | null;
  email: string;
  identity: NullableJson;
  browser_hash: Buffer | null;
  created_at: Temporal.Instant;
  expires_at: Temporal.Instant;
}
