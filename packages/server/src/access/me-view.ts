import { actionsOf, platformActions, platformAllows, sellerOf } from '@estover/domain/access';
import { getMe } from '@estover/protocol';
import type { Context } from '../edge/context.ts';
import { view } from '../edge/operation.ts';
import { Refused } from '../edge/refused.ts';
import { grantsByAccountOf } from './grants-store.ts';

/** Who asks, with the roles and actions in every account they belong to. */
export const getMeHandler = view(getMe, async (context) => {
  const { actor } = context;
  if (actor.kind !== 'person' && actor.kind !== 'api-key') {
    throw new Refused('sign-in-required', 'This needs a session or an API key.');
  }
  return {
    kind: actor.kind,
    id: actor.id,
    name: actor.name,
    email: actor.kind === 'person' ? actor.email : null,
    platformRoles: actor.platformRoles,
    platformActions: platformActions.filter((action) => platformAllows(actor.platformRoles, action)),
    accounts: await accountsOf(context, actor),
  };
});

async function accountsOf(context: Context, actor: { kind: 'person' | 'api-key'; id: string }) {
  const byAccount = await grantsByAccountOf(context.trx, actor, context.now);
  return byAccount.map(({ grants, ...account }) => ({
    ...account,
    roles: grants.map(({ role, scope }) => ({ role, scope })),
    soldBy: sellerOf(grants),
    actions: actionsOf(grants),
  }));
}
