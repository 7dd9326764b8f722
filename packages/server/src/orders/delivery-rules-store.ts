import type { DeliveryRule } from '@estover/domain/orders';
import { sql } from 'kysely';
import type { Trx } from '../database/database.ts';

/*
 * Delivery rules. Callers that change them hold the account's row (`lockAccount`), and those that deliver by them hold
 * it against that, so that the rules stand still meanwhile.
 */

/** The rules of some accounts, each account's in their order; an account without rules is not in the map. */
export async function loadDeliveryRulesOf(
  trx: Trx,
  accountIds: readonly string[],
): Promise<Map<string, DeliveryRule[]>> {
  const rows = await trx
    .selectFrom('delivery_rules')
    .select([
      'account_id as accountId',
      'rule_id as ruleId',
      'sku',
      'tag',
      'buyer',
      'virtual_account_id as virtualAccountId',
    ])
    .where(sql<boolean>`account_id = any(${accountIds}::uuid[])`)
    .orderBy('account_id')
    .orderBy('position')
    .execute();
  const byAccount = Map.groupBy(rows, ({ accountId }) => accountId);
  return new Map(
    [...byAccount].map(([accountId, rules]) => [accountId, rules.map(({ accountId: _, ...rule }) => rule)]),
  );
}

export async function loadDeliveryRules(trx: Trx, accountId: string): Promise<DeliveryRule[]> {
  return (await loadDeliveryRulesOf(trx, [accountId])).get(accountId) ?? [];
}

/** Saves the rules of an account as they are after a change, in their order; those that are not given go. */
export async function saveDeliveryRules(
  trx: Trx,
  accountId: string,
  rules: readonly DeliveryRule[],
): Promise<void> {
  const ids = rules.map(({ ruleId }) => ruleId);
  await sql`
    delete from delivery_rules
     where account_id = ${accountId} and not rule_id = any(${ids}::uuid[])`.execute(trx);
  await sql`
    insert into delivery_rules as known (account_id, rule_id, position, sku, tag, buyer, virtual_account_id)
    select ${accountId}::uuid, rule_id, position, sku, tag, buyer, virtual_account_id
      from unnest(${ids}::uuid[], ${rules.map(({ sku }) => sku)}::text[], ${rules.map(({ tag }) => tag)}::text[],
                  ${rules.map(({ buyer }) => buyer)}::text[],
                  ${rules.map(({ virtualAccountId }) => virtualAccountId)}::uuid[])
           with ordinality as given (rule_id, sku, tag, buyer, virtual_account_id, position)
    on conflict (account_id, rule_id) do update
       set position = excluded.position, sku = excluded.sku, tag = excluded.tag, buyer = excluded.buyer,
           virtual_account_id = excluded.virtual_account_id
     where (known.position, known.sku, known.tag, known.buyer, known.virtual_account_id)
           is distinct from
           (excluded.position, excluded.sku, excluded.tag, excluded.buyer, excluded.virtual_account_id)`.execute(
    trx,
  );
}
