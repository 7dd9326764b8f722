import { isDeepStrictEqual } from 'node:util';
import { grantRole } from '@estover/protocol';
import { command } from '../edge/operation.ts';
import { notFound } from '../edge/refused.ts';
import { requireRoomForPeople } from './account-room.ts';
import { admitPerson } from './admit-person.ts';
import { checkedScope, requireFuture, requireMayGive } from './granting.ts';
import { grantsAnywhereOf, insertGrant, type StoredGrant } from './grants-store.ts';
import { mayInvite, namedAccount } from './inviting.ts';
import { lockAccount } from './scope.ts';

export const grantRoleHandler = command(grantRole, async (context, { params, body }) => {
  const { accountId } = params;
  const { trx, now, newId, actor } = context;
  if (!(await lockAccount(trx, accountId))) throw notFound('account');
  const scope = await checkedScope(context, accountId, body.role, body.scope);
  const until = body.until === undefined ? null : Temporal.Instant.from(body.until);
  requireFuture(until, now);
  const { role } = body;
  await requireMayGive(context, accountId, { role, scope, until });

  const name = body.name ?? body.email;
  const account = await namedAccount(trx, accountId);
  const { person, tell } = await admitPerson(
    context,
    account,
    { name, email: body.email },
    mayInvite(context, accountId),
  );

  const held = await grantsAnywhereOf(trx, person.personId, now);
  const same = held.find(
    (each) =>
      each.accountId === accountId &&
      each.role === role &&
      String(each.until) === String(until) &&
      isDeepStrictEqual(each.scope, scope),
  );
  const grant: StoredGrant = same ?? {
    accountId,
    grantId: newId(),
    personId: person.personId,
    role,
    scope,
    until,
    grantedBy: actor.name,
    grantedAt: now,
  };
  if (same === undefined) {
    await insertGrant(trx, grant);
    await requireRoomForPeople(context, accountId);
  }
  // Somebody who has the role already hears of it again only with a new link.
  const told =
    same === undefined || !person.hasPassword ? await tell(grant) : { invitationLink: null, mailed: false };

  const answer = grantAnswer(grant);
  return {
    answer: { personId: person.personId, grant: answer, ...told },
    event: {
      accountId,
      objectKind: 'grant',
      objectId: grant.grantId,
      virtualAccountId: onlyVirtualAccount(grant),
      message:
        same === undefined
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
