import { actionsOf, platformActions, platformAllows, sellerOf } from '@estover/domain/access';
import { getMe } from '@estover/protocol';
import type { Actor, Context } from '../edge/context.ts';
import { view } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
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
    platformActions: platformActions.filter((action) => platformAllows(actor.platformRoles, action)),
    accounts: await accountsOf(context, actor),
  };
});

async function accountsOf(context: Context, actor: Extract<Actor, { kind: 'person' | 'api-key' }>) {
  const byAccount = await grantsByAccountOf(context.trx, actor, context.now);
  // Of the account that is looked at through another one's eyes it tells what that one may do.
  const viewed = actor.kind === 'person' ? actor.viewing?.accountId : undefined;
  const seen = viewed === undefined ? [] : await grantsNowOf({ ...context, actor }, viewed);
  return byAccount.map(({ grants: own, ...account }) => {
    const grants = account.accountId === viewed ? seen : own;
    return {
      ...account,
      roles: grants.map(({ role, scope }) => ({ role, scope })),
      soldBy: sellerOf(grants),
      actions: actionsOf(grants),
    };
  });
}
