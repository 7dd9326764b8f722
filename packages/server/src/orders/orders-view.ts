import type {
  AnswerOf,
  listAccountOrders as listAccountOrdersOperation,
  listOrders as listOrdersOperation,
} from '@estover/protocol';
import { sql } from 'kysely';
import { scopeOf } from '../access/scope.ts';
import type { Context } from '../edge/context.ts';
import type { Input } from '../edge/operation.ts';
import { decodeCursor, pageFrom } from '../edge/paging.ts';
import type { LineChoice } from './order-view.ts';

interface SummaryRow {
  orderId: string;
  orderNumber: string;
  buyer: string;
  orderedAt: Temporal.Instant;
  accounts: string[];
  lines: number;
  units: number;
  states: Record<string, number>;
}

/** How many accounts of an order a list names; nearly every order is for one. */
const mostAccounts = 3;

/** Orders of the platform, the newest first. */
export function listOrders(
  context: Context,
  { query }: Input<typeof listOrdersOperation>,
): Promise<AnswerOf<typeof listOrdersOperation>> {
  return page(context, query, null);
}

/** Orders that have lines for virtual accounts the caller may see; only these lines count. */
export function listAccountOrders(
  context: Context,
  { params, query }: Input<typeof listAccountOrdersOperation>,
): Promise<AnswerOf<typeof listAccountOrdersOperation>> {
  const { accountId } = params;
  return page(context, query, { accountId, scope: scopeOf(context, accountId, 'view-inventory') });
}

async function page(
  { trx }: Context,
  query: Input<typeof listOrdersOperation>['query'],
  choice: LineChoice | null,
): Promise<AnswerOf<typeof listOrdersOperation>> {
  const after = decodeCursor('orders', query.cursor, 2);
  const search = query.search?.trim().toLowerCase() ?? '';
  const chosen =
    choice === null
      ? sql`true`
      : sql`l.account_id = ${choice.accountId} and ${choice.scope.includes(sql.ref('l.virtual_account_id'))}`;
  const { rows } = await sql<SummaryRow>`
    select o.order_id as "orderId", o.order_number as "orderNumber", o.buyer, o.ordered_at as "orderedAt",
           s.lines, s.units, s.states,
           array(select a.name
                   from (select distinct l.account_id from order_lines l where l.order_id = o.order_id and ${chosen}) named
                   join accounts a using (account_id)
                  order by lower(a.name), a.account_id
                  limit ${mostAccounts}) as accounts
      from orders o
      cross join lateral (
        select sum(n) as lines, sum(units) as units, jsonb_object_agg(state, n) as states
          from (select l.state, count(*) as n, sum(l.quantity) as units
                  from order_lines l where l.order_id = o.order_id and ${chosen} group by l.state) by_state) s
     where s.lines > 0
       and ${
         choice === null
           ? sql`true`
           : sql`o.order_id in (select order_id from order_lines where account_id = ${choice.accountId})`
       }
       and ${query.state === undefined ? sql`true` : sql`s.states ? ${query.state}`}
       and ${
         search === ''
           ? sql`true`
           : sql`(strpos(lower(o.order_number), ${search}) > 0 or strpos(lower(o.buyer), ${search}) > 0
                  or exists (select 1 from order_lines l join products p using (product_id)
                               join accounts a using (account_id)
                              where l.order_id = o.order_id and ${chosen}
                                and strpos(lower(p.sku || ' ' || p.name || ' ' || a.name), ${search}) > 0))`
       }
       and ${
         after === null
           ? sql`true`
           : sql`(o.ordered_at, o.order_id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`
       }
     order by o.ordered_at desc, o.order_id desc
     limit ${query.limit + 1}`.execute(trx);
  return pageFrom(
    'orders',
    rows,
    query.limit,
    ({ orderId: _, orderedAt, ...row }) => ({ ...row, orderedAt: orderedAt.toString() }),
    (row) => [row.orderedAt.toString(), row.orderId],
  );
}
