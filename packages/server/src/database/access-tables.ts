/* Rows of who asks for access and of who looks after it; a part of `tables.ts`. */

export interface AccessRequestsTable {
  request_id: string;
  person_id: string;
  identifier: string;
  role: string;
  place: string;
  reason: string;
  state: string;
  asked_at: Temporal.Instant;
  ends_at: Temporal.Instant;
  state_since: Temporal.Instant;
  account_id: string | null;
  virtual_account_id: string | null;
  answered_by: string | null;
  answer: string | null;
  grant_id: string | null;
}

export interface AccessTables {
  access_requests: AccessRequestsTable;
}
