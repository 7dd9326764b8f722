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

/** Whose first steps are hidden; of the platform under the nil UUID. */
export interface HiddenGuidesTable {
  account_id: string;
  person_id: string;
}

export interface SellerLimitsTable {
  account_id: string;
  person_id: string;
  sold_by: string;
  set_by: string;
  set_at: Temporal.Instant;
}

export interface RoleEndMailsTable {
  account_id: string;
  grant_id: string;
  person_id: string;
  until: Temporal.Instant;
  notice: string;
  noticed_at: Temporal.Instant;
}

export interface AccessReviewsTable {
  account_id: string;
  grant_id: string;
  person_id: string;
  kept_by: string;
  kept_at: Temporal.Instant;
}

export interface AccountViewsTable {
  session_id: string;
  account_id: string;
  as_person_id: string;
  begun_at: Temporal.Instant;
  ends_at: Temporal.Instant;
}

export interface AccessTables {
  access_reviews: AccessReviewsTable;
  account_views: AccountViewsTable;
  role_end_mails: RoleEndMailsTable;
  hidden_guides: HiddenGuidesTable;
  seller_limits: SellerLimitsTable;
  access_requests: AccessRequestsTable;
}
