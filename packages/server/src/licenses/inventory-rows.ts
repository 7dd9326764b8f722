import type { inventoryRow } from '@estover/protocol';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import type { VirtualAccountScope } from '../access/scope.ts';
import type { Trx } from '../database/database.ts';
import { likeText } from '../database/like-text.ts';
import type { CursorValues } from '../edge/paging.ts';
import type { PoolState } from './pools-store.ts';

export type InventoryRow = z.output<typeof inventoryRow>;

/** What of the inventory is asked for, rights and place already being in the scope. */
export interface InventoryFilter {
  readonly by: 'pool' | 'license';
  readonly search?: string | undefined;
  readonly tag?: string | undefined;
  readonly state?: PoolState | undefined;
  readonly family?: string | undefined;
  readonly endingWithinDays?: number | undefined;
  readonly trouble?: boolean | undefined;
  readonly licenseId?: string | undefined;
}

export type InventorySort = 'license' | 'balance' | 'inUse' | 'owned';

/** Of rows with trouble, those of which something ends within so many days. */
export const troubleDays = 90;

/** A row as the database gives it: numbers of a pool, or of all pools of a license in the scope. */
export interface InventoryRecord {
  readonly licenseId: string;
  readonly virtualAccountId: string | null;
  readonly tag: string;
  readonly licenseName: string;
  readonly family: string;
  readonly enforcement: string;
  readonly virtualAccountPath: string[] | null;
  readonly pending: number;
  readonly available: number;
  readonly reserved: number;
  readonly held: number;
  readonly expired: number;
  readonly inUse: number;
  readonly lent: number;
  readonly borrowed: number;
  readonly owned: number;
  readonly balance: number;
  readonly state: PoolState;
  readonly pools: number;
  readonly poolsShort: number;
  readonly short: number;
  readonly shortSince: Temporal.Instant | null;
  readonly nextEndsAt: Temporal.Instant | null;
  readonly nextQuantity: number | null;
  readonly billing: ('prepaid' | 'usage')[];
  readonly openAlerts: number;
  readonly sortValue: number;
  readonly sortName: string;
  readonly sortPlace: string;
  readonly total: number;
}

/**
 * The inventory at present from the stored pools, in one query: groups, filters, sorts and pages, and reads what the
 * counters do not say (ends, billing, alerts) for the rows of the page alone.
 */
export async function presentRows(
  trx: Trx,
  accountId: string,
  scope: VirtualAccountScope,
  filter: InventoryFilter,
  page: { sort: InventorySort; descending: boolean; after: CursorValues | null; rows: number },
  now: Temporal.Instant,
): Promise<InventoryRecord[]> {
  const byPool = filter.by === 'pool';
  const direction = sql.raw(page.descending ? 'desc' : 'asc');
  const order = ['sort_value', 'sort_name', 'license_id', 'sort_place', 'place_key'].map(
    (column) => sql`r.${sql.ref(column)} ${direction}`,
  );
  const { rows } = await sql<InventoryRecord>`
    with grouped as (
      select ${byPool ? eachPool : sumOfPools}
        from pools p
       where p.account_id = ${accountId} and ${scope.includes(sql`p.virtual_account_id`)}
         and p.pending + p.available + p.reserved + p.held + p.expired + p.in_use > 0
         and ${filter.licenseId === undefined ? sql`true` : sql`p.license_id = ${filter.licenseId}`}
       ${byPool ? sql`` : sql`group by p.license_id`}),
    listed as (
      select g.*, l.tag, l.name, l.family, l.enforcement, lower(l.name) as sort_name,
             lower(coalesce(v.name, '')) as sort_place, coalesce(g.place::text, '') as place_key,
             g.available + g.borrowed - g.lent - g.in_use as balance,
             g.available + g.reserved + g.held as owned,
             (${sortValue(page.sort)})::bigint as sort_value
        from grouped g
        join licenses l using (license_id)
        left join virtual_accounts v on v.account_id = ${accountId} and v.virtual_account_id = g.place
       where ${conditions(accountId, scope, filter, now)}),
    page as materialized (
      select r.* from listed r where ${afterCursor(page.after, page.descending)}
       order by ${sql.join(order)} limit ${page.rows}),
    ${pageDetails(accountId, scope, byPool, now)}
    select r.license_id as "licenseId", r.place as "virtualAccountId", r.tag, r.name as "licenseName", r.family,
           r.enforcement, virtual_account_path(${accountId}, r.place) as "virtualAccountPath",
           r.pending, r.available, r.reserved, r.held, r.expired, r.in_use as "inUse", r.lent, r.borrowed, r.owned,
           r.balance, r.state, r.pools, r.pools_short as "poolsShort", r.short, r.short_since as "shortSince",
           next.ends_at as "nextEndsAt", next.quantity as "nextQuantity", coalesce(billed.kinds, '{}') as billing,
           coalesce(alerted.open, 0) as "openAlerts", r.sort_value as "sortValue", r.sort_name as "sortName",
           r.sort_place as "sortPlace", (select count(*) from listed) as total
      from page r
      left join next on next.license_id = r.license_id and next.place is not distinct from r.place
      left join billed on billed.license_id = r.license_id and billed.place is not distinct from r.place
      left join alerted on alerted.license_id = r.license_id and alerted.place is not distinct from r.place
     order by ${sql.join(order)}`.execute(trx);
  return rows;
}

const eachPool = sql`
  p.license_id, p.virtual_account_id as place, p.pending, p.available, p.reserved, p.held, p.expired, p.in_use, p.lent,
  p.borrowed, 1::bigint as pools, (p.state = 'out-of-compliance')::int as pools_short,
  case when p.state = 'out-of-compliance' then p.lent + p.in_use - p.available - p.borrowed else 0 end as short,
  p.short_since, p.state`;

const sumOf = (column: string) => sql`total(p.${sql.ref(column)}) as ${sql.ref(column)}`;

const sumOfPools = sql`
  p.license_id, null::uuid as place, ${sumOf('pending')}, ${sumOf('available')}, ${sumOf('reserved')}, ${sumOf('held')},
  ${sumOf('expired')}, ${sumOf('in_use')}, ${sumOf('lent')}, ${sumOf('borrowed')}, count(*) as pools,
  count(*) filter (where p.state = 'out-of-compliance') as pools_short,
  total(p.lent + p.in_use - p.available - p.borrowed) filter (where p.state = 'out-of-compliance') as short,
  min(p.short_since) as short_since,
  case when bool_or(p.state = 'out-of-compliance') then 'out-of-compliance'
       when bool_or(p.state = 'overage') then 'overage' else 'in-compliance' end as state`;

/**
 * CTEs for what the counters do not say of the rows of the page: `next` (what ends next), `billed` and `alerted`. In
 * the whole account a license's lots are walked in the order of their ends until one has units available; anywhere
 * else what lies in the scope is read once for all rows.
 */
function pageDetails(
  accountId: string,
  scope: VirtualAccountScope,
  byPool: boolean,
  now: Temporal.Instant,
): RawBuilder<unknown> {
  const alerted = sql`alerted as (
      select a.license_id, ${byPool ? sql`a.virtual_account_id` : sql`null::uuid`} as place, count(*) as open
        from alerts a
       where a.account_id = ${accountId} and a.resolved_at is null and a.license_id in (select license_id from page)
         and (a.snoozed_until is null or a.snoozed_until <= ${now}::timestamptz)
         and ${scope.includes(sql`a.virtual_account_id`)}
       group by 1, 2)`;
  if (!byPool && scope.everything) {
    const holds = (state: RawBuilder<unknown>) => sql`exists (
              select 1 from holdings h
               where h.account_id = lot.account_id and h.lot_id = lot.lot_id and h.quantity > 0 and ${state})`;
    const isAvailable = holds(sql`h.state = 'available'`);
    const ofBilling = sql`lot.account_id = ${accountId} and lot.license_id = page.license_id and lot.billing = kind.billing`;
    return sql`
    first_end as (
      select page.license_id, min(lots.ends_at) as ends_at
        from page cross join (values ('prepaid'), ('usage')) as kind (billing)
       cross join lateral (
             select lot.ends_at from lots lot
              where ${ofBilling} and lot.ends_at > ${now}::timestamptz and ${isAvailable}
              order by lot.ends_at limit 1) lots
       group by 1),
    next as (
      select e.license_id, null::uuid as place, e.ends_at, total(h.quantity) as quantity
        from first_end e
        join lots lot on lot.account_id = ${accountId} and lot.license_id = e.license_id and lot.ends_at = e.ends_at
        join holdings h on h.account_id = lot.account_id and h.lot_id = lot.lot_id
       where h.state = 'available' and h.quantity > 0
       group by 1, 3),
    billed as (
      select page.license_id, null::uuid as place, array_agg(kind.billing) as kinds
        from page cross join (values ('prepaid'), ('usage')) as kind (billing)
       where exists (select 1 from lots lot where ${ofBilling} and ${holds(sql`true`)})
       group by 1),
    ${alerted}`;
  }
  const place = byPool ? sql`h.virtual_account_id` : sql`null::uuid`;
  const inPage = byPool
    ? sql`(h.license_id, h.virtual_account_id) in (select license_id, place from page)`
    : sql`h.license_id in (select license_id from page) and ${scope.includes(sql`h.virtual_account_id`)}`;
  return sql`
    here as materialized (
      select h.license_id, ${place} as place, lot.billing,
             case when h.state = 'available' and lot.ends_at > ${now}::timestamptz then lot.ends_at end as ends_at,
             total(h.quantity) as quantity
        from holdings h join lots lot on lot.account_id = h.account_id and lot.lot_id = h.lot_id
       where h.account_id = ${accountId} and h.quantity > 0 and ${inPage}
       group by 1, 2, 3, 4),
    next as (
      select distinct on (license_id, place) license_id, place, ends_at, total(quantity) as quantity
        from here where ends_at is not null group by license_id, place, ends_at order by license_id, place, ends_at),
    billed as (
      select license_id, place, array_agg(distinct billing) as kinds from here group by 1, 2),
    ${alerted}`;
}

function sortValue(sort: InventorySort): RawBuilder<unknown> {
  switch (sort) {
    case 'license':
      return sql`0`;
    case 'balance':
      return sql`g.available + g.borrowed - g.lent - g.in_use`;
    case 'inUse':
      return sql`g.in_use`;
    case 'owned':
      return sql`g.available + g.reserved + g.held`;
  }
}

function afterCursor(after: CursorValues | null, descending: boolean): RawBuilder<unknown> {
  if (after === null) return sql`true`;
  const [value, name, licenseId, place, placeKey] = after;
  return sql`(r.sort_value, r.sort_name, r.license_id, r.sort_place, r.place_key)
    ${sql.raw(descending ? '<' : '>')} (${value}::bigint, ${name}::text, ${licenseId}::uuid, ${place}::text, ${placeKey}::text)`;
}

function conditions(
  accountId: string,
  scope: VirtualAccountScope,
  { by, search, tag, state, family, endingWithinDays, trouble }: InventoryFilter,
  now: Temporal.Instant,
): RawBuilder<unknown> {
  const isByPool = sql`(g.license_id, g.place)`;
  const endsWithin = (days: number) => sql`${by === 'pool' ? isByPool : sql`g.license_id`} in (
    select h.license_id ${by === 'pool' ? sql`, h.virtual_account_id` : sql``}
      from lots lot join holdings h on h.account_id = lot.account_id and h.lot_id = lot.lot_id
     where lot.account_id = ${accountId} and lot.ends_at > ${now}::timestamptz
       and lot.ends_at <= ${now.add({ hours: days * 24 })}::timestamptz
       and h.state = 'available' and h.quantity > 0 and ${scope.includes(sql`h.virtual_account_id`)})`;
  const all: RawBuilder<unknown>[] = [sql`true`];
  if (search !== undefined && search !== '') {
    const text = likeText(search);
    all.push(sql`(l.name ilike ${text} or l.tag ilike ${text} or l.family ilike ${text})`);
  }
  if (tag !== undefined) all.push(sql`l.tag = ${tag}`);
  if (state !== undefined) all.push(sql`g.state = ${state}`);
  if (family !== undefined) all.push(sql`l.family = ${family}`);
  if (endingWithinDays !== undefined) all.push(endsWithin(endingWithinDays));
  if (trouble === true) all.push(sql`(g.state = 'out-of-compliance' or ${endsWithin(troubleDays)})`);
  return sql.join(all, sql` and `);
}

/** The row as the API shows it. */
export function answerOf(record: InventoryRecord): InventoryRow {
  const { pending, available, reserved, held, expired, inUse, lent, borrowed, owned, balance, state } =
    record;
  return {
    owned,
    pending,
    available,
    reserved,
    held,
    expired,
    inUse,
    lent,
    borrowed,
    balance,
    state,
    tag: record.tag,
    licenseName: record.licenseName,
    family: record.family,
    enforcement: record.enforcement,
    billing: record.billing,
    virtualAccountId: record.virtualAccountId,
    virtualAccountPath: record.virtualAccountPath ?? [],
    pools: record.pools,
    poolsShort: record.poolsShort,
    short: record.short,
    shortSince: record.shortSince?.toString() ?? null,
    nextEnd:
      record.nextEndsAt === null || record.nextQuantity === null
        ? null
        : { endsAt: record.nextEndsAt.toString(), quantity: record.nextQuantity },
    openAlerts: record.openAlerts,
  };
}

/** Where a row stands in its list, for the cursor. */
export const placeInList = (record: InventoryRecord): CursorValues => [
  record.sortValue,
  record.sortName,
  record.licenseId,
  record.sortPlace,
  record.virtualAccountId ?? '',
];
