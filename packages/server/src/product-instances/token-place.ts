import { type TokenState, tokenStateAt } from '@estover/domain/product-instances';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { isInRange } from './address-range.ts';
import { type DeviceRefusal, refuse } from './device-outcome.ts';
import type { TokenRow } from './tokens-store.ts';

/** Where a token registers to. */
export interface TokenPlace {
  accountName: string;
  accountStatus: string;
  exportCategory: string;
  virtualAccountName: string;
}

/**
 * Reads where a token registers to, and keeps its virtual account from being deleted until the end of the transaction.
 * Undefined when it is deleted already.
 */
export async function lockTokenPlace(
  trx: Trx,
  accountId: string,
  { virtualAccountId }: TokenRow,
): Promise<TokenPlace | undefined> {
  const { rows } = await sql<TokenPlace>`
    select a.name as "accountName", a.status as "accountStatus", a.export_category as "exportCategory",
           v.name as "virtualAccountName"
      from virtual_accounts v join accounts a using (account_id)
     where v.account_id = ${accountId} and v.virtual_account_id = ${virtualAccountId} and v.deleted_at is null
       for key share of v`.execute(trx);
  return rows[0];
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
