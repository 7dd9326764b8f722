import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { dropFromGrantsAndKeys } from './grants-store.ts';
import { dropFromGroups } from './groups-store.ts';

/**
 * Takes a deleted virtual account out of all grants, groups and API keys. What reaches nowhere any more ends; never does
 * a scope become wider by it.
 */
export async function dropVirtualAccountFromGrants(
  trx: Trx,
  accountId: string,
  virtualAccountId: string,
  now: Temporal.Instant,
): Promise<void> {
  await dropFromGrantsAndKeys(trx, accountId, virtualAccountId, now);
  await dropFromGroups(trx, accountId, virtualAccountId);
}

/** The same for many of them: only those that are named anywhere are looked at. */
export async function dropVirtualAccountsFromGrants(
  trx: Trx,
  accountId: string,
  virtualAccountIds: readonly string[],
  now: Temporal.Instant,
): Promise<void> {
  const them = sql`any(${[...virtualAccountIds]}::uuid[])`;
  const { rows } = await sql<{ id: string }>`
    select virtual_account_id as id from held_grant_virtual_accounts
     where account_id = ${accountId} and virtual_account_id = ${them}
    union
    select (each ->> 'virtualAccountId')::uuid
      from api_keys k cross join lateral jsonb_array_elements(k.scope -> 'virtualAccounts') each
     where k.account_id = ${accountId} and (each ->> 'virtualAccountId')::uuid = ${them}
     order by id`.execute(trx);
  for (const { id } of rows) await dropVirtualAccountFromGrants(trx, accountId, id, now);
}
