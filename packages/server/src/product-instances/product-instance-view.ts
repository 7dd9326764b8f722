import type { AnswerOf, getProductInstance } from '@estover/protocol';
import { sql } from 'kysely';
import { scopeOf } from '../access/scope.ts';
import { eventsOf } from '../audit/index.ts';
import type { Context } from '../edge/context.ts';
import { notFound } from '../edge/refused.ts';
import { readProductInstance } from './product-instances-view.ts';

const mostChanges = 100;

type Change = AnswerOf<typeof getProductInstance>['usageChanges'][number];

/** One product instance with what it used over time and what happened to it. */
export async function getProductInstanceView(
  context: Context,
  accountId: string,
  instanceId: string,
): Promise<AnswerOf<typeof getProductInstance>> {
  const { trx } = context;
  const scope = scopeOf(context, accountId, 'view-inventory');
  const { rows: visible } = await sql`
    select 1 from product_instances p
     where p.account_id = ${accountId} and p.instance_id = ${instanceId}
       and ${scope.includes(sql.ref('p.virtual_account_id'))}`.execute(trx);
  const productInstance =
    visible.length === 0 ? undefined : await readProductInstance(trx, accountId, instanceId);
  if (productInstance === undefined) throw notFound('product instance');
  const { rows: changes } = await sql<Omit<Change, 'at'> & { at: Temporal.Instant }>`
    select u.at, l.tag, l.name as "licenseName", u.from_count as "from", u.to_count as "to", u.reason
      from usage_changes u
      join licenses l using (license_id)
     where u.account_id = ${accountId} and u.instance_id = ${instanceId}
     order by u.at desc, u.change_id desc
     limit ${mostChanges}`.execute(trx);
  return {
    productInstance,
    usageChanges: changes.map((change) => ({ ...change, at: change.at.toString() })),
    events: await eventsOf(
      context,
      accountId,
      { objectKind: 'product-instance', objectId: instanceId },
      mostChanges,
    ),
  };
}
