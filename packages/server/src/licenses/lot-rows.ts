import type { Billing, HoldingState, LedgerFacts, Lot, LotSource, Term } from '@estover/domain/licenses';
import { sql } from 'kysely';

/** Where a lot came from, as it is kept: of an order the line, of anything else only the kind. */
export type StoredSource = 'order' | 'conversion' | 'correction' | 'asset-transfer';

/** A lot as queries select it with {@link lotColumns}. */
export interface LotRow {
  readonly lotId: string;
  readonly licenseId: string;
  readonly sourceKind: StoredSource;
  readonly orderId: string | null;
  readonly orderNumber: string | null;
  readonly lineNumber: number | null;
  readonly sku: string | null;
  readonly subscriptionId: string | null;
  readonly billing: Billing;
  readonly termKind: Term['kind'];
  readonly startsAt: Temporal.Instant | null;
  readonly endsAt: Temporal.Instant | null;
  readonly delivered: number;
}

/** A lot's columns, of `lots l`. */
export const lotColumns = sql`
  l.lot_id as "lotId", l.license_id as "licenseId", l.source_kind as "sourceKind", l.order_id as "orderId",
  l.order_number as "orderNumber", l.line_number as "lineNumber", l.sku, l.subscription_id as "subscriptionId",
  l.billing, l.term_kind as "termKind", l.starts_at as "startsAt", l.ends_at as "endsAt", l.delivered`;

/** A holding with its lot, of `holdings h join lots l`. */
export interface HoldingRow extends LotRow {
  readonly virtualAccountId: string;
  readonly state: HoldingState;
  readonly quantity: number;
}

export const holdingColumns = sql`
  h.virtual_account_id as "virtualAccountId", h.state, h.quantity, ${lotColumns}`;

/** The term of a stored lot. */
export function termOf({ termKind, startsAt, endsAt }: LotRow): Term {
  if (termKind === 'perpetual') return { kind: 'perpetual' };
  if (startsAt === null || endsAt === null)
    throw new Error(`A ${termKind} lot without start and end is stored.`);
  return { kind: termKind, startsAt, endsAt };
}

const sourceKinds = {
  order: 'order',
  conversion: 'conversion',
  correction: 'adjustment',
  'asset-transfer': 'asset-transfer',
} as const satisfies Record<StoredSource, LotSource['kind']>;

/** The domain's lot of a stored one. */
export function lotFrom(row: LotRow): Lot {
  const reference = row.orderNumber === null ? row.lotId : `${row.orderNumber}/${row.lineNumber ?? ''}`;
  return {
    lotId: row.lotId,
    licenseId: row.licenseId,
    source: { kind: sourceKinds[row.sourceKind], reference },
    term: termOf(row),
    subscriptionId: row.subscriptionId ?? undefined,
    billing: row.billing,
  };
}

/** Facts for the domain's decisions: each lot once, and every holding. */
export function factsFrom(rows: readonly HoldingRow[]): LedgerFacts {
  const lots = new Map<string, Lot>();
  for (const row of rows) if (!lots.has(row.lotId)) lots.set(row.lotId, lotFrom(row));
  return {
    lots: [...lots.values()],
    holdings: rows.map(({ virtualAccountId, lotId, state, quantity }) => ({
      virtualAccountId,
      lotId,
      state,
      quantity,
    })),
  };
}
