import type { Cadence, SubscribedKindName } from '@estover/domain/notifications';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { forgetChoices } from './readers-store.ts';

export interface AddressRow {
  addressId: string;
  email: string;
  addedBy: string;
  addedAt: Temporal.Instant;
  confirmedAt: Temporal.Instant | null;
  confirmUntil: Temporal.Instant | null;
  kinds: { kind: SubscribedKindName; cadence: Cadence }[];
}

/** The addresses an account added, or one of them, with what they hear of. */
export async function findAddresses(trx: Trx, accountId: string, addressId?: string): Promise<AddressRow[]> {
  const { rows } = await sql<AddressRow>`
    select d.address_id as "addressId", d.email, d.added_by as "addedBy", d.added_at as "addedAt",
           d.confirmed_at as "confirmedAt", d.confirm_until as "confirmUntil",
           coalesce((select jsonb_agg(jsonb_build_object('kind', c.kind, 'cadence', c.cadence) order by c.kind)
                       from notification_choices c
                      where c.account_id = d.account_id and c.reader_id = d.address_id::text and c.cadence <> 'off'),
                    '[]') as kinds
      from notification_addresses d
     where d.account_id = ${accountId} and ${addressId === undefined ? sql`true` : sql`d.address_id = ${addressId}`}
     order by lower(d.email)`.execute(trx);
  return rows;
}

export interface NewAddress {
  accountId: string;
  addressId: string;
  email: string;
  addedBy: string;
  addedAt: Temporal.Instant;
  confirmHash: Buffer;
  confirmUntil: Temporal.Instant;
}

/** Writes an address; false when the account has it already. */
export async function insertAddress(trx: Trx, address: NewAddress): Promise<boolean> {
  const result = await trx
    .insertInto('notification_addresses')
    .values({
      account_id: address.accountId,
      address_id: address.addressId,
      email: address.email,
      added_by: address.addedBy,
      added_at: address.addedAt,
      confirmed_at: null,
      confirm_hash: address.confirmHash,
      confirm_until: address.confirmUntil,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return Number(result.numInsertedOrUpdatedRows ?? 0) === 1;
}

/** Confirms the address of a link; undefined for a link that was used, has expired or never was. */
export async function confirmAddress(
  trx: Trx,
  hash: Buffer,
  now: Temporal.Instant,
): Promise<{ accountId: string; addressId: string; email: string; accountName: string } | undefined> {
  const { rows } = await sql<{ accountId: string; addressId: string; email: string; accountName: string }>`
    update notification_addresses d set confirmed_at = ${now}, confirm_hash = null, confirm_until = null
      from accounts a
     where d.confirm_hash = ${hash} and d.confirm_until > ${now} and a.account_id = d.account_id
    returning d.account_id as "accountId", d.address_id as "addressId", d.email, a.name as "accountName"`.execute(
    trx,
  );
  return rows[0];
}

/** Deletes an address with what it chose and waits for; false when there is none. */
export async function deleteAddress(trx: Trx, accountId: string, addressId: string): Promise<boolean> {
  const result = await trx
    .deleteFrom('notification_addresses')
    .where('account_id', '=', accountId)
    .where('address_id', '=', addressId)
    .executeTakeFirst();
  await forgetChoices(trx, [addressId]);
  return result.numDeletedRows === 1n;
}

/** Ends all links that were not used: after a restore nobody knows whether they were. */
export async function endConfirmations(trx: Trx): Promise<void> {
  await trx
    .updateTable('notification_addresses')
    .set({ confirm_hash: null, confirm_until: null })
    .where('confirmed_at', 'is', null)
    .execute();
}
