import type { AnswerOf, createOrder, ProblemDetail } from '@estover/protocol';
import type { Context, EventFacts } from '../edge/context.ts';
import type { Input } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import { bookOrders } from './book-orders.ts';
import { checkOrders, type OrderError } from './check-orders.ts';
import { readOrder } from './order-view.ts';

/** Books an order with its lines numbered from 1; what ships to an active account is delivered in the same step. */
export async function bookOrder(
  context: Context,
  { body }: Input<typeof createOrder>,
): Promise<{ answer: AnswerOf<typeof createOrder>; event: EventFacts }> {
  const { good, errors } = await checkOrders(context, [
    {
      orderNumber: body.orderNumber,
      buyer: body.buyer,
      orderedAt: body.orderedAt === undefined ? context.now : Temporal.Instant.from(body.orderedAt),
      lines: body.lines.map((line, index) => ({
        lineNumber: index + 1,
        sku: line.sku,
        quantity: line.quantity,
        account: line.account,
        virtualAccount: line.virtualAccount ?? null,
        startDate: line.startDate ?? null,
        ship: line.state === 'shipped',
      })),
    },
  ]);
  if (errors[0] !== undefined) throw refusalOf(errors[0], errors);
  const [booked] = await bookOrders(context, 'createOrder', [...good.values()]);
  if (booked === undefined) throw new Error('an order without errors is booked');
  const order = await readOrder(context, booked.orderId);
  return {
    answer: { order },
    event: {
      accountId: null,
      objectKind: 'order',
      objectId: order.orderNumber,
      message: `booked order ${order.orderNumber} of ${order.buyer} with ${linesOf(order.lines.length)}, ${booked.delivered} of them delivered`,
      after: order,
    },
  };
}

/** A number of lines in words. */
export const linesOf = (count: number): string => (count === 1 ? '1 line' : `${count} lines`);

/** The first error gives the code; all of them are named. */
function refusalOf(first: OrderError, errors: readonly OrderError[]): Refused {
  const code =
    first.code === 'quantity-too-large' || first.code === 'start-date-without-term'
      ? 'invalid-request'
      : first.code;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return new Refused(code, `${first.detail}${more}`, {
    errors: errors.map(
      (error): ProblemDetail => ({
        pointer: error.line === null ? `body/${error.field}` : `body/lines/${error.line}/${error.field}`,
        detail: error.detail,
        code: error.code,
      }),
    ),
  });
}
