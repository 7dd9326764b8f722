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
import { type DeliveredLot, deliveredLots, lotsNow, type MovedLot, movedLots } from './trace-rows.ts';

type Trace = AnswerOf<typeof getAccountOrderOperation>;
type TraceEntry = Trace['timeline'][number];

/**
 * The whole order, for the publisher's staff: what was delivered where, and whether it was moved since. What the account did
 * with its licenses is the account's to know.
 */
export async function traceOrder(
  context: Context,
  { params }: Input<typeof getOrderOperation>,
): Promise<AnswerOf<typeof getOrderOperation>> {
  const { trx } = context;
  const found = await requireOrder(context, params.orderNumber, null);
  const lineNumbers = found.order.lines.map(({ lineNumber }) => lineNumber);
  const lots = await deliveredLots(trx, found.orderId);
  const moved = await movedLots(trx, found.orderId, lineNumbers, null, deskKinds);
  const lineOf = new Map(found.order.lines.map((line) => [line.lineNumber, line]));
  const entries = [
    ...deskEntries(moved, lineOf),
    ...lots.filter(({ movedSince }) => movedSince).map(leftEntry),
  ];
  return {
    order: found.order,
    timeline: timelineOf(found, entries),
    deliveries: lots.map((lot) => ({
      ...lot,
      deliveredAt: lot.deliveredAt.toString(),
      virtualAccountPath: lineOf.get(lot.lineNumber)?.virtualAccountPath ?? [],
    })),
  };
}

/** The lines of an order that go to virtual accounts the caller may see, and what became of them there. */
export async function traceAccountOrder(
  context: Context,
  { params }: Input<typeof getAccountOrderOperation>,
): Promise<Trace> {
  const { accountId, orderNumber } = params;
  const scope = scopeOf(context, accountId, 'view-inventory');
  const found = await requireOrder(context, orderNumber, { accountId, scope });
  const lineNumbers = found.order.lines.map(({ lineNumber }) => lineNumber);
  const moved = await movedLots(context.trx, found.orderId, lineNumbers, scope);
  return {
    order: found.order,
    timeline: timelineOf(found, moved.map(entryOf)),
    whereNow: await lotsNow(context.trx, found.orderId, lineNumbers, scope),
  };
}

async function requireOrder(
  context: Context,
  orderNumber: string,
  choice: LineChoice | null,
): Promise<OrderRead> {
  const found = await findOrder(context, { orderNumber }, choice);
  if (found === undefined) throw notFound('order');
  return found;
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

function timelineOf({ order, cancelledAt }: OrderRead, ofLots: readonly TraceEntry[]): TraceEntry[] {
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
  entries.push(...ofLots);
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

/** Movements of which the publisher's staff hear. */
const deskKinds = ['deposit', 'correct', 'start', 'expire'] as const;

/**
 * What the staff are told of an order's lots: that they came in, where the order says, what staff corrected, and when a term
 * began or ended; nothing that the account did, nor where.
 */
function deskEntries(
  moved: readonly MovedLot[],
  lineOf: ReadonlyMap<number, { virtualAccountPath: string[] }>,
): TraceEntry[] {
  const told = new Map<string, TraceEntry>();
  for (const lot of moved) {
    if (lot.kind === 'transfer') continue;
    const what = lot.licenseName;
    const sentences: Record<Exclude<MovedLot['kind'], 'transfer' | 'deposit'>, string> = {
      correct: `${lot.quantity} ${what} ${lot.toPath === null ? 'withdrawn' : 'added'}: ${lot.reason}`,
      start: `The term of ${what} started.`,
      expire: `The term of ${what} ended.`,
    };
    const path = lineOf.get(lot.lineNumber)?.virtualAccountPath ?? [];
    const entry =
      lot.kind === 'deposit'
        ? entryOf({ ...lot, toPath: path })
        : { ...entryOf(lot), sentence: sentences[lot.kind], virtualAccountPath: null };
    // A term begins and ends in every virtual account that has some of the lot; how many there are is the account's to know.
    const isTurn = lot.kind === 'start' || lot.kind === 'expire';
    told.set(`${lot.movementId} ${lot.lineNumber} ${lot.tag}`, isTurn ? { ...entry, quantity: null } : entry);
  }
  return [...told.values()];
}

/** When, how much and whereto is the account's to know: so it stands with the delivery. */
function leftEntry({ lineNumber, licenseName, tag, deliveredAt }: DeliveredLot): TraceEntry {
  return {
    ...nothing,
    at: deliveredAt.toString(),
    kind: 'moved',
    lineNumber,
    sentence: `The account has moved some of this ${licenseName} since.`,
    licenseName,
    tag,
  };
}
