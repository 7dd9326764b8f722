import { createHash } from 'node:crypto';
import { recognizable } from '@estover/protocol/secrets';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';

/** Secrets are 160 random bits, so one round of SHA-256 keeps them as well as a slow hash would. */
export const hashToken = (secret: string): Buffer => createHash('sha256').update(secret).digest();

export interface NewToken {
  accountId: string;
  tokenId: string;
  virtualAccountId: string;
  description: string;
  secret: string;
  exportControlledAllowed: boolean;
  addressRange: string | null;
  createdBy: string;
  createdAt: Temporal.Instant;
  expiresAt: Temporal.Instant;
  maximumUses: number | null;
}

/** Writes a new token. An address range is kept as its network: 10.1.2.3/8 becomes 10.0.0.0/8. */
export async function insertToken(trx: Trx, token: NewToken): Promise<void> {
  await trx
    .insertInto('registration_tokens')
    .values({
      account_id: token.accountId,
      token_id: token.tokenId,
      virtual_account_id: token.virtualAccountId,
      description: token.description,
      prefix: recognizable(token.secret),
      secret_hash: hashToken(token.secret),
      export_controlled_allowed: token.exportControlledAllowed,
      address_range: sql<string>`network(${token.addressRange}::inet)`,
      created_by: token.createdBy,
      created_at: token.createdAt,
      expires_at: token.expiresAt,
      maximum_uses: token.maximumUses,
      last_used_at: null,
      revoked_at: null,
    })
    .execute();
}

export interface TokenRow {
  tokenId: string;
  virtualAccountId: string;
  description: string;
  expiresAt: Temporal.Instant;
  revokedAt: Temporal.Instant | null;
  maximumUses: number | null;
  uses: number;
  exportControlledAllowed: boolean;
  addressRange: string | null;
}

const tokenColumns = [
  'token_id as tokenId',
  'virtual_account_id as virtualAccountId',
  'description',
  'expires_at as expiresAt',
  'revoked_at as revokedAt',
  'maximum_uses as maximumUses',
  'uses',
  'export_controlled_allowed as exportControlledAllowed',
  'address_range as addressRange',
] as const;

/** The token with this secret, living or not. `lock` takes its row, so that racing registrations count one by one. */
export async function findTokenBySecret(
  trx: Pick<Trx, 'selectFrom'>,
  accountId: string,
  secret: string,
  lock: boolean,
): Promise<TokenRow | undefined> {
  const query = trx
    .selectFrom('registration_tokens')
    .select(tokenColumns)
    .where('account_id', '=', accountId)
    .where('secret_hash', '=', hashToken(secret));
  return (lock ? query.forUpdate() : query).executeTakeFirst();
}

/** A token by its id; `lock` takes its row. */
export async function findToken(
  trx: Trx,
  accountId: string,
  tokenId: string,
  lock: boolean,
): Promise<TokenRow | undefined> {
  const query = trx
    .selectFrom('registration_tokens')
    .select(tokenColumns)
    .where('account_id', '=', accountId)
    .where('token_id', '=', tokenId);
  return (lock ? query.forUpdate() : query).executeTakeFirst();
}

/** Counts one registration. The row must be locked and known to be active. */
export async function countTokenUse(
  trx: Trx,
  accountId: string,
  tokenId: string,
  now: Temporal.Instant,
): Promise<void> {
  await trx
    .updateTable('registration_tokens')
    .set((row) => ({ uses: row('uses', '+', 1), last_used_at: now }))
    .where('account_id', '=', accountId)
    .where('token_id', '=', tokenId)
    .execute();
}

export async function setTokenRevoked(
  trx: Trx,
  accountId: string,
  tokenId: string,
  now: Temporal.Instant,
): Promise<void> {
  await trx
    .updateTable('registration_tokens')
    .set({ revoked_at: now })
    .where('account_id', '=', accountId)
    .where('token_id', '=', tokenId)
    .execute();
}

/** Revokes every token of a virtual account that is not revoked yet. Returns how many. */
export async function setTokensRevoked(
  trx: Trx,
  accountId: string,
  virtualAccountId: string,
  now: Temporal.Instant,
): Promise<number> {
  const result = await trx
    .updateTable('registration_tokens')
    .set({ revoked_at: now })
    .where('account_id', '=', accountId)
    .where('virtual_account_id', '=', virtualAccountId)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}
