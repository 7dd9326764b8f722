import { actionsOf, type OwnGrant, platformActions, platformAllows, sellerOf } from '@estover/domain/access';
import { getMe } from '@estover/protocol';
import type { Actor, Context } from '../edge/context.ts';
import { view } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import { knowsHours } from '../notifications/index.ts';
import { supportGrant, supportStandingsOf } from '../support/index.ts';
import { grantsNowOf } from './authentication.ts';
import { grantsByAccountOf } from './grants-store.ts';

/** Who asks, with the roles and actions in every account they belong to. */
export const getMeHandler = view(getMe, async (context) => {
  const { actor } = context;
  if (actor.kind !== 'person' && actor.kind !== 'api-key') {
    throw new Refused('sign-in-required', 'This needs a session or an API key.');
  }
  const viewing = actor.kind === 'person' ? (actor.viewing ?? null) : null;
  return {
    kind: actor.kind,
    id: actor.id,
    name: actor.name,
    email: actor.kind === 'person' ? actor.email : null,
    viewingAs: viewing === null ? null : { ...viewing, until: viewing.until.toString() },
    platformRoles: actor.platformRoles,
    needsSecondFactor: actor.kind === 'person' && actor.needsSecondFactor === true,
    platformActions: platformActions.filter((action) => platformAllows(actor.platformRoles, action)),
    knowsTimeZone: actor.kind !== 'person' || (await knowsHours(context.trx, actor.id)),
    accounts: await accountsOf(context, actor),
  };
});

async function accountsOf(context: Context, actor: Extract<Actor, { kind: 'person' | 'api-key' }>) {
  const { trx, now } = context;
  const byAccount = await grantsByAccountOf(trx, actor, now);
  const opened = await supportStandingsOf(trx, actor, now);
  const isOpened = (accountId: string) => opened.some((support) => support.accountId === accountId);
  // Of the account that is looked at through another one's eyes it tells what that one may do.
  const viewed = actor.kind === 'person' ? actor.viewing?.accountId : undefined;
  // Nobody is looked at who is there as support.
  const seen = viewed === undefined ? [] : ((await grantsNowOf({ ...context, actor }, viewed)) as OwnGrant[]);
  return [
    ...byAccount
      .filter(({ accountId }) => !isOpened(accountId))
      .map(({ grants: own, ...account }) => {
        const grants = account.accountId === viewed ? seen : own;
        return {
          ...account,
          roles: grants.map(({ role, scope }) => ({ role, scope })),
          soldBy: sellerOf(grants),
          actions: actionsOf(grants),
          support: null,
        };
      }),
    ...opened.map(({ accountId, accountName, domainIdentifier, kind, status, statusReason, ...support }) => ({
      accountId,
      name: accountName,
      domainIdentifier,
      kind,
      status,
      statusReason,
      roles: [],
      soldBy: null,
      actions: actionsOf([supportGrant(support)]),
      support: {
        accessId: support.accessId,
        mode: support.mode,
        caseNumber: support.caseNumber,
        reason: support.reason,
        endsAt: support.endsAt.toString(),
      },
    })),
  ];
}
