import type { rollUp } from '@estover/protocol';
import { type RawBuilder, sql } from 'kysely';
import type { z } from 'zod';
import type { VirtualAccountScope } from '../access/scope.ts';
import type { Trx } from '../database/database.ts';

/** What virtual accounts hold, in sums. */
export type RollUp = z.output<typeof rollUp>;

/** The sums of a virtual account alone, and with everything nested in it. */
export interface BothSums {
  own: RollUp;
  nested: RollUp;
}

const endingDays = 90;

const nothing = (): RollUp => ({
  owned: 0,
  pending: 0,
  reserved: 0,
  held: 0,
  expired: 0,
  inUse: 0,
  balance: 0,
  short: 0,
  pools: 0,
  poolsShort: 0,
  endingWithin90Days: 0,
  productInstances: 0,
});

/** SQL: the units that a pool misses, which are more than none where it is out of compliance. */
export const missing = sql<number>`greatest(in_use + lent - available - borrowed, 0)`;

/**
 * What lies in each virtual account of the scope, as parts that add up: rows of a few queries over counters, none of
 * which is as long as the list of product instances.
 */
const parts = (
  accountId: string,
  scope: VirtualAccountScope,
  now: Temporal.Instant,
): RawBuilder<unknown> => sql`(
  select virtual_account_id as id, total(available + reserved + held) as owned, total(pending) as pending,
         total(reserved) as reserved, total(held) as held, total(expired) as expired, total(in_use) as in_use,
         total(available + borrowed - lent - in_use) as balance, 0::bigint as short, count(*) as pools,
         0::bigint as pools_short, 0::bigint as ending, 0::bigint as instances
    from pools
   where account_id = ${accountId} and ${scope.includes(sql.ref('virtual_account_id'))}
     and pending + available + reserved + held + expired + in_use + lent + borrowed > 0
   group by 1
  union all
  select virtual_account_id, 0, 0, 0, 0, 0, 0, 0, total(${missing}), 0, count(*), 0, 0
    from pools
   where account_id = ${accountId} and ${scope.includes(sql.ref('virtual_account_id'))}
     and state = 'out-of-compliance'
   group by 1
  union all
  select h.virtual_account_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, total(h.quantity), 0
    from lots l join holdings h on h.account_id = l.account_id and h.lot_id = l.lot_id
   where l.account_id = ${accountId} and l.ends_at > ${now}::timestamptz
     and l.ends_at <= ${now.add({ hours: endingDays * 24 })}::timestamptz
     and h.quantity > 0 and h.state in ('available', 'reserved', 'held')
     and ${scope.includes(sql.ref('h.virtual_account_id'))}
   group by 1
  union all
  select virtual_account_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, total(change)
    from product_instance_counts
   where account_id = ${accountId} and state in ('registered', 'authorization-expired')
     and ${scope.includes(sql.ref('virtual_account_id'))}
   group by 1)`;

const totals = sql`
  total(owned) as owned, total(pending) as pending, total(reserved) as reserved, total(held) as held,
  total(expired) as expired, total(in_use) as "inUse", total(balance) as balance, total(short) as short,
  total(pools) as pools, total(pools_short) as "poolsShort", total(ending) as "endingWithin90Days",
  total(instances) as "productInstances"`;

/** The sums of each virtual account alone, by its id, of those in the scope; who is not in the map holds nothing. */
export async function ownSums(
  trx: Trx,
  accountId: string,
  scope: VirtualAccountScope,
  now: Temporal.Instant,
): Promise<Map<string, RollUp>> {
  const { rows } = await sql<RollUp & { id: string }>`
    select id, ${totals} from ${parts(accountId, scope, now)} part group by id`.execute(trx);
  return new Map(rows.map(({ id, ...sums }) => [id, sums]));
}

/** The sums of all virtual accounts of the scope together. */
export async function sumOfAll(
  trx: Trx,
  accountId: string,
  scope: VirtualAccountScope,
  now: Temporal.Instant,
): Promise<RollUp> {
  const { rows } = await sql<RollUp>`select ${totals} from ${parts(accountId, scope, now)} part`.execute(trx);
  return rows[0] ?? nothing();
}

/**
 * The sums of some virtual accounts, in their order, added up by the database: few rows, however large the tree.
 *
 * @param places parents before what is nested in them; `isSumOfChildren` where all that is nested lies in children that
 * are among the places too, so that nothing is added up twice on the way
 */
export async function sumsOf(
  trx: Trx,
  accountId: string,
  places: readonly { id: string; parentId: string | null; isSumOfChildren: boolean }[],
  scope: VirtualAccountScope,
  now: Temporal.Instant,
): Promise<BothSums[]> {
  const { rows } = await sql<RollUp & { place: number; isAlone: boolean }>`
    select p.place, a.distance = 0 as "isAlone", ${totals}
      from unnest(${places.map(({ id }) => id)}::uuid[], ${places.map((place) => place.isSumOfChildren)}::boolean[])
             with ordinality as p (id, is_sum_of_children, place)
      join virtual_account_ancestry a on a.account_id = ${accountId} and a.ancestor_id = p.id
       and (a.distance = 0 or not p.is_sum_of_children)
      join ${parts(accountId, scope, now)} part on part.id = a.descendant_id
     group by 1, 2`.execute(trx);
  const sums = places.map((): BothSums => ({ own: nothing(), nested: nothing() }));
  for (const { place, isAlone, ...part } of rows) {
    const both = sums[place - 1] as BothSums;
    if (isAlone) both.own = part;
    addTo(both.nested, part);
  }
  const indexes = new Map(places.map(({ id }, index) => [id, index]));
  for (const [index, { parentId }] of [...places.entries()].reverse()) {
    const parent = indexes.get(parentId ?? '');
    if (parent === undefined || !places[parent]?.isSumOfChildren) continue;
    addTo((sums[parent] as BothSums).nested, (sums[index] as BothSums).nested);
  }
  return sums;
}

/**
 * Sums of virtual accounts with everything nested in them.
 *
 * @param tree every virtual account, parents before what is nested in them.
 * @returns both sums of each, in the order of the tree.
 */
export function rolledUp(
  tree: readonly { id: string; parentId: string | null }[],
  own: ReadonlyMap<string, RollUp>,
): BothSums[] {
  const sums = tree.map(({ id }) => {
    const alone = own.get(id) ?? nothing();
    return { own: alone, nested: { ...alone } };
  });
  const places = new Map(tree.map(({ id }, index) => [id, index]));
  for (let index = tree.length - 1; index >= 0; index--) {
    const parent = sums[places.get(tree[index]?.parentId ?? '') ?? -1];
    const child = sums[index];
    if (parent !== undefined && child !== undefined) addTo(parent.nested, child.nested);
  }
  return sums;
}

function addTo(sum: RollUp, part: RollUp): void {
  sum.owned += part.owned;
  sum.pending += part.pending;
  sum.reserved += part.reserved;
  sum.held += part.held;
  sum.expired += part.expired;
  sum.inUse += part.inUse;
  sum.balance += part.balance;
  sum.short += part.short;
  sum.pools += part.pools;
  sum.poolsShort += part.poolsShort;
  sum.endingWithin90Days += part.endingWithin90Days;
  sum.productInstances += part.productInstances;
}
