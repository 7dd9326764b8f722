import { createHash, randomBytes } from 'node:crypto';
import type { AccountRole, GrantScope } from '@estover/domain/access';
import { formatSecret, recognizable } from '@estover/protocol/secrets';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import type { VirtualAccountScope } from './scope.ts';

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

/** A key as it was found by one of its secrets. */
export interface FoundApiKey extends ApiKeyRow {
  /** Until when the secret works that was used, if it is the one before the last rotation. */
  previousUntil: Temporal.Instant | null;
  /** When that secret was used last. */
  secretLastUsedAt: Temporal.Instant | null;
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
    madeByPerson?: string | null;
    createdAt: Temporal.Instant;
    expiresAt: Temporal.Instant | null;
  },
): Promise<{ prefix: string }> {
  const prefix = recognizable(key.secret);
  await trx
    .insertInto('api_keys')
    .values({
      api_key_id: key.apiKeyId,
      account_id: key.accountId,
      name: key.name,
      role: key.role,
      scope: key.scope === null ? null : JSON.stringify(key.scope),
      prefix,
      secret_hash: hashSecret(key.secret),
      created_by: key.createdBy,
      made_by_person: key.madeByPerson ?? null,
      created_at: key.createdAt,
      expires_at: key.expiresAt,
      last_used_at: null,
      revoked_at: null,
    })
    .execute();
  return { prefix };
}

const keysWithSecrets = (trx: Pick<Trx, 'selectFrom'>) =>
  trx
    .selectFrom('api_keys')
    .select([
      'api_key_id as apiKeyId',
      'account_id as accountId',
      'name',
      'role',
      sql<GrantScope | null>`scope`.as('scope'),
      'expires_at as expiresAt',
      'revoked_at as revokedAt',
      'last_used_at as lastUsedAt',
      'secret_hash as secretHash',
      'previous_secret_hash as previousSecretHash',
      'previous_until as previousUntil',
      'previous_last_used_at as previousLastUsedAt',
    ]);

/** A key with the hashes of its secret and of the one before the last rotation. */
export interface KeyWithSecrets extends ApiKeyRow {
  secretHash: Buffer;
  previousSecretHash: Buffer | null;
  previousUntil: Temporal.Instant | null;
  previousLastUsedAt: Temporal.Instant | null;
}

/** The key with this secret, its own or the one before, living or not. */
export async function findApiKey(
  trx: Pick<Trx, 'selectFrom'>,
  secret: string,
): Promise<FoundApiKey | undefined> {
  const hash = hashSecret(secret);
  const row = await keysWithSecrets(trx)
    .where((where) => where.or([where('secret_hash', '=', hash), where('previous_secret_hash', '=', hash)]))
    .executeTakeFirst();
  return row === undefined ? undefined : foundBy(row, row.secretHash.equals(hash) ? 'own' : 'previous');
}

/** The key with this id, living or not, for whoever compares its secrets. */
export const findApiKeyById = (
  trx: Pick<Trx, 'selectFrom'>,
  apiKeyId: string,
): Promise<KeyWithSecrets | undefined> =>
  keysWithSecrets(trx).where('api_key_id', '=', apiKeyId).executeTakeFirst();

/** A key as it was found by one of its secrets. */
export function foundBy(row: KeyWithSecrets, which: 'own' | 'previous'): FoundApiKey {
  const { secretHash: _, previousSecretHash: __, previousUntil, previousLastUsedAt, ...key } = row;
  return which === 'own'
    ? { ...key, previousUntil: null, secretLastUsedAt: row.lastUsedAt }
    : { ...key, previousUntil, secretLastUsedAt: previousLastUsedAt };
}

/** Whether a key works now, with the secret it was found by. */
export const isLiving = (key: FoundApiKey, now: Temporal.Instant): boolean =>
  key.revokedAt === null &&
  [key.expiresAt, key.previousUntil].every((end) => end === null || Temporal.Instant.compare(end, now) > 0);

/** Notes that a key was used, at most once a minute for each of its secrets, so that reads stay reads. */
export async function touchApiKey(
  db: Pick<Trx, 'updateTable'>,
  key: FoundApiKey,
  from: string,
  now: Temporal.Instant,
): Promise<void> {
  const { secretLastUsedAt: last, previousUntil } = key;
  if (last !== null && now.since(last).total('seconds') < 60) return;
  await db
    .updateTable('api_keys')
    .set({
      last_used_at: now,
      last_used_from: from,
      ...(previousUntil === null ? {} : { previous_last_used_at: now }),
    })
    .where('api_key_id', '=', key.apiKeyId)
    .execute();
}

/** A key of an account as it is listed. */
export interface AccountApiKey {
  apiKeyId: string;
  name: string;
  role: AccountRole;
  /** As far as the one who looks may see it. */
  scope: GrantScope;
  prefix: string;
  createdBy: string;
  createdAt: Temporal.Instant;
  expiresAt: Temporal.Instant | null;
  lastUsedAt: Temporal.Instant | null;
  lastUsedFrom: string | null;
  revokedAt: Temporal.Instant | null;
  /** When the secret before the last rotation ends or ended, and when it was used last; null without a rotation. */
  previousUntil: Temporal.Instant | null;
  previousLastUsedAt: Temporal.Instant | null;
}

/** Keys that reach into a scope, the newest first, with their scopes cut to it; `wholeScope` is all of theirs. */
export async function listedApiKeys(
  trx: Trx,
  accountId: string,
  scope: VirtualAccountScope,
  which: { before?: string | null; apiKeyId?: string; limit: number },
): Promise<(AccountApiKey & { wholeScope: GrantScope })[]> {
  const before = which.before ?? null;
  const only = which.apiKeyId ?? null;
  const rows = await sql<AccountApiKey & { wholeScope: GrantScope }>`
    select k.api_key_id as "apiKeyId", k.name, k.role, k.prefix, k.created_by as "createdBy", k.created_at as "createdAt",
           k.expires_at as "expiresAt", k.last_used_at as "lastUsedAt", k.last_used_from as "lastUsedFrom",
           k.revoked_at as "revokedAt",
           k.previous_until as "previousUntil", k.previous_last_used_at as "previousLastUsedAt",
           k.scope as "wholeScope", seen.scope
      from api_keys k
     cross join lateral (
       select case when k.scope ->> 'kind' = 'account' then case when ${scope.everything}::boolean then k.scope end
                   else (select jsonb_build_object('kind', 'virtual-accounts', 'virtualAccounts', jsonb_agg(each))
                           from jsonb_array_elements(k.scope -> 'virtualAccounts') each
                          where ${scope.includes(sql`(each ->> 'virtualAccountId')::uuid`)}
                         having count(*) > 0) end as scope) seen
     where k.account_id = ${accountId} and seen.scope is not null
       and (${before}::uuid is null or k.api_key_id < ${before}::uuid)
       and (${only}::uuid is null or k.api_key_id = ${only}::uuid)
     order by k.api_key_id desc
     limit ${which.limit}`.execute(trx);
  return rows.rows;
}

/**
 * The person who made the secret of a key, at the end of the chain where keys made keys; null for keys of no person's
 * making. The one before a rotation is known to whoever made that one.
 */
export async function makerOfKey(
  trx: Trx,
  { id, secret }: { id: string; secret: 'own' | 'previous' },
): Promise<string | null> {
  const row = await trx
    .selectFrom('api_keys')
    .select(['made_by_person as own', 'previous_made_by_person as previous'])
    .where('api_key_id', '=', id)
    .executeTakeFirst();
  return row?.[secret] ?? null;
}

/** A living key of an account by what it may do. */
export interface LivingKey {
  apiKeyId: string;
  name: string;
  role: AccountRole;
  scope: GrantScope;
  expiresAt: Temporal.Instant | null;
}

/** The living keys of an account of which people know a secret that works, locked, so that each ends once. */
export async function lockKeysKnownTo(
  trx: Trx,
  accountId: string,
  personIds: readonly string[],
  now: Temporal.Instant,
): Promise<(LivingKey & { madeByPerson: string | null; previousMadeByPerson: string | null })[]> {
  const { rows } = await sql<
    LivingKey & { madeByPerson: string | null; previousMadeByPerson: string | null }
  >`
    select api_key_id as "apiKeyId", name, role, scope, expires_at as "expiresAt", made_by_person as "madeByPerson",
           case when previous_until > ${now} then previous_made_by_person end as "previousMadeByPerson"
      from api_keys
     where account_id = ${accountId} and revoked_at is null and (expires_at is null or expires_at > ${now})
       and (made_by_person = any(${personIds}::text[])
            or (previous_made_by_person = any(${personIds}::text[]) and previous_until > ${now}))
     order by api_key_id for no key update`.execute(trx);
  return rows;
}

/** Gives a key another secret; the one it has works until then and is known to whoever made or rotated it last. */
export async function setApiKeySecret(
  trx: Trx,
  apiKeyId: string,
  given: { secret: string; madeByPerson: string | null; previousUntil: Temporal.Instant },
): Promise<{ prefix: string }> {
  const prefix = recognizable(given.secret);
  await trx
    .updateTable('api_keys')
    .set((e) => ({
      prefix,
      secret_hash: hashSecret(given.secret),
      made_by_person: given.madeByPerson,
      previous_secret_hash: e.ref('secret_hash'),
      previous_made_by_person: e.ref('made_by_person'),
      previous_until: given.previousUntil,
      previous_last_used_at: e.ref('last_used_at'),
    }))
    .where('api_key_id', '=', apiKeyId)
    .execute();
  return { prefix };
}

/** Ends the secret a key had before its last rotation. */
export async function endPreviousSecret(trx: Trx, apiKeyId: string, now: Temporal.Instant): Promise<void> {
  await trx.updateTable('api_keys').set({ previous_until: now }).where('api_key_id', '=', apiKeyId).execute();
}

export async function setApiKeyRevoked(
  trx: Trx,
  apiKeyId: string,
  revokedAt: Temporal.Instant,
): Promise<void> {
  await trx
    .updateTable('api_keys')
    .set({ revoked_at: revokedAt })
    .where('api_key_id', '=', apiKeyId)
    .execute();
}
