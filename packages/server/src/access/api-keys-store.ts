import { createHash, randomBytes } from 'node:crypto';
import type { GrantScope } from '@estover/domain/access';
import { formatSecret } from '@estover/protocol/secrets';
import type { Trx } from '../database/database.ts';

export interface ApiKeyRow {
  apiKeyId: string;
  /** Null for a key of the platform. */
  accountId: string | null;
  name: string;
  role: string;
  scope: GrantScope | null;
  expiresAt: Temporal.Instant | null;
  revokedAt: Temporal.Instant | null;
  lastUsedAt: Temporal.Instant | null;
}

/** Secrets are 160 random bits, so one round of SHA-256 keeps them as well as a slow hash would. */
export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest();

const nilAccount = '00000000-0000-0000-0000-000000000000';

/** Makes the text of a new API key. It is shown once; only its hash is kept. */
export const newApiKeySecret = (accountId: string | null): string =>
  formatSecret('esak_', accountId ?? nilAccount, randomBytes(20));

export async function insertApiKey(
  trx: Trx,
  key: {
    apiKeyId: string;
    accountId: string | null;
    name: string;
    role: string;
    scope: GrantScope | null;
    secret: string;
    createdBy: string;
    createdAt: Temporal.Instant;
    expiresAt: Temporal.Instant | null;
  },
): Promise<void> {
  await trx
    .insertInto('api_keys')
    .values({
      api_key_id: key.apiKeyId,
      account_id: key.accountId,
      name: key.name,
      role: key.role,
      scope: key.scope === null ? null : JSON.stringify(key.scope),
      prefix: key.secret.slice(0, 9),
      secret_hash: hashSecret(key.secret),
      created_by: key.createdBy,
      created_at: key.createdAt,
      expires_at: key.expiresAt,
      last_used_at: null,
      revoked_at: null,
    })
    .execute();
}

/** The key with this secret, living or not. */
export async function findApiKey(
  trx: Pick<Trx, 'selectFrom'>,
  secret: string,
): Promise<ApiKeyRow | undefined> {
  const row = await trx
    .selectFrom('api_keys')
    .select([
      'api_key_id as apiKeyId',
      'account_id as accountId',
      'name',
      'role',
      'scope',
      'expires_at as expiresAt',
      'revoked_at as revokedAt',
      'last_used_at as lastUsedAt',
    ])
    .where('secret_hash', '=', hashSecret(secret))
    .executeTakeFirst();
  return row === undefined ? undefined : { ...row, scope: row.scope as GrantScope | null };
}

/** Notes that a key was used, at most once a minute, so that reads stay reads. */
export async function touchApiKey(
  db: Pick<Trx, 'updateTable'>,
  key: ApiKeyRow,
  now: Temporal.Instant,
): Promise<void> {
  if (key.lastUsedAt !== null && now.since(key.lastUsedAt).total('seconds') < 60) return;
  await db
    .updateTable('api_keys')
    .set({ last_used_at: now })
    .where('api_key_id', '=', key.apiKeyId)
    .execute();
}
