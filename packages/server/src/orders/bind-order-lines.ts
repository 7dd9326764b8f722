import { deliveryRoutes } from '@estover/domain/orders';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';
import type { ChosenRule } from './check-orders.ts';
import { loadDeliveryRules } from './delivery-rules-store.ts';

/** Where the lines of a pending account go. */
export interface BoundTo {
  accountId: string;
  /** Takes the lines; where delivery rules choose, those that none takes. */
  virtualAccountId: string;
  /** Whether the account's delivery rules choose, as for a new line that names no virtual account. */
  followsRules: boolean;
}

/**
 * Gives all lines of a pending account to the account they are for. The caller holds both.
 *
 * @returns how many, and how many of them a delivery rule took
 */
export async function bindOrderLines(
  trx: Trx,
  pendingAccountId: string,
  to: BoundTo,
): Promise<{ lines: number; byRules: number }> {
  const byRules = to.followsRules ? await bindByRules(trx, pendingAccountId, to.accountId) : 0;
  const rest = await trx
    .updateTable('order_lines')
    .set({ account_id: to.accountId, virtual_account_id: to.virtualAccountId })
    .where('account_id', '=', pendingAccountId)
    .executeTakeFirst();
  return { lines: byRules + Number(rest.numUpdatedRows), byRules };
}

/** What lines of one kind have in common, which is all that rules ask for. */
interface LineKind {
  productId: string;
  sku: string;
  buyer: string;
  tags: string[];
}

async function bindByRules(trx: Trx, pendingAccountId: string, accountId: string): Promise<number> {
  const rules = await loadDeliveryRules(trx, accountId);
  if (rules.length === 0) return 0;
  const { rows: kinds } = await sql<LineKind>`
    select p.product_id as "productId", p.sku, kind.buyer,
           coalesce((select jsonb_agg(l.tag) from product_grants g join licenses l using (license_id)
                      where g.product_id = p.product_id), '[]') as tags
      from (select distinct l.product_id, o.buyer from order_lines l join orders o using (order_id)
             where l.account_id = ${pendingAccountId}) kind
      join products p using (product_id)`.execute(trx);
  const routeOf = deliveryRoutes(rules.map((rule, index) => ({ ...rule, position: index + 1 })));
  const taken = kinds.flatMap((kind) => {
    const rule = routeOf(kind);
    if (rule === null) return [];
    const { virtualAccountId, ...chosen } = rule;
    return [{ kind, virtualAccountId, chosen: chosen satisfies ChosenRule }];
  });
  const result = await sql`
    update order_lines line
       set account_id = ${accountId}, virtual_account_id = given.virtual_account_id, delivery_rule = given.rule
      from unnest(${taken.map(({ kind }) => kind.productId)}::uuid[], ${taken.map(({ kind }) => kind.buyer)}::text[],
                  ${taken.map(({ virtualAccountId }) => virtualAccountId)}::uuid[],
                  ${taken.map(({ chosen }) => JSON.stringify(chosen))}::jsonb[])
             as given (product_id, buyer, virtual_account_id, rule)
      join orders o on o.buyer = given.buyer
     where line.account_id = ${pendingAccountId} and line.order_id = o.order_id
       and line.product_id = given.product_id`.execute(trx);
  return Number(result.numAffectedRows ?? 0n);
}
