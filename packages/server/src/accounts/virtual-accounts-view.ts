import type { listVirtualAccounts as operation, rollUp } from '@estover/protocol';
import { listVirtualAccounts } from '@estover/protocol';
import { sql } from 'kysely';
import type { z } from 'zod';
import { scopeOf, visibleScope } from '../access/scope.ts';
import { view } from '../edge/operation.ts';

type RollUp = z.output<typeof rollUp>;
type Item = z.output<(typeof operation)['answer']>['items'][number];

/**
 * The tree with its sums, in one query: the living virtual accounts the caller may see with their paths, what each holds
 * alone, and the sums of everything nested by joining the ancestry with it. What a caller may see of the tree but not of
 * its inventory counts as nothing.
 */
export const listVirtualAccountsHandler = view(listVirtualAccounts, async (context, { params, query }) => {
  const { trx, now } = context;
  const { accountId } = params;
  const visible = visibleScope(context, accountId);
  const inventory = scopeOf(context, accountId, 'view-inventory');
  const rows = await sql<Item>`
    with tree as materialized (
      select v.virtual_account_id as id, v.parent_id, v.name, v.description, v.access_level, v.is_default, v.depth,
             ${visible.includes(sql`v.virtual_account_id`)} as visible
        from virtual_accounts v
       where v.account_id = ${accountId} and v.deleted_at is null
    ), paths as (
      select a.descendant_id as id, array_agg(t.name order by a.distance desc) as path
        from virtual_account_ancestry a
        join tree t on t.id = a.ancestor_id
       where a.account_id = ${accountId}
       group by a.descendant_id
    ), children as (
      select parent_id as id, count(*) as children from tree where visible and parent_id is not null group by parent_id
    )
    ${query.rollUp ? sums(accountId, now, inventory) : sql``}
    select t.id as "virtualAccountId", t.parent_id as "parentId", t.name, p.path, t.description,
           t.access_level as "accessLevel", t.is_default as "isDefault", t.depth,
           coalesce(c.children, 0) as children
           ${query.rollUp ? sql`, ${asObject('own')} as own, ${asObject('nested')} as nested` : sql``}
      from tree t
      join paths p on p.id = t.id
      left join children c on c.id = t.id
      ${query.rollUp ? sql`left join own on own.id = t.id left join nested on nested.id = t.id` : sql``}
     where t.visible
     order by (select array_agg(lower(each) order by position) from unnest(p.path) with ordinality u(each, position)), t.id`.execute(
    trx,
  );
  return { items: rows.rows };
});

const figures: readonly (keyof RollUp)[] = [
  'owned',
  'pending',
  'reserved',
  'held',
  'expired',
  'inUse',
  'balance',
  'short',
  'pools',
  'poolsShort',
  'endingWithin90Days',
  'productInstances',
];

const asObject = (table: 'own' | 'nested') =>
  sql`jsonb_build_object(${sql.join(
    figures.flatMap((figure) => [sql.lit(figure), sql`coalesce(${sql.ref(`${table}.${figure}`)}, 0)`]),
  )})`;

/** CTEs: `own` sums pools and product instances of each virtual account, `nested` sums `own` over all below it. */
function sums(accountId: string, now: Temporal.Instant, inventory: ReturnType<typeof scopeOf>) {
  const in90Days = now.add({ hours: 90 * 24 });
  const total = (figure: keyof RollUp) => sql`sum(${sql.ref(figure)}) as ${sql.ref(figure)}`;
  return sql`
    , parts as (
      select virtual_account_id as id,
             available + reserved + held as owned, pending, reserved, held, expired, in_use as "inUse",
             available + borrowed - lent - in_use as balance,
             case when state = 'out-of-compliance' then greatest(in_use + lent - available - borrowed, 0) else 0 end as short,
             1 as pools,
             case when state = 'out-of-compliance' then 1 else 0 end as "poolsShort",
             0 as "endingWithin90Days", 0 as "productInstances"
        from pools
       where account_id = ${accountId}
         and (pending + available + reserved + held + expired + in_use + lent + borrowed) > 0
      union all
      select h.virtual_account_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, h.quantity, 0
        from holdings h join lots l on l.account_id = h.account_id and l.lot_id = h.lot_id
       where h.account_id = ${accountId} and h.quantity > 0 and h.state in ('available', 'reserved', 'held')
         and l.ends_at > ${now} and l.ends_at <= ${in90Days}
      union all
      select virtual_account_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
        from product_instances
       where account_id = ${accountId} and state in ('registered', 'authorization-expired')
    ), own as materialized (
      select id, ${sql.join(figures.map(total))} from parts where ${inventory.includes(sql`id`)} group by id
    ), nested as (
      select a.ancestor_id as id, ${sql.join(figures.map(total))}
        from own join virtual_account_ancestry a on a.account_id = ${accountId} and a.descendant_id = own.id
       group by a.ancestor_id
    )`;
}
