import { releaseLine } from '@estover/domain/orders';
import { closedAccounts } from '../agreements/index.ts';
import { deliverLines } from './deliver-lines.ts';
import { lineAccountOf } from './find-destinations.ts';
import { lockLinesOf } from './lock-order.ts';
import { releaseOrderLines } from './orders-store.ts';
import { type DeliveryContext, recordDeliveries } from './record-deliveries.ts';

/**
 * Delivers what waited for an account that is active now and has accepted what it has to: lines that have shipped bring
 * their licenses, or are held at a holding account, and the others are booked like any other. While delivery is closed to the
 * account what has shipped waits on. The caller holds the account. Its events of deliveries carry the name of `operation`.
 *
 * @returns how many lines were delivered
 */
export async function deliverWaitingLines(
  context: DeliveryContext,
  operation: string,
  accountId: string,
): Promise<number> {
  const { trx, now } = context;
  const lines = await lockLinesOf(trx, { accountId });
  const isClosed = (await closedAccounts(context, [accountId], 'delivery')).has(accountId);
  const released = lines.flatMap((line) => {
    const hasShipped = line.shippedAt !== null;
    const account = lineAccountOf(line.accountKind, true);
    if (isClosed && hasShipped && account === 'delivers') return [];
    const state = releaseLine({ state: line.state, hasShipped, account });
    return state === null ? [] : [{ line, state }];
  });
  if (released.length === 0) return 0;
  await releaseOrderLines(
    trx,
    released.map(({ line: { orderId, lineNumber }, state }) => ({ orderId, lineNumber, state })),
    now,
  );
  const delivered = released.flatMap(({ line, state }) => (state === 'delivered' ? [line] : []));
  await deliverLines(context, delivered);
  await recordDeliveries(context, operation, delivered);
  return delivered.length;
}
