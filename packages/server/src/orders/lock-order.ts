import type { AccountKind } from '@estover/domain/accounts';
import type { ProductTerm } from '@estover/domain/catalog';
import type { OrderLineState } from '@estover/domain/orders';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import { notFound } from '../edge/refused.ts';
import type { DeliveredLine } from './record-deliveries.ts';

/** A line of a locked order, with all that shipping or cancelling it needs. */
export interface LockedLine extends DeliveredLine {
  state: OrderLineState;
  accountName: string;
  accountKind: AccountKind;
  accountActive: boolean;
  shippedAt: Temporal.Instant | null;
}

export interface LockedOrder {
  orderId: string;
  lines: LockedLine[];
}

/**
 * Takes an order's lines for the rest of the transaction. The accounts come first, as everywhere: so their status and
 * their virtual accounts stand still while the lines are delivered.
 */
export async function lockOrder(trx: Trx, orderNumber: string): Promise<LockedOrder> {
  const order = await trx
    .selectFrom('orders')
    .select('order_id as orderId')
    .where('order_number', '=', orderNumber)
    .executeTakeFirst();
  if (order === undefined) throw notFound('order');
  await sql`
    select 1 from accounts where account_id in (select account_id from order_lines where order_id = ${order.orderId})
     order by account_id for share`.execute(trx);
  return { orderId: order.orderId, lines: await lockLinesOf(trx, order) };
}

/** Takes the lines of an order, or those of an account that wait for it, for the rest of the transaction. */
export async function lockLinesOf(
  trx: Trx,
  of: { orderId: string } | { accountId: string },
): Promise<LockedLine[]> {
  const { rows } = await sql<
    Omit<LockedLine, 'product'> & {
      sku: string;
      term: ProductTerm;
      billing: 'prepaid' | 'usage';
      grants: { licenseId: string; quantityPerUnit: number }[];
    }
  >`
    select l.order_id as "orderId", o.order_number as "orderNumber", l.line_number as "lineNumber", l.state,
           l.quantity, l.account_id as "accountId", a.name as "accountName", a.kind as "accountKind",
           a.status = 'active' as "accountActive",
           l.virtual_account_id as "virtualAccountId",
           virtual_account_path(l.account_id, l.virtual_account_id) as "virtualAccountPath",
           l.start_date as "startDate", l.shipped_at as "shippedAt", p.sku, p.term, p.billing,
           (select jsonb_agg(jsonb_build_object('licenseId', g.license_id, 'quantityPerUnit', g.quantity_per_unit)
                             order by g.license_id)
              from product_grants g where g.product_id = p.product_id) as grants
      from order_lines l
      join orders o using (order_id)
      join accounts a using (account_id)
      join products p using (product_id)
     where ${
       'orderId' in of
         ? sql`l.order_id = ${of.orderId}`
         : sql`l.account_id = ${of.accountId} and l.state = 'on-hold'`
     }
     order by l.order_id, l.line_number
       for update of l`.execute(trx);
  return rows.map(({ sku, term, billing, grants, ...line }) => ({
    ...line,
    product: { sku, term, billing, grants },
  }));
}
