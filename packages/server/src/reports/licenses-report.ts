import type { downloadLicensesReport, inventoryRow } from '@estover/protocol';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import { chosenScope, type VirtualAccountScope } from '../access/scope.ts';
import type { Context } from '../edge/context.ts';
import type { Input } from '../edge/operation.ts';
import { inventory } from '../licenses/index.ts';
import { cursorBatches } from './cursor-batches.ts';
import { type ColumnOf, type Report, rowsOf } from './report.ts';
import { containsText, virtualAccountPaths } from './virtual-account-paths.ts';

/** A pool, or a license summed over the virtual accounts of the set; instants as the database gives them. */
interface LicenseRecord
  extends Omit<z.output<typeof inventoryRow>, 'shortSince' | 'nextEnd' | 'virtualAccountId'> {
  shortSince: Temporal.Instant | null;
  nextEndsAt: Temporal.Instant | null;
  nextQuantity: number | null;
}

const columns: readonly ColumnOf<LicenseRecord>[] = [
  { key: 'licenseName', title: 'License', width: 32, value: (row) => row.licenseName },
  { key: 'tag', title: 'Entitlement tag', width: 40, value: (row) => row.tag },
  { key: 'family', title: 'Family', width: 16, value: (row) => row.family },
  { key: 'enforcement', title: 'Enforcement', width: 16, value: (row) => row.enforcement },
  { key: 'billing', title: 'Billing', width: 12, value: (row) => row.billing },
  { key: 'virtualAccountPath', title: 'Virtual account', width: 32, value: (row) => row.virtualAccountPath },
  { key: 'state', title: 'State', width: 18, value: (row) => row.state },
  { key: 'owned', title: 'Owned', width: 10, value: (row) => row.owned },
  { key: 'available', title: 'Available', width: 10, value: (row) => row.available },
  { key: 'reserved', title: 'Reserved', width: 10, value: (row) => row.reserved },
  { key: 'held', title: 'Held', width: 10, value: (row) => row.held },
  { key: 'pending', title: 'Pending', width: 10, value: (row) => row.pending },
  { key: 'expired', title: 'Expired', width: 10, value: (row) => row.expired },
  { key: 'inUse', title: 'In use', width: 10, value: (row) => row.inUse },
  { key: 'borrowed', title: 'Borrowed', width: 14, value: (row) => row.borrowed },
  { key: 'lent', title: 'Lent', width: 14, value: (row) => row.lent },
  { key: 'balance', title: 'Balance', width: 10, value: (row) => row.balance },
  { key: 'short', title: 'Short by', width: 10, value: (row) => row.short },
  { key: 'shortSince', title: 'Short since (UTC)', width: 20, value: (row) => row.shortSince },
  { key: 'nextEndsAt', title: 'Next end (UTC)', width: 20, value: (row) => row.nextEndsAt },
  { key: 'nextEndQuantity', title: 'Ending then', width: 12, value: (row) => row.nextQuantity },
  { key: 'pools', title: 'Pools', width: 8, value: (row) => row.pools },
  { key: 'poolsShort', title: 'Pools short', width: 12, value: (row) => row.poolsShort },
  { key: 'openAlerts', title: 'Open alerts', width: 12, value: (row) => row.openAlerts },
];

/** The inventory of licenses: exactly the rows that the list shows with the same filters, in the order of names. */
export async function licensesReport(
  context: Context,
  { params: { accountId }, query }: Input<typeof downloadLicensesReport>,
): Promise<Report> {
  const scope = await chosenScope(context, accountId, 'view-inventory', query);
  const batches =
    query.asOf === undefined
      ? cursorBatches(context.trx, presentRows(accountId, scope, query, context.now))
      : otherInstant(context, accountId, query);
  return { name: 'licenses', title: 'Licenses', columns, batches: rowsOf(columns, batches) };
}

type Query = Input<typeof downloadLicensesReport>['query'];

/** Another instant than now is computed as a whole, by the view of the inventory itself. */
async function* otherInstant(
  context: Context,
  accountId: string,
  query: Query,
): AsyncGenerator<LicenseRecord[]> {
  const { format: _, ...filters } = query;
  const { items } = await inventory(context, {
    params: { accountId },
    query: { ...filters, sort: 'license', limit: Number.MAX_SAFE_INTEGER - 1 },
    body: undefined,
    contentType: '',
  });
  yield items.map(({ shortSince, nextEnd, ...row }) => ({
    ...row,
    shortSince: shortSince === null ? null : Temporal.Instant.from(shortSince),
    nextEndsAt: nextEnd === null ? null : Temporal.Instant.from(nextEnd.endsAt),
    nextQuantity: nextEnd?.quantity ?? null,
  }));
}

/** Of rows with trouble, those of which something ends within so many days; as in the list. */
const troubleDays = 90;

/** Stands for "all virtual accounts" where rows are summed by license, so that parts can be joined by equality. */
const everywhere = sql`'00000000-0000-0000-0000-000000000000'::uuid`;

/**
 * The present inventory in one query made for all rows: what belongs to a row is grouped once for all of them and
 * joined, where the list looks it up for the rows of its page.
 */
function presentRows(
  accountId: string,
  scope: VirtualAccountScope,
  query: Query,
  now: Temporal.Instant,
): RawBuilder<LicenseRecord> {
  const byPool = query.by === 'pool';
  const place = (table: string) => (byPool ? sql.ref(`${table}.virtual_account_id`) : everywhere);
  const inside = (table: string) =>
    sql`${sql.ref(`${table}.account_id`)} = ${accountId} and ${scope.includes(sql.ref(`${table}.virtual_account_id`))}`;
  const endsWithin = (days: number) => sql`ending.ends_at <= ${now.add({ hours: 24 * days })}::timestamptz`;
  return sql<LicenseRecord>`
    with grouped as (
      select p.license_id, ${place('p')} as place,
             sum(p.pending) as pending, sum(p.available) as available, sum(p.reserved) as reserved,
             sum(p.held) as held, sum(p.expired) as expired, sum(p.in_use) as in_use, sum(p.lent) as lent,
             sum(p.borrowed) as borrowed, count(*) as pools,
             count(*) filter (where p.state = 'out-of-compliance') as pools_short,
             coalesce(sum(p.lent + p.in_use - p.available - p.borrowed)
                        filter (where p.state = 'out-of-compliance'), 0) as short,
             min(p.short_since) as short_since,
             case when bool_or(p.state = 'out-of-compliance') then 'out-of-compliance'
                  when bool_or(p.state = 'overage') then 'overage' else 'in-compliance' end as state
        from pools p
       where ${inside('p')} and p.pending + p.available + p.reserved + p.held + p.expired + p.in_use > 0
       group by 1, 2),
    held_here as (
      select h.license_id, ${place('h')} as place, lot.billing,
             case when h.state = 'available' and lot.ends_at > ${now}::timestamptz then lot.ends_at end as ends_at,
             sum(h.quantity) as quantity
        from holdings h join lots lot on lot.account_id = h.account_id and lot.lot_id = h.lot_id
       where ${inside('h')} and h.quantity > 0
       group by 1, 2, 3, 4),
    ending as (
      select distinct on (license_id, place) license_id, place, ends_at, sum(quantity) as quantity
        from held_here where ends_at is not null
       group by license_id, place, ends_at
       order by license_id, place, ends_at),
    billed as (
      select license_id, place, array_agg(distinct billing) as kinds from held_here group by 1, 2),
    alerted as (
      select alert.license_id, ${place('alert')} as place, count(*) as open
        from alerts alert
       where ${inside('alert')} and alert.license_id is not null and alert.resolved_at is null
         and (alert.snoozed_until is null or alert.snoozed_until <= ${now}::timestamptz)
       group by 1, 2)
    select l.name as "licenseName", l.tag, l.family, l.enforcement, coalesce(billed.kinds, '{}') as billing,
           coalesce(va.path, '{}') as "virtualAccountPath", g.state,
           g.available + g.reserved + g.held as owned, g.available, g.reserved, g.held, g.pending, g.expired,
           g.in_use as "inUse", g.borrowed, g.lent, g.available + g.borrowed - g.lent - g.in_use as balance,
           g.short, g.short_since as "shortSince", ending.ends_at as "nextEndsAt",
           ending.quantity as "nextQuantity", g.pools, g.pools_short as "poolsShort",
           coalesce(alerted.open, 0) as "openAlerts"
      from grouped g
      join licenses l on l.license_id = g.license_id
      left join ${virtualAccountPaths(accountId)} va on va.virtual_account_id = g.place
      left join ending on ending.license_id = g.license_id and ending.place = g.place
      left join billed on billed.license_id = g.license_id and billed.place = g.place
      left join alerted on alerted.license_id = g.license_id and alerted.place = g.place
     where ${containsText(query.search, [sql.ref('l.name'), sql.ref('l.tag'), sql.ref('l.family')])}
       and ${query.tag === undefined ? sql`true` : sql`l.tag = ${query.tag}`}
       and ${query.state === undefined ? sql`true` : sql`g.state = ${query.state}`}
       and ${query.family === undefined ? sql`true` : sql`l.family = ${query.family}`}
       and ${query.endingWithinDays === undefined ? sql`true` : endsWithin(query.endingWithinDays)}
       and ${query.trouble === true ? sql`(g.state = 'out-of-compliance' or ${endsWithin(troubleDays)})` : sql`true`}
     order by lower(l.name), l.license_id, lower(coalesce(va.name, '')), g.place::text`;
}
