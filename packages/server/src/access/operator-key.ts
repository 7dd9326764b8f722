import { randomUUIDv7 } from 'node:crypto';
import { parseSecret } from '@estover/protocol/secrets';
import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import { inTransaction } from '../database/transaction.ts';
import { insertApiKey } from './api-keys-store.ts';

/** The operator's key of the configuration cannot be used; the message says what to do and never shows the key. */
export class OperatorKeyError extends Error {
  override name = 'OperatorKeyError';
}

/**
 * Makes the key of `ESTOVER_OPERATOR_KEY` an operator's API key at the first start; true if it did. When the platform
 * has had any key before, nothing changes, so that a key that was revoked stays revoked. Safe on several servers at once.
 *
 * @param key a key of ours (`esak_…`), or at least 32 visible ASCII characters; only its hash is kept
 */
export async function ensureOperatorKey(db: Database, key: string, now: Temporal.Instant): Promise<boolean> {
  const secret = parseSecret(key, 'esak_');
  if (!secret.ok && (secret.code !== 'foreign' || !/^[\x21-\x7e]{32,}$/.test(key))) {
    throw new OperatorKeyError(
      `ESTOVER_OPERATOR_KEY cannot be used. ${secret.code === 'foreign' ? 'It needs at least 32 visible ASCII characters without blanks.' : secret.detail} Make one with: estover operator-key`,
    );
  }
  return inTransaction(db, async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtext('estover operator key'))`.execute(trx);
    const earlier = await trx
      .selectFrom('api_keys')
      .select('api_key_id')
      .where('account_id', 'is', null)
      .limit(1)
      .executeTakeFirst();
    if (earlier !== undefined) return false;
    await insertApiKey(trx, {
      apiKeyId: randomUUIDv7(),
      accountId: null,
      name: 'Operator (from ESTOVER_OPERATOR_KEY)',
      role: 'operator',
      scope: null,
      secret: secret.ok ? secret.text : key,
      createdBy: 'Estover',
      createdAt: now,
      expiresAt: null,
    });
    return true;
  });
}
