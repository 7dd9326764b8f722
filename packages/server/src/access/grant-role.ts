import { isDeepStrictEqual } from 'node:util';
import { roomForPerson } from '@estover/domain/accounts';
import { grantRole } from '@estover/protocol';
import { command } from '../edge/operation.ts';
import { notFound, Refused } from '../edge/refused.ts';
import { admitPerson } from './admit-person.ts';
import { checkedScope, mayGiveAll, requireMayGive } from './granting.ts';
import { grantsAnywhereOf, holdersOf, insertGrant, type StoredGrant } from './grants-store.ts';
import { platformRolesOf } from './people-store.ts';
import { lockAccount } from './scope.ts';

export const grantRoleHandler = command(grantRole, async (context, { params, body }) => {
  const { accountId } = params;
  const { trx, now, newId, actor } = context;
  if (!(await lockAccount(trx, accountId))) throw notFound('account');
  const scope = await checkedScope(context, accountId, body.role, body.scope);
  const until = body.until === undefined ? null : Temporal.Instant.from(body.until);
  if (until !== null && Temporal.Instant.compare(until, now) <= 0) {
    throw new Refused('invalid-request', `body/until: ${body.until} is not in the future.`, {
      errors: [{ pointer: 'body/until', detail: 'must be in the future', code: 'past' }],
    });
  }
  const { role } = body;
  await requireMayGive(context, accountId, { role, scope, until });

  const name = body.name ?? body.email;
  const account = await trx
    .selectFrom('accounts')
    .select(['account_id as accountId', 'name'])
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow();
  const { person, tell } = await admitPerson(
    context,
    account,
    { name, email: body.email },
    async ({ personId }) => {
      // The link makes its holder that person, so it goes only to somebody who could give all the person has.
      if ((await platformRolesOf(trx, personId)).length > 0) return false;
      const held = await grantsAnywhereOf(trx, personId, now);
      return held.every((grant) => grant.accountId === accountId) && mayGiveAll(context, accountId, held);
    },
  );

  const held = await grantsAnywhereOf(trx, person.personId, now);
  const same = held.find(
    (each) =>
      each.accountId === accountId &&
      each.role === role &&
      String(each.until) === String(until) &&
      isDeepStrictEqual(each.scope, scope),
  );
  if (!held.some((each) => each.accountId === accountId)) {
    const { kind, people } = await holdersOf(trx, accountId, now);
    const room = roomForPerson(kind, people);
    if (!room.ok) {
      const { code, maximum } = room;
      throw new Refused(code, `${people} people have a role here, and ${maximum} is the most.`, { maximum });
    }
  }
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
  if (same === undefined) await insertGrant(trx, grant);
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
