import type { downloadLicenseSubscriptionsReport } from '@estover/protocol';
import { sql } from 'kysely';
import { chosenScope } from '../access/scope.ts';
import type { Context } from '../edge/context.ts';
import type { Input } from '../edge/operation.ts';
import { cursorBatches } from './cursor-batches.ts';
import { type ColumnOf, type Report, rowsOf } from './report.ts';
import { containsText, virtualAccountPaths } from './virtual-account-paths.ts';

/** A lot with a term, as far as it lies in one virtual account. */
interface SubscriptionRecord {
  licenseName: string;
  tag: string;
  virtualAccountPath: string[];
  subscriptionId: string | null;
  sku: string | null;
  orderNumber: string | null;
  lineNumber: number | null;
  source: string;
  billing: string;
  termKind: string;
  startsAt: Temporal.Instant;
  endsAt: Temporal.Instant;
  delivered: number;
  pending: number;
  available: number;
  reserved: number;
  held: number;
  expired: number;
}

const columnsAt = (now: Temporal.Instant): readonly ColumnOf<SubscriptionRecord>[] => [
  { key: 'licenseName', title: 'License', width: 32, value: (row) => row.licenseName },
  { key: 'tag', title: 'Entitlement tag', width: 40, value: (row) => row.tag },
  { key: 'virtualAccountPath', title: 'Virtual account', width: 32, value: (row) => row.virtualAccountPath },
  { key: 'subscriptionId', title: 'Subscription', width: 20, value: (row) => row.subscriptionId },
  { key: 'sku', title: 'SKU', width: 20, value: (row) => row.sku },
  { key: 'orderNumber', title: 'Order', width: 16, value: (row) => row.orderNumber },
  { key: 'lineNumber', title: 'Order line', width: 10, value: (row) => row.lineNumber },
  { key: 'source', title: 'Source', width: 14, value: (row) => row.source },
  { key: 'billing', title: 'Billing', width: 12, value: (row) => row.billing },
  { key: 'termKind', title: 'Term', width: 10, value: (row) => row.termKind },
  { key: 'startsAt', title: 'Start (UTC)', width: 20, value: (row) => row.startsAt },
  { key: 'endsAt', title: 'End (UTC)', width: 20, value: (row) => row.endsAt },
  { key: 'daysLeft', title: 'Days left', width: 10, value: (row) => daysLeft(now, row.endsAt) },
  { key: 'pending', title: 'Pending', width: 10, value: (row) => row.pending },
  { key: 'available', title: 'Available', width: 10, value: (row) => row.available },
  { key: 'reserved', title: 'Reserved', width: 10, value: (row) => row.reserved },
  { key: 'held', title: 'Held', width: 10, value: (row) => row.held },
  { key: 'expired', title: 'Expired', width: 10, value: (row) => row.expired },
  { key: 'delivered', title: 'Delivered in the account', width: 22, value: (row) => row.delivered },
];

/** Whole days until the end, 0 on the last one and after it. */
const daysLeft = (now: Temporal.Instant, endsAt: Temporal.Instant): number =>
  Math.max(0, Math.floor((endsAt.epochMilliseconds - now.epochMilliseconds) / 86_400_000));

/** Every lot with a term in every virtual account that holds some of it; what ends first comes first. */
export async function licenseSubscriptionsReport(
  context: Context,
  { params: { accountId }, query }: Input<typeof downloadLicenseSubscriptionsReport>,
): Promise<Report> {
  const { trx, now } = context;
  const scope = await chosenScope(context, accountId, 'view-inventory', query);
  const ending =
    query.endingWithinDays === undefined
      ? sql`true`
      : sql`lot.ends_at > ${now}::timestamptz
            and lot.ends_at <= ${now.add({ hours: 24 * query.endingWithinDays })}::timestamptz`;
  const columns = columnsAt(now);
  const searched = ['l.name', 'l.tag', 'lot.subscription_id', 'lot.sku', 'lot.order_number'];
  const records = cursorBatches(
    trx,
    sql<SubscriptionRecord>`
      with here as (
        select h.lot_id, h.virtual_account_id,
               coalesce(sum(h.quantity) filter (where h.state = 'pending'), 0) as pending,
               coalesce(sum(h.quantity) filter (where h.state = 'available'), 0) as available,
               coalesce(sum(h.quantity) filter (where h.state = 'reserved'), 0) as reserved,
               coalesce(sum(h.quantity) filter (where h.state = 'held'), 0) as held,
               coalesce(sum(h.quantity) filter (where h.state = 'expired'), 0) as expired
          from holdings h
         where h.account_id = ${accountId} and h.quantity > 0 and ${scope.includes(sql.ref('h.virtual_account_id'))}
         group by 1, 2)
      select l.name as "licenseName", l.tag, va.path as "virtualAccountPath", lot.subscription_id as "subscriptionId",
             lot.sku, lot.order_number as "orderNumber", lot.line_number as "lineNumber", lot.source_kind as source,
             lot.billing, lot.term_kind as "termKind", lot.starts_at as "startsAt", lot.ends_at as "endsAt",
             lot.delivered, here.pending, here.available, here.reserved, here.held, here.expired
        from here
        join lots lot on lot.account_id = ${accountId} and lot.lot_id = here.lot_id
        join licenses l on l.license_id = lot.license_id
        join ${virtualAccountPaths(accountId)} va on va.virtual_account_id = here.virtual_account_id
       where lot.term_kind <> 'perpetual' and ${ending}
         and ${containsText(
           query.search,
           searched.map((column) => sql.ref(column)),
         )}
       order by lot.ends_at, lower(l.name), lot.lot_id, lower(va.name), here.virtual_account_id`,
  );
  return {
    name: 'license-subscriptions',
    title: 'License subscriptions',
    columns,
    batches: rowsOf(columns, records),
  };
}
