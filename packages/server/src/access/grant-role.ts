import { grantRole } from '@estover/protocol';
import type { Context } from '../edge/context.ts';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { giveRole } from './give-role.ts';
import { checkedScope, requireFuture, requireMayGive } from './granting.ts';
import { grantsAnywhereOf, type StoredGrant } from './grants-store.ts';
import { namedAccount } from './inviting.ts';
import { requirePartner } from './limit-to-seller.ts';
import { lockAccount } from './scope.ts';
import { saveSellerLimit, sellerLimitOf } from './seller-limits-store.ts';

export const grantRoleHandler = command(grantRole, async (context, { params, body }) => {
  const { accountId } = params;
  const { trx, now } = context;
  if (!(await lockAccount(trx, accountId))) throw notFound('account');
  const scope = await checkedScope(context, accountId, body.role, body.scope);
  const until = body.until === undefined ? null : Temporal.Instant.from(body.until);
  requireFuture(until, now);
  const { role } = body;
  await requireMayGive(context, accountId, { role, scope, until });

  const account = await namedAccount(trx, accountId);
  const { person, grant, isNew, told } = await giveRole(context, account, {
    email: body.email,
    name: body.name ?? body.email,
    role,
    scope,
    until,
  });

  const soldBy =
    body.soldBy === undefined ? null : await limitFirstRole(context, accountId, person, body.soldBy);

  const answer = grantAnswer(grant);
  return {
    answer: { personId: person.personId, grant: answer, ...told },
    event: {
      accountId,
      objectKind: 'grant',
      objectId: grant.grantId,
      virtualAccountId: onlyVirtualAccount(grant),
      message: isNew
        ? `gave ${person.email} the role ${role}${until === null ? '' : ` until ${until}`}${soldBy === null ? '' : `, limited to the lots of ${soldBy}`}`
        : `invited ${person.email} again as ${role}`,
      after: { ...answer, email: person.email, ...(soldBy === null ? {} : { soldBy }) },
    },
  };
});

/**
 * Limits somebody who got their first role to the lots of a seller. With another role they would lose what they see by it
 * without being asked, so that is done by itself.
 */
async function limitFirstRole(
  context: Context,
  accountId: string,
  person: { personId: string; email: string },
  soldBy: string,
): Promise<string> {
  const { trx, now, actor } = context;
  await requirePartner(context, accountId, person.email);
  const before = await sellerLimitOf(trx, accountId, person.personId);
  if (before === soldBy) return soldBy;
  const held = await grantsAnywhereOf(trx, person.personId, now);
  if (before !== null || held.filter((grant) => grant.accountId === accountId).length > 1) {
    const is = before === null ? 'without a limit' : `limited to the lots of ${before}`;
    throw new Refused('seller-limit-differs', `${person.email} has a role in this account already, ${is}.`);
  }
  await saveSellerLimit(trx, { accountId, personId: person.personId }, soldBy, { by: actor.name, at: now });
  return soldBy;
}

export const grantAnswer = (grant: StoredGrant) => ({
  grantId: grant.grantId,
  role: grant.role,
  scope: grant.scope,
  until: grant.until?.toString() ?? null,
  grantedBy: grant.grantedBy,
  grantedAt: grant.grantedAt.toString(),
});

/** The virtual account an event of this grant is shown under, if it concerns just one. */
export const onlyVirtualAccount = ({ scope }: Pick<StoredGrant, 'scope'>): string | null =>
  scope.kind === 'virtual-accounts' && scope.virtualAccounts.length === 1
    ? (scope.virtualAccounts[0]?.virtualAccountId ?? null)
    : null;
