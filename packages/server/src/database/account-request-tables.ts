import type { Generated } from 'kysely';

/** Rows of requests for accounts; a part of `tables.ts`. */
export interface AccountRequestsTable {
  request_id: string;
  kind: string;
  company_name: string;
  domain_identifier: string;
  has_prefix: boolean;
  justification: string;
  requester_name: string;
  requester_email: string;
  approver_email: string;
  state: string;
  requested_at: Temporal.Instant;
  state_since: Temporal.Instant;
  ends_at: Temporal.Instant | null;
  reviewed_by: string | null;
  reason: string | null;
  account_id: string | null;
  purpose: Generated<string>;
  origin_account_id: string | null;
  question: string | null;
  question_at: Temporal.Instant | null;
  question_by: string | null;
  answer: string | null;
  answered_at: Temporal.Instant | null;
}

export interface ReviewSettingsTable {
  review_days: number;
}

export interface AccountRequestLinksTable {
  secret_hash: Buffer;
  request_id: string;
  link_of: string;
  created_at: Temporal.Instant;
}

export interface OrderContactsTable {
  account_id: string;
  contact_name: string;
  contact_email: string;
  secret_hash: Buffer | null;
  ends_at: Temporal.Instant;
  invited_by: string;
  invited_at: Temporal.Instant;
}

export interface AwaitedAccountsTable {
  account_id: string;
  domain_identifier: string;
}
