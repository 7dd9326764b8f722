import type { AccountStatus } from '@estover/domain/accounts';
import { type TokenState, tokenStateAt } from '@estover/domain/product-instances';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { isInRange } from './address-range.ts';
import { type DeviceRefusal, refuse } from './device-outcome.ts';
import type { TokenRow } from './tokens-store.ts';

/** Where a token registers to. */
export interface TokenPlace {
  accountName: string;
  accountStatus: AccountStatus;
  exportCategory: string;
  virtualAccountName: string;
}

export interface PlaceKey {
  accountId: string;
  virtualAccountId: string;
}

/**
 * Reads where tokens register to, by the id of the virtual account, and keeps these from being deleted until the end of
 * the transaction. Those that are deleted already are not in the answer.
 */
export async function lockTokenPlaces(trx: Trx, keys: readonly PlaceKey[]): Promise<Map<string, TokenPlace>> {
  const { rows } = await sql<TokenPlace & PlaceKey>`
    /* prepared: lock-token-places */
    select v.virtual_account_id as "virtualAccountId", a.name as "accountName", a.status as "accountStatus",
           a.export_category as "exportCategory", v.name as "virtualAccountName"
      from unnest(${keys.map((key) => key.accountId)}::uuid[], ${keys.map((key) => key.virtualAccountId)}::uuid[])
        as wanted (account_id, virtual_account_id)
      join virtual_accounts v using (account_id, virtual_account_id)
      join accounts a using (account_id)
     where v.deleted_at is null
     order by v.account_id, v.virtual_account_id for key share of v`.execute(trx);
  return new Map(rows.map((row) => [row.virtualAccountId, row]));
}

/** Why a token that was found does not register this sender now; undefined when it does. */
export function checkToken(
  token: TokenRow,
  from: string | null,
  now: Temporal.Instant,
): DeviceRefusal | undefined {
  const sentences: Record<Exclude<TokenState, 'active'>, string> = {
    revoked: `The token was revoked at ${token.revokedAt}.`,
    expired: `The token expired at ${token.expiresAt}.`,
    'used-up': `All ${token.maximumUses} uses of the token are taken.`,
  };
  const state = tokenStateAt(token, now);
  if (state !== 'active') return refuse(`token-${state}`, sentences[state]);
  if (token.addressRange !== null && !isInRange(from, token.addressRange)) {
    return refuse(
      'token-elsewhere',
      `The token registers from ${token.addressRange} only; this came from ${from ?? 'an unknown address'}.`,
    );
  }
  return undefined;
}
