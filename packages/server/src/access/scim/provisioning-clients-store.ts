import { sql } from 'kysely';
import type { Database, Trx } from '../../database/database.ts';

/** A request of an identity provider, in one line, and what it was refused. */
export interface ProvisioningRequest {
  accountId: string;
  apiKeyId: string;
  request: string;
  error: string | null;
  at: Temporal.Instant;
}

/** Notes a request of an identity provider: at most once a minute where all goes well, and each refusal. */
export async function noteProvisioningRequest(db: Database, noted: ProvisioningRequest): Promise<void> {
  const { accountId, apiKeyId, request, error, at } = noted;
  const errorAt = error === null ? null : at;
  await sql`
    insert into provisioning_clients as c (account_id, api_key_id, last_request, last_request_at, last_error, last_error_at)
    values (${accountId}, ${apiKeyId}, ${request}, ${at}, ${error}, ${errorAt})
    on conflict (account_id, api_key_id) do update
       set last_request = excluded.last_request, last_request_at = excluded.last_request_at,
           last_error = coalesce(excluded.last_error, c.last_error),
           last_error_at = coalesce(excluded.last_error_at, c.last_error_at)
     where excluded.last_error is not null or c.last_request_at <= ${at.subtract({ minutes: 1 })}`.execute(
    db,
  );
}

/** Clients that asked as identity providers, the latest first. */
export async function listProvisioningClients(trx: Trx, accountId: string, limit: number) {
  return trx
    .selectFrom('provisioning_clients as c')
    .innerJoin('api_keys as k', 'k.api_key_id', 'c.api_key_id')
    .select([
      'c.api_key_id as apiKeyId',
      'k.name',
      'c.last_request as lastRequest',
      'c.last_request_at as lastRequestAt',
      'c.last_error as lastError',
      'c.last_error_at as lastErrorAt',
    ])
    .where('c.account_id', '=', accountId)
    .orderBy('c.last_request_at', 'desc')
    .orderBy('c.api_key_id')
    .limit(limit)
    .execute();
}
