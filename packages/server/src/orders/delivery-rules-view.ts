import { type DeliveryRule, deliveryRoutes } from '@estover/domain/orders';
import { type deliveryRule, listDeliveryRules, tryDeliveryRules } from '@estover/protocol';
import { sql } from 'kysely';
import type { z } from 'zod';
import { visibleScope } from '../access/scope.ts';
import { findProducts } from '../catalog/index.ts';
import type { Context } from '../edge/context.ts';
import { view } from '../edge/operation.ts';
import { loadDeliveryRules } from './delivery-rules-store.ts';
import { destinationKey, findVirtualAccounts } from './find-destinations.ts';

type DeliveryRuleAnswer = z.output<typeof deliveryRule>;

/** The rules are read by everybody with a role in the account, which the publisher's staff have not. */
export const listDeliveryRulesHandler = view(
  listDeliveryRules,
  async (context, { params: { accountId } }) => ({
    items:
      context.grants.length === 0
        ? []
        : await deliveryRuleAnswers(context, accountId, await loadDeliveryRules(context.trx, accountId)),
  }),
);

/** Looks for the rule as a new order does; nothing is booked. */
export const tryDeliveryRulesHandler = view(tryDeliveryRules, async (context, { params, query }) => {
  const { accountId } = params;
  const { trx } = context;
  const product = (await findProducts(trx, [query.sku])).get(query.sku);
  const tags = (product?.grants ?? []).map(({ tag }) => tag);
  const rules = await loadDeliveryRules(trx, accountId);
  const taking = deliveryRoutes(rules)({ sku: query.sku, tags, buyer: query.buyer });
  const answers = await deliveryRuleAnswers(context, accountId, rules);
  const want = { accountId, name: taking?.virtualAccountId ?? null };
  const place = (await findVirtualAccounts(trx, [want])).get(destinationKey(want));
  if (place === undefined)
    throw new Error('an account has a default virtual account, and rules lead to some');
  return {
    product: product === undefined ? null : { name: product.name, tags },
    rule: answers.find(({ ruleId }) => ruleId === taking?.ruleId) ?? null,
    virtualAccount: { virtualAccountId: place.virtualAccountId, path: place.path },
  };
});

/** Rules as they are told, in their order; of a virtual account that the caller may not see nothing is told. */
export async function deliveryRuleAnswers(
  context: Context,
  accountId: string,
  rules: readonly DeliveryRule[],
): Promise<DeliveryRuleAnswer[]> {
  const { rows } = await sql<{ virtualAccountId: string; path: string[] }>`
    select virtual_account_id as "virtualAccountId", virtual_account_path(account_id, virtual_account_id) as path
      from virtual_accounts
     where account_id = ${accountId}
       and virtual_account_id = any(${rules.map(({ virtualAccountId }) => virtualAccountId)}::uuid[])
       and ${visibleScope(context, accountId).includes(sql.ref('virtual_account_id'))}`.execute(context.trx);
  const seen = new Map(rows.map((row) => [row.virtualAccountId, row]));
  return rules.map(({ virtualAccountId, ...rule }, index) => ({
    ...rule,
    position: index + 1,
    virtualAccount: seen.get(virtualAccountId) ?? null,
  }));
}
