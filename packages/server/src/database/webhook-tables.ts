import type { Generated } from 'kysely';
import type { Json } from './tables.ts';

/** Rows of webhooks and of what is sent to them. */
export interface WebhookTables {
  webhooks: WebhooksTable;
  webhook_deliveries: WebhookDeliveriesTable;
  webhook_tries: WebhookTriesTable;
}

interface WebhooksTable {
  account_id: string;
  webhook_id: string;
  description: string;
  url: string;
  scope: Json;
  operations: string[];
  object_kinds: string[];
  signing: 'hmac' | 'ed25519';
  secret_sealed: string;
  public_key: string | null;
  previous_secret_sealed: string | null;
  previous_until: Temporal.Instant | null;
  off_reason: 'by-hand' | 'failing' | 'gone' | 'rights' | null;
  off_since: Temporal.Instant | null;
  made_by: string;
  made_by_person: string | null;
  made_by_key: string | null;
  created_at: Temporal.Instant;
  sent_batch: number;
  sends_from: Temporal.Instant;
  failing_since: Temporal.Instant | null;
}

interface WebhookDeliveriesTable {
  account_id: string;
  webhook_id: string;
  message_id: string;
  kind: 'event' | 'test';
  type: string;
  at: Temporal.Instant;
  state: 'waiting' | 'delivered' | 'failed';
  tries: Generated<number>;
  tries_before: Generated<number>;
  next_try_at: Temporal.Instant | null;
  status: number | null;
  problem: string | null;
  created_at: Temporal.Instant;
}

interface WebhookTriesTable {
  account_id: string;
  webhook_id: string;
  message_id: string;
  number: number;
  at: Temporal.Instant;
  milliseconds: number;
  status: number | null;
  answer: string;
  problem: string | null;
}
