import { mayUseLicenses } from '@estover/domain/accounts';
import { type ShippingFacts, shipLine } from '@estover/domain/orders';
import type { AnswerOf, shipOrder } from '@estover/protocol';
import { closedAccounts } from '../agreements/index.ts';
import type { Context, EventFacts } from '../edge/context.ts';
import type { Input } from '../edge/operation.ts';
import { chooseLines } from './choose-lines.ts';
import { linesOf } from './create-order.ts';
import { deliverLines } from './deliver-lines.ts';
import { lineAccountOf } from './find-destinations.ts';
import { type LockedLine, lockOrder } from './lock-order.ts';
import { noteOrders } from './note-orders.ts';
import { readOrder } from './order-view.ts';
import { updateOrderLines } from './orders-store.ts';
import { recordDeliveries } from './record-deliveries.ts';

/**
 * Ships lines; those whose account is active and has accepted what it had to are delivered in the same step, the others
 * are on hold. For a holding account they are shipped, and held there.
 */
export async function shipLines(
  context: Context,
  { params, body }: Input<typeof shipOrder>,
): Promise<{ answer: AnswerOf<typeof shipOrder>; event: EventFacts }> {
  const { trx, now } = context;
  const locked = await lockOrder(trx, params.orderNumber);
  const closed = await closedAccounts(
    context,
    locked.lines.map(({ accountId }) => accountId),
    'delivery',
  );
  const factsOf = (line: LockedLine) => ({
    state: line.state,
    account: lineAccountOf(
      line.accountKind,
      line.accountActive && !(closed.has(line.accountId) && mayUseLicenses(line.accountKind)),
    ),
  });
  const lines = chooseLines(locked, body.lines, (line) => whyNotShipped(line, factsOf(line)));
  const changes = lines.map((line) => {
    const states = shipLine(factsOf(line));
    if (!states.ok) throw new Error(`line ${line.lineNumber} was chosen because it ships`);
    return { line, state: states.value.at(-1) ?? line.state, delivered: states.value.includes('delivered') };
  });
  await updateOrderLines(
    trx,
    locked.orderId,
    changes.map(({ line, state, delivered }) => ({
      lineNumber: line.lineNumber,
      state,
      shippedAt: now,
      deliveredAt: delivered ? now : null,
      cancelledAt: null,
    })),
  );
  const delivered = changes.filter((change) => change.delivered).map((change) => change.line);
  await deliverLines(context, delivered);
  await recordDeliveries(context, 'shipOrder', delivered);
  const waiting = changes.filter(({ line, state }) => state === 'on-hold' && closed.has(line.accountId));
  await noteOrders(
    context,
    waiting.map(({ line }) => line),
    'wait',
  );
  const order = await readOrder(context, locked.orderId);
  return {
    answer: { order },
    event: {
      accountId: null,
      objectKind: 'order',
      objectId: order.orderNumber,
      message: `shipped ${linesOf(lines.length)} of order ${order.orderNumber}, ${delivered.length} of them delivered`,
      before: lines.map(({ lineNumber, state }) => ({ lineNumber, state })),
      after: changes.map(({ line, state }) => ({ lineNumber: line.lineNumber, state })),
    },
  };
}

function whyNotShipped(line: LockedLine, facts: ShippingFacts): string | null {
  const decision = shipLine(facts);
  if (decision.ok) return null;
  if (line.state === 'shipped' && !mayUseLicenses(line.accountKind)) {
    return `Line ${line.lineNumber} has shipped and is held at ${line.accountName}.`;
  }
  const why = line.accountActive ? 'has not accepted an agreement in time' : 'is not active';
  return line.state === 'on-hold'
    ? `Line ${line.lineNumber} is on hold: the account ${line.accountName} ${why}.`
    : `Line ${line.lineNumber} is ${line.state} and cannot be shipped.`;
}
