import { bookLine } from '@estover/domain/orders';
import { closedAccounts } from '../agreements/index.ts';
import type { Context } from '../edge/context.ts';
import { Refused } from '../edge/refused.ts';
import type { CheckedOrder } from './check-orders.ts';
import { deliverLines } from './deliver-lines.ts';
import { noteOrders } from './note-orders.ts';
import { insertOrderLines, insertOrders } from './orders-store.ts';
import { recordDeliveries } from './record-deliveries.ts';

/** An order that is written, and how many of its lines were delivered at once. */
export interface BookedOrder {
  orderId: string;
  orderNumber: string;
  lines: number;
  delivered: number;
}

/**
 * Writes checked orders and delivers the lines that ship to active accounts, all of them with a handful of statements.
 * An order number that was taken meanwhile refuses everything. `operation` is the name the accounts' events carry.
 */
export async function bookOrders(
  context: Context,
  operation: string,
  orders: readonly CheckedOrder[],
): Promise<BookedOrder[]> {
  const { trx, now } = context;
  const withIds = orders.map((order) => ({ ...order, orderId: context.newId() }));
  const [taken] = await insertOrders(trx, withIds, now);
  if (taken !== undefined) {
    throw new Refused('order-number-taken', `There is an order ${taken} already.`, { orderNumber: taken });
  }
  const closed = await closedAccounts(
    context,
    withIds.flatMap(({ lines }) => lines.filter(({ ship }) => ship).map(({ account }) => account.accountId)),
    'delivery',
  );
  const booked = withIds.map((order) => ({
    ...order,
    lines: order.lines.map((line) => ({
      ...line,
      states: bookLine({
        ship: line.ship,
        account:
          closed.has(line.account.accountId) && line.account.does === 'delivers'
            ? 'waits'
            : line.account.does,
      }),
    })),
  }));
  await insertOrderLines(
    trx,
    booked.flatMap((order) =>
      order.lines.map((line) => ({
        orderId: order.orderId,
        lineNumber: line.lineNumber,
        productId: line.product.productId,
        quantity: line.quantity,
        accountId: line.account.accountId,
        virtualAccountId: line.virtualAccount.virtualAccountId,
        deliveryRule: line.deliveryRule,
        namedPlace: line.namedPlace,
        startDate: line.startDate,
        state: line.states.at(-1) ?? 'booked',
        shippedAt: line.states.includes('shipped') ? now : null,
        deliveredAt: line.states.includes('delivered') ? now : null,
      })),
    ),
    now,
  );
  const delivered = booked.flatMap(({ orderId, orderNumber, lines }) =>
    lines
      .filter((line) => line.states.includes('delivered'))
      .map((line) => ({
        orderId,
        orderNumber,
        lineNumber: line.lineNumber,
        accountId: line.account.accountId,
        virtualAccountId: line.virtualAccount.virtualAccountId,
        virtualAccountPath: line.virtualAccount.path,
        quantity: line.quantity,
        startDate: line.startDate,
        product: line.product,
      })),
  );
  await deliverLines(context, delivered);
  await recordDeliveries(context, operation, delivered);
  await noteOrders(
    context,
    booked.flatMap(({ orderId, orderNumber, lines }) =>
      lines
        .filter(({ account, states }) => closed.has(account.accountId) && states.at(-1) === 'on-hold')
        .map(({ account, virtualAccount: { virtualAccountId, path } }) => ({
          orderId,
          orderNumber,
          accountId: account.accountId,
          virtualAccountId,
          virtualAccountPath: path,
        })),
    ),
    'wait',
  );
  const deliveredOf = Map.groupBy(delivered, (line) => line.orderId);
  return booked.map(({ orderId, orderNumber, lines }) => ({
    orderId,
    orderNumber,
    lines: lines.length,
    delivered: deliveredOf.get(orderId)?.length ?? 0,
  }));
}
