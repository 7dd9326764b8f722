import type { rollUp } from '@estover/protocol';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { VirtualAccountScope } from '../access/scope.ts';
import type { Trx } from '../database/database.ts';

/** What virtual accounts hold, in sums. */
export type RollUp = z.output<typeof rollUp>;

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

interface PoolSums {
  readonly id: string;
  readonly pending: number;
  readonly available: number;
  readonly reserved: number;
  readonly held: number;
  readonly expired: number;
  readonly inUse: number;
  /** Borrowed less lent. */
  readonly onLoan: number;
  readonly pools: number;
}

/**
 * The sums of each virtual account alone, by its id, of those in the scope; who is not in the map holds nothing. A few
 * queries over counters: nothing here is as long as the list of product instances.
 */
export async function ownSums(
  trx: Trx,
  accountId: string,
  scope: VirtualAccountScope,
  now: Temporal.Instant,
): Promise<Map<string, RollUp>> {
  const pools = await sql<PoolSums>`
    select virtual_account_id as id, total(pending) as pending, total(available) as available,
           total(reserved) as reserved, total(held) as held, total(expired) as expired, total(in_use) as "inUse",
           total(borrowed - lent) as "onLoan", count(*) as pools
      from pools
     where account_id = ${accountId} and ${scope.includes(sql.ref('virtual_account_id'))}
       and pending + available + reserved + held + expired + in_use + lent + borrowed > 0
     group by 1`.execute(trx);
  const short = await sql<{ id: string; quantity: number; pools: number }>`
    select virtual_account_id as id, total(greatest(in_use + lent - available - borrowed, 0)) as quantity,
           count(*) as pools
      from pools
     where account_id = ${accountId} and ${scope.includes(sql.ref('virtual_account_id'))}
       and state = 'out-of-compliance'
     group by 1`.execute(trx);
  const ending = await sql<{ id: string; quantity: number }>`
    select h.virtual_account_id as id, total(h.quantity) as quantity
      from lots l join holdings h on h.account_id = l.account_id and h.lot_id = l.lot_id
     where l.account_id = ${accountId} and l.ends_at > ${now}::timestamptz
       and l.ends_at <= ${now.add({ hours: endingDays * 24 })}::timestamptz
       and h.quantity > 0 and h.state in ('available', 'reserved', 'held')
       and ${scope.includes(sql.ref('h.virtual_account_id'))}
     group by 1`.execute(trx);
  const instances = await sql<{ id: string; count: number }>`
    select virtual_account_id as id, total(change) as count from product_instance_counts
     where account_id = ${accountId} and state in ('registered', 'authorization-expired')
       and ${scope.includes(sql.ref('virtual_account_id'))}
     group by 1`.execute(trx);
  const sums = new Map<string, RollUp>();
  for (const {
    id,
    pending,
    available,
    reserved,
    held,
    expired,
    inUse,
    onLoan,
    pools: pooled,
  } of pools.rows) {
    sums.set(id, {
      owned: available + reserved + held,
      pending,
      reserved,
      held,
      expired,
      inUse,
      balance: available + onLoan - inUse,
      short: 0,
      pools: pooled,
      poolsShort: 0,
      endingWithin90Days: 0,
      productInstances: 0,
    });
  }
  const of = (id: string): RollUp => {
    const found = sums.get(id) ?? nothing();
    sums.set(id, found);
    return found;
  };
  for (const { id, quantity, pools: pooled } of short.rows) {
    of(id).short = quantity;
    of(id).poolsShort = pooled;
  }
  for (const { id, quantity } of ending.rows) of(id).endingWithin90Days = quantity;
  for (const { id, count } of instances.rows) of(id).productInstances = count;
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
): { own: RollUp; nested: RollUp }[] {
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
