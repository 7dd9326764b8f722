import { z } from 'zod';
import { amount, balance, instant, quantity, tag, uuid } from '../shapes.ts';

export const poolState = z.enum(['in-compliance', 'overage', 'out-of-compliance']);

/** When a quantity may be used. `endsAt` is exclusive. */
export const term = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('perpetual') }),
  z.object({ kind: z.literal('term'), startsAt: instant, endsAt: instant }),
  z.object({ kind: z.literal('demo'), startsAt: instant, endsAt: instant }),
]);

/** The numbers of a pool. balance = available + borrowed − lent − inUse. */
export const poolNumbers = z.object({
  /** available + reserved + held: what is owned and has started and not ended. */
  owned: amount,
  pending: amount,
  available: amount,
  reserved: amount,
  held: amount,
  expired: amount,
  inUse: amount,
  lent: amount,
  borrowed: amount,
  balance,
  state: poolState,
});

/** One row of the inventory: a pool (`by=pool`), or a license summed over virtual accounts (`by=license`). */
export const inventoryRow = poolNumbers.extend({
  tag,
  licenseName: z.string(),
  family: z.string(),
  enforcement: z.string(),
  billing: z.array(z.enum(['prepaid', 'usage'])),
  /** Null where the row sums several virtual accounts. */
  virtualAccountId: uuid.nullable(),
  virtualAccountPath: z.array(z.string()),
  pools: amount,
  poolsShort: amount,
  /** Units missing, over the row's pools out of compliance; surplus elsewhere does not hide it. */
  short: amount,
  shortSince: instant.nullable(),
  /** The next end of a term among what is available, with the quantity that ends then. */
  nextEnd: z.object({ endsAt: instant, quantity: amount }).nullable(),
  openAlerts: amount,
});

export const lotSource = z.object({
  kind: z.enum(['order', 'conversion', 'correction', 'asset-transfer']),
  orderNumber: z.string().nullable(),
  lineNumber: z.int().nullable(),
});

/** A lot as far as it lies in the virtual accounts looked at. */
export const lotHere = z.object({
  lotId: uuid,
  virtualAccountId: uuid,
  virtualAccountPath: z.array(z.string()),
  source: lotSource,
  sku: z.string().nullable(),
  subscriptionId: z.string().nullable(),
  term,
  billing: z.enum(['prepaid', 'usage']),
  /** Delivered in the whole account. */
  delivered: amount,
  pending: amount,
  available: amount,
  reserved: amount,
  held: amount,
  expired: amount,
});

/** What made a pool short, newest first. */
export const cause = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('use-raised'),
    at: instant,
    instanceId: uuid,
    displayName: z.string(),
    from: amount,
    to: amount,
  }),
  z.object({
    kind: z.literal('moved-away'),
    at: instant,
    movementId: uuid,
    quantity: amount,
    toVirtualAccountPath: z.array(z.string()),
    by: z.string(),
  }),
  z.object({
    kind: z.literal('expired'),
    at: instant,
    lotId: uuid,
    quantity: amount,
    orderNumber: z.string().nullable(),
  }),
  z.object({
    kind: z.literal('corrected'),
    at: instant,
    movementId: uuid,
    quantity: amount,
    reason: z.string(),
  }),
  z.object({ kind: z.literal('held'), at: instant, movementId: uuid, quantity: amount }),
  z.object({ kind: z.literal('surplus-gone'), at: instant, tag, licenseName: z.string(), quantity: amount }),
]);

/** Something that ends the shortage, or part of it; the shortest first. */
export const fix = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('transfer'),
    tag,
    fromVirtualAccountId: uuid,
    fromVirtualAccountPath: z.array(z.string()),
    quantity,
    /** What stays spare at the source. */
    keeps: amount,
    /** Whether this transfer alone ends the shortage. */
    complete: z.boolean(),
  }),
  z.object({
    kind: z.literal('release-instances'),
    quantity,
    instances: z.array(
      z.object({
        instanceId: uuid,
        displayName: z.string(),
        count: amount,
        lastContactAt: instant.nullable(),
      }),
    ),
    complete: z.boolean(),
  }),
  z.object({
    kind: z.literal('order'),
    /** Licenses that are missing. */
    quantity,
    /** What could be ordered instead of one another, the closest first; `units` of it are enough. */
    skus: z.array(z.object({ sku: z.string(), name: z.string(), units: quantity })),
  }),
]);

/** Why a pool is out of compliance, since when, through whom, and the shortest ways out. */
export const explanation = z.object({
  shortBy: amount,
  since: instant,
  causes: z.array(cause),
  fixes: z.array(fix),
});

export const movementKind = z.enum([
  'deposit',
  'transfer',
  'reserve',
  'return-reservation',
  'authorize',
  'return-authorization',
  'hold',
  'post',
  'void',
  'expire',
  'start',
  'convert-in',
  'correct',
  // With a virtual account that went to another account, or came from one.
  'carry-out',
  'carry-in',
]);

/** One line of a movement: so many of a lot left or entered a place. */
export const movementEntry = z.object({
  lotId: uuid,
  tag,
  licenseName: z.string(),
  /** Null for the outside: where deposits come from and corrections go. */
  virtualAccountId: uuid.nullable(),
  virtualAccountPath: z.array(z.string()),
  state: z.string(),
  delta: z.int(),
});

export const movement = z.object({
  movementId: uuid,
  kind: movementKind,
  at: instant,
  reason: z.string(),
  by: z.string(),
  requestId: z.string().nullable(),
  orderNumber: z.string().nullable(),
  undoOf: uuid.nullable(),
  undoneBy: uuid.nullable(),
  /** Until when a transfer can be undone; null for what cannot. */
  undoableUntil: instant.nullable(),
  entries: z.array(movementEntry),
});

export const precedence = z.enum(['longest-term-first', 'shortest-term-first']);

export const transferLine = z.strictObject({
  tag,
  quantity,
  precedence: precedence.optional(),
  /** Named lots instead of a precedence; their quantities must add up to `quantity`. */
  lots: z
    .array(z.strictObject({ lotId: uuid, quantity }))
    .min(1)
    .max(200)
    .optional(),
});

/** A pool before and after, for dry runs and answers. */
export const poolEffect = z.object({
  virtualAccountId: uuid,
  virtualAccountPath: z.array(z.string()),
  tag,
  licenseName: z.string(),
  before: poolNumbers,
  after: poolNumbers,
  /** What would end a shortage that this causes; empty if it causes none. */
  fixes: z.array(fix),
});

export const transferResult = z.object({
  movement,
  effects: z.array(poolEffect),
  /** Pools that fall out of compliance through this. */
  newlyShort: amount,
  /** Pools that come back into compliance. */
  newlyCompliant: amount,
});
