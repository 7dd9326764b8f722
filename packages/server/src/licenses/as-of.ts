import { assessPools, holdingsAsOf as domainHoldingsAsOf, poolText } from '@estover/domain/licenses';
import { sql } from 'kysely';
import type { VirtualAccountScope } from '../access/scope.ts';
import type { Trx } from '../database/database.ts';
import type { CursorValues } from '../edge/paging.ts';
import { loadCatalogFacts } from './catalog-facts.ts';
import {
  type InventoryFilter,
  type InventoryRecord,
  type InventorySort,
  placeInList,
  troubleDays,
} from './inventory-rows.ts';
import { factsFrom, type HoldingRow, lotColumns } from './lot-rows.ts';

/**
 * What lay in virtual accounts at an instant: for the past all entries up to it, added up by the database; for the
 * future what lies there now, with the terms that start and end until then started and ended by the domain's rule.
 */
export async function holdingsAsOf(
  trx: Trx,
  accountId: string,
  scope: VirtualAccountScope,
  at: Temporal.Instant,
  now: Temporal.Instant,
  licenseId?: string,
): Promise<HoldingRow[]> {
  const past = Temporal.Instant.compare(at, now) <= 0;
  const { rows } = past
    ? await sql<HoldingRow>`
        select e.virtual_account_id as "virtualAccountId", e.state, e.quantity, ${lotColumns}
          from (select e.virtual_account_id, e.lot_id, e.state, sum(e.delta)::bigint as quantity
                  from movement_entries e
                  join movements m on m.account_id = e.account_id and m.movement_id = e.movement_id
                 where e.account_id = ${accountId} and m.at <= ${at}::timestamptz
                   and e.virtual_account_id is not null and ${scope.includes(sql`e.virtual_account_id`)}
                   and ${licenseId === undefined ? sql`true` : sql`e.license_id = ${licenseId}`}
                 group by 1, 2, 3 having sum(e.delta) <> 0) e
          join lots l on l.account_id = ${accountId} and l.lot_id = e.lot_id`.execute(trx)
    : await sql<HoldingRow>`
        select h.virtual_account_id as "virtualAccountId", h.state, h.quantity, ${lotColumns}
          from holdings h join lots l on l.account_id = h.account_id and l.lot_id = h.lot_id
         where h.account_id = ${accountId} and h.quantity > 0 and ${scope.includes(sql`h.virtual_account_id`)}
           and ${licenseId === undefined ? sql`true` : sql`h.license_id = ${licenseId}`}`.execute(trx);
  if (past) return rows;
  const lots = new Map(rows.map((row) => [row.lotId, row]));
  return domainHoldingsAsOf(factsFrom(rows), at).map(({ virtualAccountId, lotId, state, quantity }) => {
    const lot = lots.get(lotId);
    if (lot === undefined) throw new Error(`Lot ${lotId} came from nowhere.`);
    return { ...lot, virtualAccountId, state, quantity };
  });
}

interface UsageRow {
  virtualAccountId: string;
  licenseId: string;
  inUse: number;
}

/** What was in use at an instant; for the future what is in use now. */
async function usageAsOf(
  trx: Trx,
  accountId: string,
  scope: VirtualAccountScope,
  at: Temporal.Instant,
): Promise<UsageRow[]> {
  const { rows } = await sql<UsageRow>`
    select u.virtual_account_id as "virtualAccountId", u.license_id as "licenseId",
           sum(u.to_count - u.from_count)::bigint as "inUse"
      from usage_changes u
     where u.account_id = ${accountId} and u.at <= ${at}::timestamptz and ${scope.includes(sql`u.virtual_account_id`)}
     group by 1, 2 having sum(u.to_count - u.from_count) <> 0`.execute(trx);
  return rows;
}

interface Descriptions {
  licenses: Map<
    string,
    { licenseId: string; tag: string; name: string; family: string; enforcement: string }
  >;
  places: Map<string, { id: string; name: string; path: string[] }>;
}

/**
 * The inventory as of another instant than now: all pools judged by the domain, then filtered and sorted like the
 * present one. What ends is seen from that instant. For a future instant, use stays as it is now.
 */
export async function rowsAsOf(
  trx: Trx,
  accountId: string,
  scope: VirtualAccountScope,
  filter: InventoryFilter,
  order: { sort: InventorySort; descending: boolean },
  at: Temporal.Instant,
  now: Temporal.Instant,
): Promise<InventoryRecord[]> {
  const holdings = await holdingsAsOf(trx, accountId, scope, at, now);
  const usage = await usageAsOf(trx, accountId, scope, at);
  const licenseIds = [...new Set([...holdings, ...usage].map((row) => row.licenseId))];
  const catalog = await loadCatalogFacts(trx, licenseIds);
  const allowances = new Map(
    [...catalog.licenses.values()].flatMap(({ licenseId, allowance }) =>
      allowance === null ? [] : [[licenseId, allowance] as const],
    ),
  );
  const pools = assessPools({ ...factsFrom(holdings), usage, substitution: catalog.plan, allowances });
  const described = await describe(trx, accountId, licenseIds, [
    ...new Set(pools.map((pool) => pool.virtualAccountId)),
  ]);
  const holdingsOf = Map.groupBy(holdings, poolText);
  const records = pools.map((pool): InventoryRecord => {
    const license = described.licenses.get(pool.licenseId);
    const place = described.places.get(pool.virtualAccountId);
    const { quantities, inUse, lent, borrowed, balance, compliance } = pool;
    const short = compliance.state === 'out-of-compliance' ? compliance.shortBy : 0;
    const here = holdingsOf.get(poolText(pool)) ?? [];
    const owned = quantities.available + quantities.reserved + quantities.held;
    return {
      ...quantities,
      licenseId: pool.licenseId,
      virtualAccountId: pool.virtualAccountId,
      tag: license?.tag ?? '',
      licenseName: license?.name ?? '',
      family: license?.family ?? '',
      enforcement: license?.enforcement ?? '',
      virtualAccountPath: place?.path ?? [],
      inUse,
      lent,
      borrowed,
      owned,
      balance,
      state: compliance.state,
      pools: 1,
      poolsShort: short > 0 ? 1 : 0,
      short,
      shortSince: null,
      ...nextEndOf(here, at),
      billing: [...new Set(here.map(({ billing }) => billing))].sort(),
      openAlerts: 0,
      sortValue: 0,
      sortName: (license?.name ?? '').toLowerCase(),
      sortPlace: (place?.name ?? '').toLowerCase(),
      total: 0,
    };
  });
  const grouped = filter.by === 'pool' ? records : sumByLicense(records);
  return sorted(
    grouped.filter((record) => isListed(record, filter, at)),
    order,
  );
}

async function describe(
  trx: Trx,
  accountId: string,
  licenseIds: readonly string[],
  virtualAccountIds: readonly string[],
): Promise<Descriptions> {
  const licenses = await sql<{
    licenseId: string;
    tag: string;
    name: string;
    family: string;
    enforcement: string;
  }>`
    select license_id as "licenseId", tag, name, family, enforcement from licenses
     where license_id = any(${[...licenseIds]}::uuid[])`.execute(trx);
  const places = await sql<{ id: string; name: string; path: string[] }>`
    select virtual_account_id as id, name, virtual_account_path(account_id, virtual_account_id) as path
      from virtual_accounts
     where account_id = ${accountId} and virtual_account_id = any(${[...virtualAccountIds]}::uuid[])`.execute(
    trx,
  );
  return {
    licenses: new Map(licenses.rows.map((row) => [row.licenseId, row])),
    places: new Map(places.rows.map((row) => [row.id, row])),
  };
}

function nextEndOf(holdings: readonly HoldingRow[], at: Temporal.Instant) {
  let next: { endsAt: Temporal.Instant; quantity: number } | null = null;
  for (const { state, endsAt, quantity } of holdings) {
    if (state !== 'available' || endsAt === null || Temporal.Instant.compare(endsAt, at) <= 0) continue;
    const order = next === null ? -1 : Temporal.Instant.compare(endsAt, next.endsAt);
    if (order < 0) next = { endsAt, quantity };
    else if (order === 0 && next !== null) next = { endsAt, quantity: next.quantity + quantity };
  }
  return { nextEndsAt: next?.endsAt ?? null, nextQuantity: next?.quantity ?? null };
}

const severity = ['in-compliance', 'overage', 'out-of-compliance'] as const;

function sumByLicense(records: readonly InventoryRecord[]): InventoryRecord[] {
  const sums = new Map<string, InventoryRecord>();
  for (const pool of records) {
    const sum = sums.get(pool.licenseId);
    const alone = { ...pool, virtualAccountId: null, virtualAccountPath: null, sortPlace: '' };
    sums.set(pool.licenseId, sum === undefined ? alone : addTogether(sum, pool));
  }
  return [...sums.values()];
}

function addTogether(sum: InventoryRecord, pool: InventoryRecord): InventoryRecord {
  return {
    ...sum,
    pending: sum.pending + pool.pending,
    available: sum.available + pool.available,
    reserved: sum.reserved + pool.reserved,
    held: sum.held + pool.held,
    expired: sum.expired + pool.expired,
    inUse: sum.inUse + pool.inUse,
    lent: sum.lent + pool.lent,
    borrowed: sum.borrowed + pool.borrowed,
    owned: sum.owned + pool.owned,
    balance: sum.balance + pool.balance,
    state: severity.indexOf(pool.state) > severity.indexOf(sum.state) ? pool.state : sum.state,
    pools: sum.pools + pool.pools,
    poolsShort: sum.poolsShort + pool.poolsShort,
    short: sum.short + pool.short,
    billing: [...new Set([...sum.billing, ...pool.billing])].sort(),
    ...earlierEnd(sum, pool),
  };
}

type End = Pick<InventoryRecord, 'nextEndsAt' | 'nextQuantity'>;

function earlierEnd(left: End, right: End): End {
  if (right.nextEndsAt === null) return { nextEndsAt: left.nextEndsAt, nextQuantity: left.nextQuantity };
  if (left.nextEndsAt === null) return { nextEndsAt: right.nextEndsAt, nextQuantity: right.nextQuantity };
  const order = Temporal.Instant.compare(left.nextEndsAt, right.nextEndsAt);
  const quantity = order === 0 ? (left.nextQuantity ?? 0) + (right.nextQuantity ?? 0) : null;
  const earlier = order <= 0 ? left : right;
  return { nextEndsAt: earlier.nextEndsAt, nextQuantity: quantity ?? earlier.nextQuantity };
}

function isListed(record: InventoryRecord, filter: InventoryFilter, at: Temporal.Instant): boolean {
  const { search, tag, state, family, endingWithinDays, trouble, licenseId } = filter;
  const endsWithin = (days: number) =>
    record.nextEndsAt !== null &&
    Temporal.Instant.compare(record.nextEndsAt, at.add({ hours: days * 24 })) <= 0;
  const texts = [record.licenseName, record.tag, record.family].map((text) => text.toLowerCase());
  return (
    (search === undefined || texts.some((text) => text.includes(search.toLowerCase()))) &&
    (tag === undefined || record.tag === tag) &&
    (state === undefined || record.state === state) &&
    (family === undefined || record.family === family) &&
    (licenseId === undefined || record.licenseId === licenseId) &&
    (endingWithinDays === undefined || endsWithin(endingWithinDays)) &&
    (trouble !== true || record.state === 'out-of-compliance' || endsWithin(troubleDays))
  );
}

function sorted(
  records: readonly InventoryRecord[],
  { sort, descending }: { sort: InventorySort; descending: boolean },
): InventoryRecord[] {
  return records
    .map((record) => ({ ...record, sortValue: sort === 'license' ? 0 : record[sort], total: records.length }))
    .sort((left, right) => (descending ? -1 : 1) * comparePlaces(placeInList(left), placeInList(right)));
}

/** Compares where two rows stand in a list, as the database compares rows of values. */
export function comparePlaces(left: CursorValues, right: CursorValues): number {
  for (const [index, value] of left.entries()) {
    const other = right[index] ?? null;
    if (value === other || value === null || other === null) continue;
    return value < other ? -1 : 1;
  }
  return 0;
}
