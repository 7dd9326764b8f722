import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';

/** The seller that a person is limited to in an account; null without a limit. */
export async function sellerLimitOf(trx: Trx, accountId: string, personId: string): Promise<string | null> {
  const row = await trx
    .selectFrom('seller_limits')
    .select('sold_by as soldBy')
    .where('account_id', '=', accountId)
    .where('person_id', '=', personId)
    .executeTakeFirst();
  return row?.soldBy ?? null;
}

/** Limits a person to the lots of a seller, or lifts the limit. */
export async function saveSellerLimit(
  trx: Trx,
  of: { accountId: string; personId: string },
  soldBy: string | null,
  set: { by: string; at: Temporal.Instant },
): Promise<void> {
  await trx
    .deleteFrom('seller_limits')
    .where('account_id', '=', of.accountId)
    .where('person_id', '=', of.personId)
    .execute();
  if (soldBy === null) return;
  await trx
    .insertInto('seller_limits')
    .values({
      account_id: of.accountId,
      person_id: of.personId,
      sold_by: soldBy,
      set_by: set.by,
      set_at: set.at,
    })
    .execute();
}

const sellersListed = 500;

/** Buyers of an account's orders, with how many lots came by them; one name for those that differ by case alone. */
export async function sellersOf(trx: Trx, accountId: string): Promise<{ seller: string; lots: number }[]> {
  const { rows } = await sql<{ seller: string; lots: number }>`
    select min(o.buyer) as seller, count(distinct l.lot_id) as lots
      from order_lines line
      join orders o using (order_id)
      left join lots l on l.account_id = line.account_id and l.order_id = line.order_id and l.line_number = line.line_number
     where line.account_id = ${accountId}
     group by lower(btrim(o.buyer)) order by lower(btrim(o.buyer)) limit ${sellersListed}`.execute(trx);
  return rows;
}
