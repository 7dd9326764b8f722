import type { AccountKind, AccountStatus, RequestState } from '@estover/domain/accounts';
import type { ProductTerm } from '@estover/domain/catalog';
import { deliveryTerm, type OrderLineState, waitsFor } from '@estover/domain/orders';
import type { order as orderShape } from '@estover/protocol';
import { sql } from 'kysely';
import type { z } from 'zod';
import { hideAllRestrictedNames, showAllNames } from '../access/index.ts';
import type { VirtualAccountScope } from '../access/scope.ts';
import { lastRequestFor } from '../accounts/index.ts';
import type { Context } from '../edge/context.ts';
import type { ChosenRule } from './check-orders.ts';

export type Order = z.output<typeof orderShape>;

interface LineRow {
  orderId: string;
  orderNumber: string;
  buyer: string;
  orderedAt: Temporal.Instant;
  lineNumber: number;
  sku: string;
  productName: string;
  term: ProductTerm;
  quantity: number;
  state: OrderLineState;
  accountId: string;
  accountName: string;
  accountKind: AccountKind;
  accountStatus: AccountStatus;
  awaited: string | null;
  requestState: RequestState | null;
  isContactAsked: boolean;
  virtualAccountId: string;
  virtualAccountPath: string[];
  /** As the order names it, for the staff; null if it does not. */
  namedPlace: string | null;
  deliveryRule: ChosenRule | null;
  startDate: string | null;
  bookedAt: Temporal.Instant;
  shippedAt: Temporal.Instant | null;
  deliveredAt: Temporal.Instant | null;
  cancelledAt: Temporal.Instant | null;
  endsAt: Temporal.Instant | null;
}

/** An order with what its trace needs beside the answer's fields. */
export interface OrderRead {
  orderId: string;
  order: Order;
  cancelledAt: ReadonlyMap<number, Temporal.Instant>;
}

/** Which lines of an order are read: all of them, or an account's in the virtual accounts of a scope. */
export interface LineChoice {
  accountId: string;
  scope: VirtualAccountScope;
}

/**
 * An order by number with the lines chosen, in one query; undefined when there is no such line. All lines are the publisher's
 * staff's to see, who read virtual accounts as the order names them, and no restricted name beside.
 */
export async function findOrder(
  context: Pick<Context, 'trx' | 'now'>,
  where: { orderNumber: string } | { orderId: string },
  choice: LineChoice | null,
): Promise<OrderRead | undefined> {
  if (choice !== null) return readLines(context, where, choice);
  await hideAllRestrictedNames(context.trx);
  const found = await readLines(context, where, null);
  await showAllNames(context.trx);
  return found;
}

async function readLines(
  { trx, now }: Pick<Context, 'trx' | 'now'>,
  where: { orderNumber: string } | { orderId: string },
  choice: LineChoice | null,
): Promise<OrderRead | undefined> {
  const { rows } = await sql<LineRow>`
    select o.order_id as "orderId", o.order_number as "orderNumber", o.buyer, o.ordered_at as "orderedAt",
           l.line_number as "lineNumber", p.sku, p.name as "productName", p.term, l.quantity, l.state,
           l.account_id as "accountId", a.name as "accountName", a.kind as "accountKind",
           a.status as "accountStatus", awaited.domain_identifier as awaited, request.state as "requestState",
           exists (select from order_contacts c where c.account_id = l.account_id and c.ends_at > ${now}) as "isContactAsked",
           l.virtual_account_id as "virtualAccountId",
           virtual_account_path(l.account_id, l.virtual_account_id) as "virtualAccountPath",
           ${choice === null ? sql.ref('l.named_place') : sql`null::text`} as "namedPlace",
           l.delivery_rule as "deliveryRule", l.start_date as "startDate", l.booked_at as "bookedAt", l.shipped_at as "shippedAt",
           l.delivered_at as "deliveredAt", l.cancelled_at as "cancelledAt", lot.ends_at as "endsAt"
      from orders o
      join order_lines l using (order_id)
      join products p using (product_id)
      join accounts a using (account_id)
      left join awaited_accounts awaited using (account_id)
      left join lateral (${lastRequestFor('awaited.domain_identifier', now)}) request on true
      left join lateral (
        select max(ends_at) as ends_at from lots
         where lots.order_id = o.order_id and lots.account_id = l.account_id and lots.line_number = l.line_number
      ) lot on true
     where ${'orderId' in where ? sql`o.order_id = ${where.orderId}` : sql`o.order_number = ${where.orderNumber}`}
       and ${
         choice === null
           ? sql`true`
           : sql`l.account_id = ${choice.accountId} and ${choice.scope.includes(sql.ref('l.virtual_account_id'))}`
       }
     order by l.line_number`.execute(trx);
  const [first] = rows;
  if (first === undefined) return undefined;
  return {
    orderId: first.orderId,
    order: {
      orderNumber: first.orderNumber,
      buyer: first.buyer,
      orderedAt: first.orderedAt.toString(),
      lines: rows.map((row) => ({
        lineNumber: row.lineNumber,
        sku: row.sku,
        productName: row.productName,
        quantity: row.quantity,
        state: row.state,
        waitsFor: waitsFor(row),
        accountId: row.accountId,
        accountName: row.accountName,
        virtualAccountId: row.virtualAccountId,
        virtualAccountPath: pathOf(row),
        deliveryRule: row.deliveryRule,
        startDate: row.startDate,
        bookedAt: row.bookedAt.toString(),
        shippedAt: row.shippedAt?.toString() ?? null,
        deliveredAt: row.deliveredAt?.toString() ?? null,
        endsAt: (row.endsAt ?? plannedEnd(row))?.toString() ?? null,
      })),
    },
    cancelledAt: new Map(
      rows.flatMap((row) => (row.cancelledAt === null ? [] : [[row.lineNumber, row.cancelledAt]])),
    ),
  };
}

/** The names that may be read; where one may not, what the order itself says. */
const pathOf = ({ virtualAccountPath, namedPlace }: LineRow): string[] =>
  namedPlace !== null && virtualAccountPath.includes('…')
    ? namedPlace.split('/').map((name) => name.trim())
    : virtualAccountPath;

/** The end of a term with a fixed first day is known before the delivery, unless there will be none. */
function plannedEnd(row: LineRow): Temporal.Instant | null {
  if (row.startDate === null || row.state === 'cancelled') return null;
  const term = deliveryTerm(row.term, Temporal.PlainDate.from(row.startDate), row.bookedAt);
  return term.kind === 'perpetual' ? null : term.endsAt;
}

/** An order that was just written or changed, with all lines. */
export async function readOrder(context: Pick<Context, 'trx' | 'now'>, orderId: string): Promise<Order> {
  const found = await findOrder(context, { orderId }, null);
  if (found === undefined) throw new Error(`order ${orderId} was written in this transaction`);
  return found.order;
}
