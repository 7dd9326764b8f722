import { z } from 'zod';
import { amount, date, instant, orderNumber, quantity, sku, text, uuid } from '../shapes.ts';

export const orderLineState = z.enum(['booked', 'on-hold', 'shipped', 'delivered', 'cancelled', 'returned']);

/**
 * A line as it is asked for. The account is named by id or domain identifier, the virtual account by id or path; an account
 * that was only asked for by its identifier or the id of the request, and the line waits for it.
 */
export const newOrderLine = z.strictObject({
  sku,
  quantity,
  account: text(253),
  /** Id, or names from the top joined by ` / `; without it the account's delivery rules choose, or its default one. */
  virtualAccount: text(1000).optional(),
  /** A fixed first day of the term (UTC); without it the term starts on delivery (seed 003). */
  startDate: date.optional(),
  /** `shipped` delivers at once where the account is active. */
  state: z.enum(['booked', 'shipped']).default('shipped'),
});

export const newOrder = z.strictObject({
  orderNumber,
  buyer: text(200),
  /** When it was ordered; now if not given. */
  orderedAt: instant.optional(),
  lines: z.array(newOrderLine).min(1).max(1000),
});

const pattern = z.string().nullable();

/** What a delivery rule asks of an order line; null for whatever. A `*` in a pattern stands for any characters. */
export const deliveryCondition = z.object({ sku: pattern, tag: pattern, buyer: pattern });

/** A line of an account's delivery rules: the first whose patterns all match takes an order line. */
export const deliveryRule = deliveryCondition.extend({
  ruleId: uuid,
  /** 1 for the first. */
  position: z.int().min(1),
  /** Where the lines go; null where the caller may not see that virtual account. */
  virtualAccount: z.object({ virtualAccountId: uuid, path: z.array(z.string()) }).nullable(),
});

export const orderLine = z.object({
  lineNumber: z.int(),
  sku,
  productName: z.string(),
  quantity,
  state: orderLineState,
  /** What it waits for and a sentence that says so; null where it waits for nobody. */
  waitsFor: z
    .object({
      kind: z.enum(['account', 'agreement', 'account-request', 'contact', 'order-desk', 'reassignment']),
      sentence: z.string(),
    })
    .nullable(),
  accountId: uuid,
  accountName: z.string(),
  virtualAccountId: uuid.nullable(),
  virtualAccountPath: z.array(z.string()),
  /** The delivery rule that chose the virtual account, as it was then; null if the order named one or none matched. */
  deliveryRule: deliveryCondition.extend({ ruleId: uuid, position: z.int().min(1) }).nullable(),
  startDate: date.nullable(),
  bookedAt: instant,
  shippedAt: instant.nullable(),
  deliveredAt: instant.nullable(),
  /** End of the term once it is known. */
  endsAt: instant.nullable(),
});

export const order = z.object({
  orderNumber,
  buyer: z.string(),
  orderedAt: instant,
  lines: z.array(orderLine),
});

export const orderSummary = z.object({
  orderNumber,
  buyer: z.string(),
  orderedAt: instant,
  /** Names of the accounts the lines are for, in alphabetical order; 3 at most. */
  accounts: z.array(z.string()).max(3),
  lines: amount,
  units: amount,
  states: z.record(z.string(), amount),
});

/** One moment in an order's life, in words a buyer understands, with the facts beside it. */
export const traceEntry = z.object({
  at: instant,
  kind: z.enum([
    'ordered',
    'booked',
    'on-hold',
    'shipped',
    'held',
    'delivered',
    'cancelled',
    'moved',
    'corrected',
    'started',
    'expired',
  ]),
  lineNumber: z.int().nullable(),
  sentence: z.string(),
  quantity: amount.nullable(),
  licenseName: z.string().nullable(),
  tag: z.string().nullable(),
  virtualAccountPath: z.array(z.string()).nullable(),
  by: z.string().nullable(),
});

/** Where the licenses of an order are now, and how much of the pool they lie in is in use. */
export const whereNow = z.object({
  lineNumber: z.int(),
  lotId: uuid,
  tag: z.string(),
  licenseName: z.string(),
  virtualAccountId: uuid,
  virtualAccountPath: z.array(z.string()),
  state: z.enum(['pending', 'available', 'reserved', 'held', 'expired']),
  quantity: amount,
  poolInUse: amount,
  usedBy: z.array(z.object({ instanceId: uuid, displayName: z.string(), count: amount })),
});

export const orderTrace = z.object({
  order,
  timeline: z.array(traceEntry),
  whereNow: z.array(whereNow),
});

/** What came of a line, as the publisher's staff know it: where it was delivered, not where it went from there. */
export const delivery = z.object({
  lineNumber: z.int(),
  lotId: uuid,
  tag: z.string(),
  licenseName: z.string(),
  quantity: amount,
  deliveredAt: instant,
  virtualAccountId: uuid,
  /** As the order names it; `…` for a name that it does not name and that is not everybody's to read. */
  virtualAccountPath: z.array(z.string()),
  /** Whether the account has moved some of it since. */
  movedSince: z.boolean(),
});

/** An order as the publisher's staff trace it: what an account does with its licenses is the account's to know. */
export const deskOrderTrace = orderTrace.omit({ whereNow: true }).extend({ deliveries: z.array(delivery) });
