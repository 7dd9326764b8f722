import type { OrderLineState } from '@estover/domain/orders';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import type { Crossing } from '../licenses/index.ts';
import type { ChosenRule } from './check-orders.ts';

/** An order as it is first written. */
export interface OrderRow {
  orderId: string;
  orderNumber: string;
  buyer: string;
  orderedAt: Temporal.Instant;
}

/** A line as it is first written, with the instants of the states it has been through. */
export interface OrderLineRow {
  orderId: string;
  lineNumber: number;
  productId: string;
  quantity: number;
  accountId: string;
  virtualAccountId: string;
  /** The delivery rule that chose the virtual account, kept as it is now. */
  deliveryRule: ChosenRule | null;
  /** How the order named the virtual account; null if it did not. */
  namedPlace: string | null;
  startDate: string | null;
  state: OrderLineState;
  shippedAt: Temporal.Instant | null;
  deliveredAt: Temporal.Instant | null;
}

const texts = (instants: readonly (Temporal.Instant | null)[]): (string | null)[] =>
  instants.map((instant) => instant?.toString() ?? null);

/** Writes orders; answers the numbers that were taken, of which nothing is written. */
export async function insertOrders(
  trx: Trx,
  orders: readonly OrderRow[],
  now: Temporal.Instant,
): Promise<string[]> {
  const { rows } = await sql<{ orderNumber: string }>`
    insert into orders (order_id, order_number, buyer, ordered_at, created_at)
    select id, number, buyer, ordered_at, ${now}
      from unnest(${orders.map((order) => order.orderId)}::uuid[], ${orders.map((order) => order.orderNumber)}::text[],
                  ${orders.map((order) => order.buyer)}::text[],
                  ${texts(orders.map((order) => order.orderedAt))}::timestamptz[])
           as given (id, number, buyer, ordered_at)
     order by number
    on conflict (order_number) do nothing
    returning order_number as "orderNumber"`.execute(trx);
  if (rows.length === orders.length) return [];
  const written = new Set(rows.map((row) => row.orderNumber));
  return orders.map((order) => order.orderNumber).filter((number) => !written.has(number));
}

/** Writes the lines of new orders. */
export async function insertOrderLines(
  trx: Trx,
  lines: readonly OrderLineRow[],
  now: Temporal.Instant,
): Promise<void> {
  await sql`
    insert into order_lines (order_id, line_number, product_id, quantity, account_id, virtual_account_id, start_date,
                             state, booked_at, shipped_at, delivered_at, delivery_rule, named_place)
    select order_id, line_number, product_id, quantity, account_id, virtual_account_id, start_date, state, ${now},
           shipped_at, delivered_at, delivery_rule, named_place
      from unnest(${lines.map((line) => line.orderId)}::uuid[], ${lines.map((line) => line.lineNumber)}::integer[],
                  ${lines.map((line) => line.productId)}::uuid[], ${lines.map((line) => line.quantity)}::integer[],
                  ${lines.map((line) => line.accountId)}::uuid[],
                  ${lines.map((line) => line.virtualAccountId)}::uuid[],
                  ${lines.map((line) => line.startDate)}::date[], ${lines.map((line) => line.state)}::text[],
                  ${texts(lines.map((line) => line.shippedAt))}::timestamptz[],
                  ${texts(lines.map((line) => line.deliveredAt))}::timestamptz[],
                  ${lines.map((line) => line.deliveryRule && JSON.stringify(line.deliveryRule))}::jsonb[],
                  ${lines.map((line) => line.namedPlace)}::text[])
           as given (order_id, line_number, product_id, quantity, account_id, virtual_account_id, start_date, state,
                     shipped_at, delivered_at, delivery_rule, named_place)`.execute(trx);
}

/** A change of a line's state, with the instant it came into it. */
export interface LineChange {
  lineNumber: number;
  state: OrderLineState;
  shippedAt: Temporal.Instant | null;
  deliveredAt: Temporal.Instant | null;
  cancelledAt: Temporal.Instant | null;
}

/** Writes new states of locked lines; an instant that is not given stays as it is. */
export async function updateOrderLines(
  trx: Trx,
  orderId: string,
  changes: readonly LineChange[],
): Promise<void> {
  await sql`
    update order_lines line
       set state = given.state,
           shipped_at = coalesce(given.shipped_at, line.shipped_at),
           delivered_at = coalesce(given.delivered_at, line.delivered_at),
           cancelled_at = coalesce(given.cancelled_at, line.cancelled_at)
      from unnest(${changes.map((change) => change.lineNumber)}::integer[],
                  ${changes.map((change) => change.state)}::text[],
                  ${texts(changes.map((change) => change.shippedAt))}::timestamptz[],
                  ${texts(changes.map((change) => change.deliveredAt))}::timestamptz[],
                  ${texts(changes.map((change) => change.cancelledAt))}::timestamptz[])
           as given (line_number, state, shipped_at, delivered_at, cancelled_at)
     where line.order_id = ${orderId} and line.line_number = given.line_number`.execute(trx);
}

/** Writes the states of locked lines that waited for their account, of many orders. */
export async function releaseOrderLines(
  trx: Trx,
  lines: readonly { orderId: string; lineNumber: number; state: OrderLineState }[],
  now: Temporal.Instant,
): Promise<void> {
  await sql`
    update order_lines line
       set state = given.state,
           delivered_at = case when given.state = 'delivered' then ${now}::timestamptz end
      from unnest(${lines.map((line) => line.orderId)}::uuid[], ${lines.map((line) => line.lineNumber)}::integer[],
                  ${lines.map((line) => line.state)}::text[]) as given (order_id, line_number, state)
     where line.order_id = given.order_id and line.line_number = given.line_number`.execute(trx);
}

/**
 * Sends lines that are not delivered yet to another virtual account, because theirs is deleted. The caller holds the
 * locks of both virtual accounts.
 *
 * @returns how many lines changed
 */
export async function moveUndeliveredLines(
  trx: Trx,
  accountId: string,
  fromVirtualAccountId: string,
  toVirtualAccountId: string,
): Promise<number> {
  const result = await trx
    .updateTable('order_lines')
    .set({ virtual_account_id: toVirtualAccountId })
    .where('account_id', '=', accountId)
    .where('virtual_account_id', '=', fromVirtualAccountId)
    .where('state', 'in', ['booked', 'on-hold', 'shipped'])
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/**
 * Sends lines that are not delivered yet along with their virtual accounts to another account. The caller holds both
 * accounts. Lines that were delivered stay with the account whose ledger received them.
 *
 * @returns how many lines changed
 */
export async function carryUndeliveredLines(trx: Trx, crossing: Crossing): Promise<number> {
  const result = await trx
    .updateTable('order_lines')
    .set({ account_id: crossing.intoAccountId })
    .where('account_id', '=', crossing.fromAccountId)
    .where('virtual_account_id', '=', sql<string>`any(${[...crossing.virtualAccountIds]}::uuid[])`)
    .where('state', 'in', ['booked', 'on-hold', 'shipped'])
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}
