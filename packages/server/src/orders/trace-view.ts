import { describeDeliveryCondition } from '@estover/domain/orders';
import type {
  AnswerOf,
  getAccountOrder as getAccountOrderOperation,
  getOrder as getOrderOperation,
} from '@estover/protocol';
import { scopeOf } from '../access/scope.ts';
import type { Context } from '../edge/context.ts';
import type { Input } from '../edge/operation.ts';
import { notFound } from '../edge/refused.ts';
import { findOrder, type LineChoice, type OrderRead } from './order-view.ts';
import { lotsNow, type MovedLot, movedLots } from './trace-rows.ts';

type Trace = AnswerOf<typeof getOrderOperation>;
type TraceEntry = Trace['timeline'][number];

/**
 * The whole order, for the publisher's staff: where its licenses are and how much is in use. Which product instances use
 * them is the customer's to know.
 */
export async function traceOrder(
  context: Context,
  { params }: Input<typeof getOrderOperation>,
): Promise<Trace> {
  const whole = await trace(context, params.orderNumber, null);
  return { ...whole, whereNow: whole.whereNow.map((place) => ({ ...place, usedBy: [] })) };
}

/** The lines of an order that go to virtual accounts the caller may see, and what became of them there. */
export function traceAccountOrder(
  context: Context,
  { params }: Input<typeof getAccountOrderOperation>,
): Promise<Trace> {
  const { accountId, orderNumber } = params;
  return trace(context, orderNumber, {
    accountId,
    scope: scopeOf(context, accountId, 'view-inventory'),
  });
}

async function trace(context: Context, orderNumber: string, choice: LineChoice | null): Promise<Trace> {
  const found = await findOrder(context, { orderNumber }, choice);
  if (found === undefined) throw notFound('order');
  const lineNumbers = found.order.lines.map((line) => line.lineNumber);
  const scope = choice?.scope ?? null;
  const moved = await movedLots(context.trx, found.orderId, lineNumbers, scope);
  return {
    order: found.order,
    timeline: timelineOf(found, moved),
    whereNow: await lotsNow(context.trx, found.orderId, lineNumbers, scope),
  };
}

/** What comes first where several things happened at one instant. */
const rank: Record<TraceEntry['kind'], number> = {
  ordered: 0,
  booked: 1,
  shipped: 2,
  'on-hold': 3,
  held: 3,
  delivered: 4,
  started: 5,
  moved: 6,
  corrected: 7,
  expired: 8,
  cancelled: 9,
};

function timelineOf({ order, cancelledAt }: OrderRead, moved: readonly MovedLot[]): TraceEntry[] {
  const entries: TraceEntry[] = [
    {
      ...nothing,
      at: order.orderedAt,
      kind: 'ordered',
      sentence: `${order.buyer} ordered.`,
      by: order.buyer,
    },
  ];
  for (const line of order.lines) {
    const what = `${line.quantity} × ${line.sku}`;
    const about = {
      ...nothing,
      lineNumber: line.lineNumber,
      quantity: line.quantity,
      virtualAccountPath: line.virtualAccountPath,
    };
    const where = `${line.virtualAccountPath.join(' / ')} of ${line.accountName}`;
    const rule = line.deliveryRule;
    const chosen =
      rule === null ? '' : ` Delivery rule ${rule.position} took it: ${describeDeliveryCondition(rule)}.`;
    const booked = `${what} booked for ${where}.${chosen}`;
    entries.push({ ...about, at: line.bookedAt, kind: 'booked', sentence: booked });
    if (line.shippedAt !== null) {
      entries.push({ ...about, at: line.shippedAt, kind: 'shipped', sentence: `${what} shipped.` });
    }
    if (line.waitsFor !== null) {
      const { kind, sentence } = line.waitsFor;
      entries.push({
        ...about,
        at: line.shippedAt ?? line.bookedAt,
        kind: kind === 'reassignment' ? 'held' : 'on-hold',
        sentence:
          kind === 'reassignment' ? `${what} held at ${line.accountName}.` : `${what} on hold: ${sentence}`,
      });
    }
    const cancelled = cancelledAt.get(line.lineNumber);
    if (cancelled !== undefined) {
      entries.push({ ...about, at: cancelled.toString(), kind: 'cancelled', sentence: `${what} cancelled.` });
    }
  }
  entries.push(...moved.map(entryOf));
  return entries
    .map((entry) => ({ entry, at: Temporal.Instant.from(entry.at) }))
    .sort(
      (left, right) =>
        Temporal.Instant.compare(left.at, right.at) ||
        rank[left.entry.kind] - rank[right.entry.kind] ||
        (left.entry.lineNumber ?? 0) - (right.entry.lineNumber ?? 0),
    )
    .map(({ entry }) => entry);
}

const nothing = {
  lineNumber: null,
  quantity: null,
  licenseName: null,
  tag: null,
  virtualAccountPath: null,
  by: null,
};

/** A place as the caller may know it. */
const placeOf = (path: readonly string[] | null): string =>
  path === null ? 'a virtual account you may not see' : path.join(' / ');

function entryOf(lot: MovedLot): TraceEntry {
  const what = `${lot.quantity} ${lot.licenseName}`;
  const entry = (kind: TraceEntry['kind'], path: string[] | null, sentence: string): TraceEntry => ({
    at: lot.at.toString(),
    kind,
    lineNumber: lot.lineNumber,
    sentence,
    quantity: lot.quantity,
    licenseName: lot.licenseName,
    tag: lot.tag,
    virtualAccountPath: path,
    by: lot.by,
  });
  switch (lot.kind) {
    case 'deposit':
      return entry('delivered', lot.toPath, `${what} delivered to ${placeOf(lot.toPath)}.`);
    case 'transfer':
      return entry(
        'moved',
        lot.toPath,
        `${what} moved from ${placeOf(lot.fromPath)} to ${placeOf(lot.toPath)} by ${lot.by}.`,
      );
    case 'correct':
      return lot.toPath === null
        ? entry('corrected', lot.fromPath, `${what} withdrawn from ${placeOf(lot.fromPath)}: ${lot.reason}`)
        : entry('corrected', lot.toPath, `${what} added in ${placeOf(lot.toPath)}: ${lot.reason}`);
    case 'start':
      return entry('started', lot.toPath, `The term of ${what} in ${placeOf(lot.toPath)} started.`);
    case 'expire':
      return entry('expired', lot.toPath, `The term of ${what} in ${placeOf(lot.toPath)} ended.`);
  }
}
