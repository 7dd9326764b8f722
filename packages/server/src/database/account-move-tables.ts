import type { Json, NullableJson } from './tables.ts';

/** Rows of merges and splits of accounts, and of what they forward; a part of `tables.ts`. */
export interface AccountMoveTables {
  account_moves: AccountMovesTable;
  forwarded_instances: ForwardedInstancesTable;
  forwarded_tokens: ForwardedTokensTable;
}

interface AccountMovesTable {
  move_id: string;
  kind: string;
  state: string;
  from_account_id: string;
  into_account_id: string | null;
  proposed_side: string;
  proposed_by: string;
  proposed_by_name: string;
  proposed_at: Temporal.Instant;
  state_since: Temporal.Instant;
  ends_at: Temporal.Instant | null;
  reason: string;
  answered_by_name: string | null;
  answer: string | null;
  first_administrator_email: string | null;
  plan: Json;
  done: NullableJson;
}

interface ForwardedInstancesTable {
  account_id: string;
  instance_id: string;
  to_account_id: string;
  move_id: string;
}

interface ForwardedTokensTable {
  account_id: string;
  secret_hash: Buffer;
  to_account_id: string;
}
