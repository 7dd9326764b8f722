import { createHash } from 'node:crypto';
import { recognizable } from '@estover/protocol/secrets';
import { sql } from 'kysely';
import type { Database, Trx } from '../database/database.ts';

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

export interface TokenKey {
  accountId: string;
  tokenId: string;
}

const columnsOfTokens = sql`
  t.account_id as "accountId", t.token_id as "tokenId", t.virtual_account_id as "virtualAccountId", t.description,
  t.expires_at as "expiresAt", t.revoked_at as "revokedAt", t.maximum_uses as "maximumUses", t.uses,
  t.export_controlled_allowed as "exportControlledAllowed", t.address_range as "addressRange"`;

/**
 * The tokens with these secrets, living or not, in the order of the secrets; undefined where there is none. Not locked. One
 * that went with a merge or split is found under the account in its secret, and names the one it is in.
 */
export async function findTokensBySecret(
  db: Database,
  secrets: readonly { accountId: string; secret: string }[],
): Promise<((TokenRow & TokenKey) | undefined)[]> {
  const hashes = secrets.map(({ secret }) => hashToken(secret));
  const { rows } = await sql<TokenRow & TokenKey & { knownAs: string; secretHash: Buffer }>`
    /* prepared: find-tokens */
    select distinct ${columnsOfTokens}, t.secret_hash as "secretHash", wanted.account_id as "knownAs"
      from unnest(${secrets.map(({ accountId }) => accountId)}::uuid[], ${hashes}::bytea[])
        as wanted (account_id, secret_hash)
      left join forwarded_tokens f on f.account_id = wanted.account_id and f.secret_hash = wanted.secret_hash
      join registration_tokens t on t.account_id = coalesce(f.to_account_id, wanted.account_id)
                                and t.secret_hash = wanted.secret_hash`.execute(db);
  const textOf = (accountId: string, hash: Buffer) => `${accountId}/${hash.toString('hex')}`;
  const found = new Map(rows.map((row) => [textOf(row.knownAs, row.secretHash), row]));
  return secrets.map(({ accountId }, index) => found.get(textOf(accountId, hashes[index] as Buffer)));
}

/** Takes the rows of tokens, in the order of (account, token), so that racing registrations are counted one by one. By id. */
export async function lockTokens(trx: Trx, keys: readonly TokenKey[]): Promise<Map<string, TokenRow>> {
  const { rows } = await sql<TokenRow>`
    /* prepared: lock-tokens */
    select ${columnsOfTokens}
      from unnest(${keys.map((key) => key.accountId)}::uuid[], ${keys.map((key) => key.tokenId)}::uuid[])
        as wanted (account_id, token_id)
      join registration_tokens t using (account_id, token_id)
     order by t.account_id, t.token_id for update of t`.execute(trx);
  return new Map(rows.map((row) => [row.tokenId, row]));
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

/** Counts registrations. The rows must be locked, and the tokens known to have as many uses left. */
export async function countTokenUses(
  trx: Trx,
  counts: readonly (TokenKey & { count: number })[],
  now: Temporal.Instant,
): Promise<void> {
  await sql`
    /* prepared: count-token-uses */
    update registration_tokens t set uses = t.uses + n.count, last_used_at = ${now}
      from unnest(${counts.map((one) => one.accountId)}::uuid[], ${counts.map((one) => one.tokenId)}::uuid[],
                  ${counts.map((one) => one.count)}::integer[]) as n (account_id, token_id, count)
     where t.account_id = n.account_id and t.token_id = n.token_id`.execute(trx);
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

/** Has the tokens of a virtual account that still admit somebody register into another one. Returns how many. */
export async function moveActiveTokens(
  trx: Trx,
  accountId: string,
  move: { from: string; to: string; now: Temporal.Instant },
): Promise<number> {
  const result = await trx
    .updateTable('registration_tokens')
    .set({ virtual_account_id: move.to })
    .where('account_id', '=', accountId)
    .where('virtual_account_id', '=', move.from)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', move.now)
    .where((where) =>
      where.or([where('maximum_uses', 'is', null), where('uses', '<', where.ref('maximum_uses'))]),
    )
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}
