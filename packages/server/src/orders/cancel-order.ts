import { can } from '@estover/domain/orders';
import type { AnswerOf, cancelOrder } from '@estover/protocol';
import type { Context, EventFacts } from '../edge/context.ts';
import type { Input } from '../edge/operation.ts';
import { chooseLines } from './choose-lines.ts';
import { linesOf } from './create-order.ts';
import { lockOrder } from './lock-order.ts';
import { readOrder } from './order-view.ts';
import { updateOrderLines } from './orders-store.ts';

/** Cancels lines that are not delivered; what is delivered is corrected at its lot instead. */
export async function cancelLines(
  context: Context,
  { params, body }: Input<typeof cancelOrder>,
): Promise<{ answer: AnswerOf<typeof cancelOrder>; event: EventFacts }> {
  const locked = await lockOrder(context.trx, params.orderNumber);
  const lines = chooseLines(locked, body.lines, (line) =>
    can(line.state, 'cancel') ? null : `Line ${line.lineNumber} is ${line.state} and cannot be cancelled.`,
  );
  await updateOrderLines(
    context.trx,
    locked.orderId,
    lines.map((line) => ({
      lineNumber: line.lineNumber,
      state: 'cancelled',
      shippedAt: null,
      deliveredAt: null,
      cancelledAt: context.now,
    })),
  );
  const order = await readOrder(context, locked.orderId);
  return {
    answer: { order },
    event: {
      accountId: null,
      objectKind: 'order',
      objectId: order.orderNumber,
      message: `cancelled ${linesOf(lines.length)} of order ${order.orderNumber}: ${body.reason}`,
      before: lines.map(({ lineNumber, state }) => ({ lineNumber, state })),
      after: lines.map(({ lineNumber }) => ({ lineNumber, state: 'cancelled' })),
    },
  };
}
