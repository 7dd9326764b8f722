import type { Context } from '../edge/context.ts';
import { addNotices, placeMark } from '../notifications/index.ts';

/** What of an order's line is told to those who see where its licenses lie. */
interface NotedLine {
  orderId: string;
  orderNumber: string;
  accountId: string;
  virtualAccountId: string;
}

/** Notes that licenses of orders came in, or wait for the account to accept an agreement: once for each order and place. */
export async function noteOrders(
  context: Pick<Context, 'trx' | 'now'>,
  lines: readonly NotedLine[],
  what: 'came in' | 'wait',
): Promise<void> {
  const places = Map.groupBy(lines, (line) => `${line.orderId}/${line.virtualAccountId}`);
  await addNotices(
    context,
    [...places].flatMap(([place, [first]]) => {
      if (first === undefined) return [];
      const { accountId, virtualAccountId, orderNumber } = first;
      return [
        {
          accountId,
          cause: `order/${place}/${what === 'wait' ? 'waits' : 'came-in'}`,
          kind: 'orders' as const,
          virtualAccountId,
          personId: null,
          message:
            what === 'wait'
              ? `Order ${orderNumber} for ${placeMark} waits until an agreement is accepted`
              : `Licenses of order ${orderNumber} came into ${placeMark}`,
          page: `/orders/${encodeURIComponent(orderNumber)}`,
        },
      ];
    }),
  );
}
