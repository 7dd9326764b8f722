import { grantRole } from '@estover/protocol';
import { command } from '../edge/operation.ts';
import { notFound } from '../edge/refused.ts';
import { giveRole } from './give-role.ts';
import { checkedScope, requireFuture, requireMayGive } from './granting.ts';
import type { StoredGrant } from './grants-store.ts';
import { namedAccount } from './inviting.ts';
import { lockAccount } from './scope.ts';

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

  const answer = grantAnswer(grant);
  return {
    answer: { personId: person.personId, grant: answer, ...told },
    event: {
      accountId,
      objectKind: 'grant',
      objectId: grant.grantId,
      virtualAccountId: onlyVirtualAccount(grant),
      message: isNew
        ? `gave ${person.email} the role ${role}${until === null ? '' : ` until ${until}`}`
        : `invited ${person.email} again as ${role}`,
      after: { ...answer, email: person.email },
    },
  };
});

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
