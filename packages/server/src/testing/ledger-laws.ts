import { sql } from 'kysely';
import type { Database } from '../database/database.ts';
import { loadCatalogFacts } from '../licenses/catalog-facts.ts';
import { judge, type StoredPool } from '../licenses/pools-store.ts';

const laws = {
  'entries of a movement sum to zero for each lot': sql`
    select account_id, movement_id, lot_id, sum(delta) as sum from movement_entries
     group by 1, 2, 3 having sum(delta) <> 0`,
  'a holding is the sum of its entries': sql`
    select * from (
      select account_id, virtual_account_id, lot_id, state, quantity from holdings) h
      full join (
      select account_id, virtual_account_id, lot_id, state, sum(delta) as entered from movement_entries
       where virtual_account_id is not null group by 1, 2, 3, 4) e
      using (account_id, virtual_account_id, lot_id, state)
     where coalesce(quantity, 0) <> coalesce(entered, 0)`,
  'no holding is below zero': sql`select * from holdings where quantity < 0`,
  'what was delivered of a lot is there or withdrawn': sql`
    select l.account_id, l.lot_id, l.delivered, h.found, e.withdrawn from lots l
      left join lateral (select coalesce(sum(quantity), 0) as found from holdings h
        where h.account_id = l.account_id and h.lot_id = l.lot_id) h on true
      left join lateral (select coalesce(sum(delta) filter (where state = 'withdrawn'), 0) as withdrawn,
               coalesce(-sum(delta) filter (where state = 'delivered'), 0) as came
          from movement_entries e where e.account_id = l.account_id and e.lot_id = l.lot_id) e on true
     where l.delivered <> h.found + e.withdrawn or l.delivered <> e.came`,
  'a pool is the sum of its holdings': sql`
    select * from (
      select account_id, virtual_account_id, license_id, pending, available, reserved, held, expired from pools) p
      full join (
      select account_id, virtual_account_id, license_id,
             sum(quantity) filter (where state = 'pending') as h_pending,
             sum(quantity) filter (where state = 'available') as h_available,
             sum(quantity) filter (where state = 'reserved') as h_reserved,
             sum(quantity) filter (where state = 'held') as h_held,
             sum(quantity) filter (where state = 'expired') as h_expired
        from holdings group by 1, 2, 3) h
      using (account_id, virtual_account_id, license_id)
     where (coalesce(pending, 0), coalesce(available, 0), coalesce(reserved, 0), coalesce(held, 0), coalesce(expired, 0))
        <> (coalesce(h_pending, 0), coalesce(h_available, 0), coalesce(h_reserved, 0), coalesce(h_held, 0), coalesce(h_expired, 0))`,
  'in use is the sum of what instances report': sql`
    select * from (select account_id, virtual_account_id, license_id, in_use from pools) p
      full join (
      select account_id, virtual_account_id, license_id, sum(count) as counted from instance_usage
       where license_id is not null group by 1, 2, 3) u
      using (account_id, virtual_account_id, license_id)
     where coalesce(in_use, 0) <> coalesce(counted, 0)`,
  'in use is the sum of all changes of use': sql`
    select * from (select account_id, virtual_account_id, license_id, in_use from pools) p
      full join (
      select account_id, virtual_account_id, license_id, sum(to_count - from_count) as changed from usage_changes
       group by 1, 2, 3) u
      using (account_id, virtual_account_id, license_id)
     where coalesce(in_use, 0) <> coalesce(changed, 0)`,
  'a pool out of compliance, and no other, has a date and one open alert': sql`
    select p.account_id, p.virtual_account_id, p.license_id, p.state, p.short_since, a.alert_id, a.quantity from pools p
      left join alerts a on a.account_id = p.account_id and a.kind = 'insufficient-licenses' and a.resolved_at is null
       and a.virtual_account_id = p.virtual_account_id and a.license_id = p.license_id
     where (p.state = 'out-of-compliance') <> (p.short_since is not null)
        or (p.state = 'out-of-compliance') <> (a.alert_id is not null)
        or a.quantity <> -(p.available + p.borrowed - p.lent - p.in_use)`,
} as const;

/**
 * Checks every law of the ledger on the database as it is, for use after races and faults.
 *
 * @returns a line for each law that does not hold, with the first row that breaks it; empty is good.
 */
export async function checkLedgerLaws(db: Database): Promise<string[]> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (trx) => {
      const broken: string[] = [];
      for (const [law, query] of Object.entries(laws)) {
        const { rows } = await query.execute(trx);
        if (rows.length > 0) broken.push(`${law}: ${rows.length} broken, such as ${JSON.stringify(rows[0])}`);
      }
      const { rows: pools } = await sql<StoredPool>`
        select account_id as "accountId", virtual_account_id as "virtualAccountId", license_id as "licenseId",
               pending, available, reserved, held, expired, in_use as "inUse", lent, borrowed, state,
               short_since as "shortSince" from pools`.execute(trx);
      const catalog = await loadCatalogFacts(
        trx,
        pools.map((pool) => pool.licenseId),
      );
      const judged = judge(pools, catalog, Temporal.Instant.fromEpochMilliseconds(0));
      for (const [index, pool] of pools.entries()) {
        const should = judged[index];
        if (pool.lent === should?.lent && pool.borrowed === should.borrowed && pool.state === should.state)
          continue;
        broken.push(
          `a pool stands as the rules say: ${JSON.stringify(pool)} should be ${JSON.stringify(should)}`,
        );
      }
      return broken;
    });
}
